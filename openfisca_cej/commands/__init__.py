"""Commands of `openfisca-cej` beside `simulate`, one module each.

What is slow to import is imported where it is used: `--help` answers at once.
"""
