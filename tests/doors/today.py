"""What fails today, by case: each must fail until it is mended, and then leaves this list."""

TODAY: dict[str, tuple[str, ...]] = {
    # The birth date is asked in the file of persons, where a file of months gives the age.
    "an age beside a birth date": ("long CSV",),
}
