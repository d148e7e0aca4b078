"""One case: why this amount, what is not known, and how it changes with time and wages."""
