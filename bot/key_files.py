"""Files of the administrator, a key or an entry a line, and the folders that settings name."""

import os
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from bot.rules.languages import SETTING as LANGUAGES_DIR


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


class FolderSettings(BaseSettings):
    """What folders the administrator sets; a part of ``bot/settings.py``, which reads it.

    Each field is the environment variable of the same name in capitals.
    """

    languages_dir: Path | None = Field(
        None,
        description="a directory with further languages, a folder each; it is read when the"
        " program starts, so a .env file is too late for it",
    )
    playbooks_dir: Path | None = Field(
        None,
        description="a directory with the organisation's own playbooks, a TOML file each; read at"
        " the start and each hour",
    )

    @field_validator("languages_dir")
    @classmethod
    def _languages(cls, path: Path | None) -> Path | None:
        """Refuse a directory that a .env file names: languages are read before that file is."""
        if path is not None and str(path) != os.environ.get(LANGUAGES_DIR):
            raise ValueError("must stand in the environment of the process, not in a .env file")
        return path
