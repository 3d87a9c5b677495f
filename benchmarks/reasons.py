"""Why a target is missed where it is: a sentence for each kind of figure, in reasons.toml."""

import re
import tomllib
from pathlib import Path

from benchmarks.figures import Figure

FILE = Path(__file__).with_name("reasons.toml")
UNKNOWN = "**Not explained yet.**"


def reason(figure: Figure) -> str:
    """The sentence for a missed target."""
    whole = f"{figure.part}: {figure.name}"
    known = tomllib.loads(FILE.read_text(encoding="utf-8"))["reason"]
    found = (str(r["why"]) for r in known if re.search(r["pattern"], whole))
    return " ".join(next(found, UNKNOWN).split())
