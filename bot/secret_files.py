"""Secrets that stand in a file of their own, as container platforms hand them over.

For a secret such as ``SLACK_BOT_TOKEN`` the environment or the ``.env`` file may name its file
instead: ``SLACK_BOT_TOKEN_FILE=/run/secrets/bot-token``. So it stands neither in the environment,
which every child process inherits, nor in a file that is kept with the deployment.
"""

from pathlib import Path
from typing import Any, NamedTuple

from pydantic import field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
)

SUFFIX = "_file"
MOST = 64 * 1024  # characters that a secret may have; a wrong path is often a far larger file
SECRET_ENDS = ("_token", "_secret", "_password", "_key")
ALSO_SECRET = frozenset({"database_url"})  # it may have a password in it


class SecretFile(NamedTuple):
    """The file that a setting names; ``twice``: the setting itself is there as well."""

    path: str
    twice: bool


def is_secret(name: str, fields: Any) -> bool:
    """Whether a setting may be read from a file that ``NAME_FILE`` names.

    Not where that is a setting of its own, which has several entries and may be read anew.
    """
    return f"{name}{SUFFIX}" not in fields and (name in ALSO_SECRET or name.endswith(SECRET_ENDS))


class SecretFileSource(PydanticBaseSettingsSource):
    """Finds which secrets are in files; ``SecretSettings`` reads these and says what is wrong.

    The environment wins over the ``.env`` file, as for every setting.
    """

    def __init__(self, model: type[BaseSettings], *sources: PydanticBaseSettingsSource) -> None:
        super().__init__(model)
        self._sources = [each for each in sources if isinstance(each, EnvSettingsSource)]

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The secret's file, None where none is named."""
        path, there = self._named(field_name + SUFFIX), self._named(field_name)
        return SecretFile(path, bool(there)) if path else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """By the setting's name, each ``SecretFile``."""
        fields = self.settings_cls.model_fields
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in fields.items()
            if is_secret(name, fields)
        }
        return {name: file for name, file in found.items() if file}

    def _named(self, name: str) -> str:
        """What the first source that has this variable says, empty where none does."""
        said = (each.env_vars.get(name) for each in self._sources)
        return next((text for text in said if text), "")


class SecretSettings(BaseSettings):
    """Settings of which each secret may stand in a file: ``is_secret`` says which."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Look for files before the secrets themselves, to see where both are given."""
        files = SecretFileSource(settings_cls, env_settings, dotenv_settings)
        return init_settings, files, env_settings, dotenv_settings, file_secret_settings

    @field_validator("*", mode="before")
    @classmethod
    def _from_file(cls, value: Any) -> Any:
        """Read a secret of its file, without the line end that editors add; other values pass.

        The sentences name the file, never what is in it.
        """
        if not isinstance(value, SecretFile):
            return value
        if value.twice:
            raise ValueError("is set beside its _FILE; keep one of them")
        try:
            with Path(value.path).open(encoding="utf-8") as file:
                secret = file.read(MOST + 1)
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"the file {value.path} cannot be read") from None
        if not secret.strip() or len(secret) > MOST:
            raise ValueError(f"there is no secret in {value.path}, or far more than one")
        return secret.strip()
