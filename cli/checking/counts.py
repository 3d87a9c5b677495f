"""Numbers with what they count, as commands print them."""


def count_things(number: int, thing: str) -> str:
    """Return ``1 case`` or ``2 cases``; ``thing`` is a noun whose plural ends in s."""
    return f"{number} {thing if number == 1 else thing + 's'}"
