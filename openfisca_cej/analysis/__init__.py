"""A baseline against a reform: totals, winners and losers, curves, and what they rest on."""
