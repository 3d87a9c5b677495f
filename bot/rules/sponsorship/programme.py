"""The six texts of the programme, what is missing of them, and what a signature is under. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.rules.sponsorship.words import SponsorshipTopic

MONTHS = 12  # that a membership lasts, where the programme does not say so yet
MONTHS_MAX = 60
DIGEST = 16  # hexadecimal characters


@dataclass(frozen=True, slots=True)
class ProgrammeText:
    """One of the six texts as it stands: who wrote it last, and when."""

    topic: SponsorshipTopic
    body: str
    author: str
    at: datetime
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """The programme as it stands; ``signed_digest`` is of the texts that ``signed_by`` signed."""

    texts: Mapping[SponsorshipTopic, ProgrammeText] = field(default_factory=dict)
    signed_digest: str = ""
    signed_by: str = ""
    signed_at: datetime | None = None

    @property
    def missing(self) -> tuple[SponsorshipTopic, ...]:
        """The topics without a text, in their order."""
        return tuple(topic for topic in SponsorshipTopic if topic not in self.texts)

    @property
    def digest(self) -> str:
        """By which a signature is known to be under these texts."""
        parts = [
            f"{topic}\n{text.months}\n{text.body}" for topic, text in sorted(self.texts.items())
        ]
        return hashlib.sha256("\n\n".join(parts).encode()).hexdigest()[:DIGEST]

    @property
    def changed_since(self) -> bool:
        """True where it was signed once, and a text was changed since."""
        return bool(self.signed_digest) and self.signed_digest != self.digest

    @property
    def active(self) -> bool:
        """True where all six texts are there and an executive signed exactly these."""
        return not self.missing and self.signed_digest == self.digest

    @property
    def months(self) -> int:
        """How long a membership lasts."""
        text = self.texts.get(SponsorshipTopic.EXIT)
        return (text.months if text else None) or MONTHS
