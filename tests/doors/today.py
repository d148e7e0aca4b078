"""What fails today, by case: each must fail until it is mended, and then leaves this list."""

TODAY: dict[str, tuple[str, ...]] = {}
