"""The folder of the organisation's own playbook files, read without the store.

``own_files`` keeps what it came to; ``app.py check`` only says it, so little is imported here.
"""

from pathlib import Path

from bot.rules.learning.own_playbooks import SUFFIX, OwnFile, parse_file

FOLDER = ""  # the key of what is wrong with the folder itself
FILES_MAX = 100  # in the folder


def read_folder(folder: Path) -> list[OwnFile]:
    """What each file of the folder came to, by name; of a folder that cannot be read, one mistake.

    Blocks while it reads. Other files than ``.toml`` and hidden ones are left alone.
    """
    try:
        names = sorted(p.name for p in folder.iterdir() if p.suffix == SUFFIX and p.name[0] != ".")
    except OSError as error:
        return [OwnFile(FOLDER, mistakes=(f"{folder}: {error.strerror}; check PLAYBOOKS_DIR",))]
    found = [_read_file(folder / name) for name in names[:FILES_MAX]]
    if len(names) > FILES_MAX:
        many = f"{folder}: more than {FILES_MAX} files; those after {names[FILES_MAX - 1]} wait"
        found.append(OwnFile(FOLDER, mistakes=(many,)))
    return found


def _read_file(path: Path) -> OwnFile:
    """What one file came to; one that cannot be read is a mistake like others.

    Neither a right that is missing nor a wrong encoding keeps the other files from being read.
    """
    try:
        return parse_file(path.name, path.read_text(encoding="utf-8"))
    except OSError as error:
        return OwnFile(path.stem, mistakes=(f"{path.name}: {error.strerror}",))
    except UnicodeDecodeError:
        return OwnFile(path.stem, mistakes=(f"{path.name}: it is no UTF-8; save it as UTF-8",))
