"""What is needed besides rules: a form for a verb that asks for something, and words for all.

``handlers/slack/app.py`` asks for it when it is imported, so a verb, a reminder or a help desk that
lacks any of it is noticed before a person meets it. Permissions and statuses are checked by
``bot.registry``.
"""

from collections.abc import Container, Iterable, Iterator, Mapping

from bot.engine.due import DueRow
from bot.engine.intent import Intent, Mark, Record, fields_marked
from bot.registry import IncompleteVerbError, name_verb
from bot.rules.lifecycle import guards_of, statuses_of
from bot.rules.permissions import ENTRUSTED
from bot.rules.words import HelpDesk, Language
from handlers.commands import Subcommand

GIVEN = frozenset({"case"})  # what the channel or the picker tells


class MissingWordsError(Exception):
    """Help desks and reminders that lack their words; the message names each, a line each."""


def require_words(
    verbs: Iterable[type[Intent]],
    commands: Iterable[Subcommand],
    forms: Container[str],
    answers: Container[str],
    texts: Mapping[Language, Container[str]],
) -> None:
    """Raise IncompleteVerbError unless each verb has its form and each text in each language.

    ``forms`` and ``answers`` are the names of the forms and of the private answers, ``texts`` the
    keys of each language. A verb that asks for more than buttons carry needs a form, or a private
    answer of the same name with buttons that ask. A command needs its line of help and its heading,
    and one with ``do:`` leads to one of the verbs.
    The error lists everything that is missing, a line each.
    """
    models, rows = tuple(verbs), tuple(commands)
    missing = list(_leading_nowhere(rows, {model.verb for model in models}))
    for model in models:
        if model.verb not in forms and model.verb not in answers and (asked := asked_fields(model)):
            missing.append(f"{name_verb(model)} asks for {', '.join(asked)} and has no form")
        missing += _unsaid(name_verb(model), texts_of(model, has_form=model.verb in forms), texts)
    for row in rows:
        keys = ((row.help_key,), (f"help_group.{row.group}",))
        missing += _unsaid(f"/escalate {row.name}", keys, texts)
    if missing:
        raise IncompleteVerbError("\n".join(missing))


def _leading_nowhere(commands: Iterable[Subcommand], verbs: Container[str]) -> Iterator[str]:
    for row in commands:
        if row.leads_to.startswith("do:") and row.verb not in verbs:
            yield (
                f"/escalate {row.name} leads to {row.leads_to}, "
                "and no row of VERBS in bot/registry.py has that verb"
            )


def asked_fields(model: type[Intent]) -> list[str]:
    """The fields that a person must fill in: required, and carried by no button or form."""
    carried = GIVEN.union(fields_marked(model, Mark.HIDDEN))
    required = (name for name, field in model.model_fields.items() if field.is_required())
    return [name for name in required if name not in carried]


def texts_of(model: type[Intent], *, has_form: bool) -> Iterator[tuple[str, ...]]:
    """The texts that the verb needs, as far as its rules tell; of each tuple all or the first.

    A sentence of the record may be two, which say how it came out.
    """
    if has_form:
        yield from ((f"form.{model.verb}.{part}",) for part in ("title", "submit"))
    if model.record is not Record.NONE:
        said = f"{model.record}.{model.recorded_as or model.verb}"
        yield said, f"{said}_yes", f"{said}_no"
    yield from ((f"refusal.{key}",) for key in _refusals(model))


def _refusals(model: type[Intent]) -> Iterator[str]:
    """What the tables refuse: permission, allowance, status and the guards of its steps."""
    yield "not_your_role"
    if model.verb in ENTRUSTED:
        yield "not_entrusted"
    if model.allowance:
        yield f"too_many_{model.allowance}"
    if statuses_of(model.verb):
        yield "wrong_status"
    yield from sorted(guards_of(model.verb))


def _unsaid(
    what: str, wanted: Iterable[tuple[str, ...]], texts: Mapping[Language, Container[str]]
) -> Iterator[str]:
    for keys in wanted:
        for language, known in texts.items():
            either = keys[1:]
            if keys[0] not in known and not (either and all(key in known for key in either)):
                yield f"{what} has no text {keys[0]} in {language.value}"


def require_desk_words(desks: Iterable[HelpDesk], texts: Mapping[Language, Container[str]]) -> None:
    """Raise MissingWordsError unless each help desk has its name, and its route both its texts."""
    missing: list[str] = []
    for desk in desks:
        keys = (f"help_desk.{desk.value}", f"route.{desk.value}", f"route.{desk.value}_now")
        missing += _unsaid(f"help desk {desk.value}", ((key,) for key in keys), texts)
    if missing:
        raise MissingWordsError("\n".join(missing))


def require_notices(due: Iterable[DueRow], notices: Container[str]) -> None:
    """Raise MissingWordsError unless each ``notice:<name>`` of a reminder is in ``notices``."""
    missing = [
        f"reminder {each.what} of {row.what} has no row {name!r} in NOTICES"
        for row in due
        for each in row.says
        for place, _, name in (each.template.partition(":"),)
        if place == "notice" and name not in notices
    ]
    if missing:
        raise MissingWordsError("\n".join(missing))
