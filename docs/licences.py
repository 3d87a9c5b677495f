"""The licences of what the program installs, from what each package says of itself."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements" / "run.txt"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,_-]+\])?==\S+(.*)$", re.MULTILINE)
SHORT = 40  # characters; longer texts are the licence itself, not its name
# What packages call a licence, and its name in the SPDX list.
SPDX = {
    "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause", "ISC License": "ISC", "MIT License": "MIT", "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip


def pinned() -> Iterator[str]:
    """The packages of the lock, by name; not those of one system only, which is not this one."""
    seen = set()
    for name, marker in PINNED.findall(LOCK.read_text(encoding="utf-8")):
        if "sys_platform ==" not in marker and name not in seen:
            seen.add(name)
            yield name


def licence(package: str) -> str:
    """What an installed package says, as SPDX has it; empty where it says nothing.

    Its SPDX expression goes first, then a short name, then what it is classified as. Raises
    PackageNotFoundError.
    """
    told = metadata.metadata(package)
    if expression := told.get_all("License-Expression"):
        return str(expression[0])
    said = str((told.get_all("License") or [""])[0])
    if said and len(said) <= SHORT and said != "Dual License":
        return SPDX.get(said, said)
    classified = (str(c).rsplit(" :: ", 1) for c in told.get_all("Classifier") or [])
    names = [found[-1] for found in classified if found[0].startswith("License")]
    return " OR ".join(dict.fromkeys(SPDX.get(name, name) for name in names))


def by_licence() -> dict[str, list[str]]:
    """Packages by the licence that they say, both in alphabetical order."""
    found: dict[str, list[str]] = {}
    for name in pinned():
        found.setdefault(licence(name), []).append(name)
    return {each: sorted(found[each]) for each in sorted(found)}
