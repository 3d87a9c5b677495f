"""Files of the administrator: a key or an entry a line."""

from pathlib import Path


def read_key_file(path: Path) -> list[str]:
    """Return the keys in a file, a line each, in their order; blank lines and ``#`` are skipped.

    Raises OSError and UnicodeDecodeError.
    """
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def require_key_file(path: Path) -> list[str]:
    """The same; raises ValueError, a sentence for the administrator, where it cannot be read."""
    try:
        return read_key_file(path)
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file {path} cannot be read") from None
