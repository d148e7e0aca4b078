"""Commands of `openfisca-cej` beside `simulate`, one module each."""
