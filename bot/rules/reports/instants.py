"""Instants of kept figures as JSON has them: seconds since 1970, exact to the microsecond."""

from datetime import UTC, datetime


def seconds(instant: datetime | None) -> float | None:
    """Seconds since 1970; None for an instant that is not known."""
    return instant.timestamp() if instant is not None else None


def known_instant(stored: float | None) -> datetime | None:
    """The instant in UTC of what ``seconds`` gave; None for none."""
    return to_instant(stored) if stored is not None else None


def to_instant(stored: float) -> datetime:
    """The instant in UTC of so many seconds since 1970."""
    return datetime.fromtimestamp(stored, UTC)
