"""What the program installs says its licence, may be installed under it, and is pinned by hash."""

import re
import tomllib

from docs.generate import ROOT
from docs.licences import LOCK, by_licence, licence, pinned

REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def test_each_package_says_its_licence_and_none_is_bound_to_the_gpl() -> None:
    found = by_licence()
    assert found.get("", []) == []
    bound = [each for each in found if re.search(r"(?<!L)GPL", each)]
    assert bound == []
    assert licence("slack-bolt") == "MIT"


def test_the_lock_names_everything_that_the_program_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {re.match(r"[a-z0-9-]+", each)[0] for each in project["project"]["dependencies"]}
    assert asked - set(pinned()) == set()


def test_every_pin_has_a_hash_and_no_file_names_where_packages_are() -> None:
    assert [path.name for path in REQUIREMENTS] == ["dev.txt", "run.txt", "sbom.txt"]
    for path in REQUIREMENTS:
        text = path.read_text(encoding="utf-8")
        pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert pins, path
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
        assert "://" not in text
    assert LOCK in REQUIREMENTS
