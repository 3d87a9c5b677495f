"""The policy's tables ``[routing]`` and ``[skills]``: who answers for a component, who can help.

A skill is kept as a ``Route`` without a team of its own, so that user groups are looked up, and
names compared, as those of components are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.rules.duty.sources import HANDLE
from bot.rules.names import fold_name
from bot.rules.policy.reader import Table, WrongValueError, list_of, words_parser

KEYS = ("team", "people")
NAME_MAX = 60  # characters of a component, so that it fits into an option of a form
ROUTES_MAX = 100  # as many as a form's list has
PERSON = re.compile(rf"[UWS][A-Z0-9]{{4,}}|{HANDLE.pattern}")
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Route:
    """The team of a component; of ``people`` the first who is there is asked.

    As written they are Slack user ids (U…, W…) and user groups (S…, @handle), whose members stand
    in their place once Slack was asked (``bot/people/route_people.py``).
    """

    component: str
    team: str
    people: tuple[str, ...]


def read_routing(top: Table) -> Mapping[str, Route]:
    """The routes by component, in the order of the file; none where the policy has none."""
    raw = top.raw.get("routing", {})
    names = [str(name) for name in raw] if isinstance(raw, Mapping) else []
    table, found = top.table("routing", names), dict[str, Route]()
    for name in names:
        if not name.strip() or len(name) > NAME_MAX or len(names) > ROUTES_MAX:
            most = f"at most {NAME_MAX} characters, at most {ROUTES_MAX} components"
            table.wrong(name, "is no component's name", most)
        elif find_route(found, name):
            table.wrong(name, "stands in it twice, but for case and accents")
        entry = table.table(name, KEYS)
        people: tuple[str, ...] = entry.required("people", list_of(read_person), ())
        found[name] = Route(name, entry.value("team", words_parser, name), people)
    return found


def read_skills(top: Table) -> Mapping[str, Route]:
    """The people of each skill, in the order of the file; none where the policy has none.

    ``"Database" = ["U0TOMAS", "@dba"]``: Slack user ids and user groups, at least one. A name that
    is too long or stands in it twice, and a value that is no list of people, is a mistake of the
    policy.
    """
    raw = top.raw.get("skills", {})
    names = [str(name) for name in raw] if isinstance(raw, Mapping) else []
    table, found = top.table("skills", names), dict[str, Route]()
    for name in names:
        if not name.strip() or len(name) > NAME_MAX or len(names) > ROUTES_MAX:
            most = f"at most {NAME_MAX} characters, at most {ROUTES_MAX} skills"
            table.wrong(name, "is no skill's name", most)
        elif find_route(found, name):
            table.wrong(name, "stands in it twice, but for case and accents")
        people: tuple[str, ...] = table.required(name, list_of(read_person), ())
        if not people and name in table:
            table.wrong(name, "names nobody", "a list with a Slack user id or a user group")
        found[name] = Route(name, name, people)
    return found


def read_person(value: object) -> str:
    """A Slack user id or a user group, by its form only. Raises WrongValueError for all else."""
    if not isinstance(value, str) or not PERSON.fullmatch(value):
        raise WrongValueError(
            f"{value!r} is nobody", "a Slack user id (U…), a user group (S… or @handle)"
        )
    return value


def find_route(routing: Mapping[str, Route], name: str) -> Route | None:
    """The route of a component, whatever the case and accents of its name; None for no such one."""
    wanted = fold_name(name)
    return next((each for each in routing.values() if fold_name(each.component) == wanted), None)


def suggest_component(routing: Mapping[str, Route], text: str) -> str:
    """The only component that the text names; empty for none, and for several."""
    said = _words(text)
    found = [name for name in routing if _words(name) in said]
    return found[0] if len(found) == 1 else ""


def _words(text: str) -> str:
    return f" {' '.join(WORD.findall(fold_name(text)))} "
