"""Playbooks as private answers: which there are, and what one says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from bot.rules.facts import CaseFacts
from bot.rules.learning.playbooks import Playbook, fitting, uncovered_causes
from bot.rules.lifecycle import OPEN
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, format_span
from messages.kit.texts import label, t

NAME_SHOWN = 60  # characters of a name that is none


def playbook_list(
    case: CaseFacts | None, playbooks: Mapping[str, Playbook], name: str, language: Language
) -> Message:
    """List all playbooks, those that fit the case first, and the root causes that have none.

    ``name`` is what was looked for and is none of them; empty where none was named.
    """
    fit = fitting(playbooks.values(), case) if case else ()
    rest = [each for each in playbooks.values() if each not in fit]
    title = t(language, "playbooks.title")
    if case:
        title = t(language, "playbooks.title_of", reference=case.reference)
    lead = [t(language, "playbooks.unknown", name=short_text(name, NAME_SHOWN))] if name else []
    rows = [*_rows(case, (*fit, *rest), len(fit), language)]
    bare = _uncovered(playbooks, language)
    named = [_named(each, place < len(fit), language) for place, each in enumerate([*fit, *rest])]
    return message(
        "\n".join([f"{title}:", *lead, *named, *bare]),
        section("\n".join([f"*{title}*", *lead])),
        *rows,
        *(section(each) for each in bare),
    )


def _rows(
    case: CaseFacts | None, playbooks: Sequence[Playbook], fit: int, language: Language
) -> Iterator[Block]:
    """A row for each playbook with the way to read it; the first ``fit`` fit the case."""
    about = {"case": case.number} if case else {}
    for place, each in enumerate(playbooks):
        press = button(
            f"show:playbook#{place + 1}", t(language, "press.playbook"), {"name": each.key, **about}
        )
        yield section(_named(each, place < fit, language), press)


def _named(playbook: Playbook, fits: bool, language: Language) -> str:
    """The playbook's title, with a mark where it fits the case.

    Titles come from a file, and are escaped as anything that does.
    """
    key = "playbooks.fits" if fits else "playbooks.other"
    return t(language, key, title=escape(playbook.wording(language).title))


def _uncovered(playbooks: Mapping[str, Playbook], language: Language) -> list[str]:
    """The root causes without a playbook, as one line; none where each has one.

    A cause that several cases had and that stands here is the next playbook to write.
    """
    causes = [label(language, cause) for cause in uncovered_causes(playbooks.values())]
    return [t(language, "playbooks.uncovered", causes=", ".join(causes))] if causes else []


def playbook_answer(playbook: Playbook, case: CaseFacts | None, language: Language) -> Message:
    """What one playbook says: steps with role and time, what to say, what never to do, its end.

    What is said is the same for every case; an open ``case`` can be worked on by it.
    """
    words = playbook.wording(language)
    title = t(language, "playbooks.one", title=escape(words.title))
    parts = [
        "\n".join(step_line(playbook, place, language) for place in range(len(playbook.steps))),
        _lines("playbooks.say", words.say, language),
        never_lines(playbook, language),
        t(language, "playbooks.exit", text=escape(words.exit)) if words.exit else "",
    ]
    shown = [part for part in parts if part]
    about = {"case": case.number} if case else {}
    work: Block | None = None
    if case is not None and case.status in OPEN:
        values = {"case": case.number, "name": playbook.key}
        press = t(language, "press.apply_playbook", reference=case.reference)
        work = button("do:apply_playbook", press, values, style="primary")
    back = button("show:playbook", t(language, "press.playbooks"), about)
    return message(
        "\n".join([title, *shown]),
        section(f"*{title}*"),
        *(section(part) for part in shown),
        actions(work, back),
    )


def step_line(playbook: Playbook, place: int, language: Language) -> str:
    """One step by its place from 0: number, what is done, by whom, within what time."""
    step, said = playbook.steps[place], playbook.wording(language).steps[place]
    within = format_span(timedelta(minutes=step.minutes), language)
    who = label(language, step.role)
    return t(language, "playbooks.step", place=place + 1, text=escape(said), who=who, within=within)


def never_lines(playbook: Playbook, language: Language) -> str:
    """What must not be done, a line each; empty where there is nothing.

    They stand below the steps; a line is a whole sentence.
    """
    return _lines("playbooks.never", playbook.wording(language).never, language)


def _lines(key: str, lines: Sequence[str], language: Language) -> str:
    """A heading and a line for each; empty where there is none."""
    if not lines:
        return ""
    return "\n".join([t(language, key), *(f"•  {escape(line)}" for line in lines)])
