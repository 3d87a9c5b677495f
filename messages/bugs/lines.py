"""How a bug of the developers' tracker is written: its name, how it stands, when its fix comes."""

from bot.rules.bugs.state import BugFacts, BugStage, BugState, BugTrouble
from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import fits_status
from bot.rules.words import Language
from messages.kit.blocks import Block, menu_item, overflow, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mrkdwn_link, on_day
from messages.kit.texts import t


def bug_line(bug: BugFacts, language: Language) -> str:
    """Write one line of mrkdwn: the bug with its page, its status, and the version and its day."""
    return t(language, "bug.line", parts="  ·  ".join(_parts(bug, language)))


def _parts(bug: BugFacts, language: Language) -> list[str]:
    """Write what is known, in order; a trouble stands in front of what was last read."""
    state, trouble = bug.state, bug.trouble
    name = bug_name(bug)
    if trouble is not None:
        name += f"  ·  ⚠️ {t(language, f'bug.trouble.{trouble.value}')}"
    if state is None:
        return [name]
    known = [short_text(state.summary, 80), short_text(state.status, 40)]
    return [name, *(each for each in known if each), *_fix(state, trouble, language)]


def work_line(bug: BugFacts, language: Language) -> str:
    """Write one line of mrkdwn for an issue in which something is done: its page, how it stands.

    A trouble stands in front of what was last read; how it was closed only where it was not done.
    """
    state, parts = bug.state, [bug_name(bug)]
    if bug.trouble is not None:
        parts.append(f"⚠️ {t(language, f'bug.trouble.{bug.trouble.value}')}")
    if state is not None and state.status:
        parts.append(short_text(state.status, 40))
    if state is not None and state.stage is BugStage.DROPPED:
        parts.append(t(language, "bug.work_dropped", answer=short_text(state.resolution, 40)))
    return t(language, "bug.work", parts="  ·  ".join(parts))


def bug_section(case: CaseFacts, language: Language) -> Block | None:
    """Draw the bug that a case waits for, with its menu; None while it waits for none."""
    return section(bug_line(case.bug, language), bug_menu(case, language)) if case.bug else None


def bug_menu(case: CaseFacts, language: Language) -> Block | None:
    """Offer to unlink the bug, and to link another one as long as the case is live."""
    offered = {"ask:link_bug": "link_other_bug", "do:unlink_bug": "unlink_bug"}
    items = [
        menu_item(action, t(language, f"menu.{text}"), {"case": case.number})
        for action, text in offered.items()
        if fits_status(case.status, action.partition(":")[2])
    ]
    return overflow(6, items)


def bug_name(bug: BugFacts) -> str:
    """Write the bug's name, as a link where it has a page."""
    name = short_text(bug.name.rstrip("/").rpartition("/")[2] or bug.name, 80)
    return mrkdwn_link(bug.url, name) if bug.url else name


def _fix(state: BugState, trouble: BugTrouble | None, language: Language) -> list[str]:
    """Write when customers get the repair; nothing of a bug that cannot be read any more."""
    if trouble is not None:
        return []
    day = on_day(state.fix_day, language) if state.fix_day else ""
    version = short_text(state.version.name, 40) if state.version else ""
    ending = "_".join(word for word, known in (("in", version), ("day", day)) if known) or "bare"
    if state.stage is BugStage.DROPPED:
        answer = short_text(state.resolution, 40)
        return [t(language, "bug.dropped", answer=answer)]
    return [t(language, f"bug.{state.stage.value}_{ending}", version=version, day=day)]
