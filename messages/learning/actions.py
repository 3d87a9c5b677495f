"""Action items of many cases as a private answer."""

from collections.abc import Iterator

from bot.rules.facts import ActionFacts, ActionLine, ActionPage
from bot.rules.words import Language
from messages.bugs.lines import work_line
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, on_day
from messages.kit.texts import plural, t

OTHERS = 20  # from where the buttons are counted that are no row's
LISTS = ("mine", "led", "overdue")


def actions_answer(found: ActionPage, language: Language) -> Message:
    """List a page of action items, each with its button, and the way to the other lists.

    An empty list of a case leads to adding one. The plain text has every line.
    """
    reference = f"ESC-{found.case_number}"
    title = t(language, f"actions.{found.which}", reference=reference)
    if found.page > 1:
        title = t(language, "actions.page", title=title, page=found.page)
    lines = [action_line(line, found, language) for line in found.lines]
    none = f"actions.none{'_case' if found.case_number else ''}"
    empty = [] if lines else [t(language, none)]
    return message(
        "\n".join([f"{title}:", *lines, *empty]),
        section("\n".join([f"*{title}*", *empty])),
        *(
            block
            for number, line in enumerate(found.lines, 1)
            for block in _rows(line, found, language, number)
        ),
        actions(*_ways(found, language)),
    )


def waiting_rows(found: ActionPage, count: int, language: Language) -> list[Block]:
    """What waits for the reader of an App Home, each with its buttons, with the way to all of it.

    ``count`` are how many wait in all; those that are not shown are counted below.
    """
    left = count - len(found.lines)
    way = button("show:actions#2", t(language, "actions.mine"), {})
    blocks = [section(f"*{plural(language, 'home.actions', count)}*", None if left > 0 else way)]
    for number, line in enumerate(found.lines, 1):
        blocks += _rows(line, found, language, number)
    if left > 0:
        blocks.append(section(plural(language, "home.actions_left", left), way))
    return blocks


def _rows(line: ActionLine, found: ActionPage, language: Language, number: int) -> list[Block]:
    """An item, and below it what this reader can do about it; ``number`` tells the rows apart."""
    shown = section(action_line(line, found, language))
    presses = actions(*_presses(line, found, language, number))
    return [shown, presses] if presses else [shown]


def _presses(line: ActionLine, found: ActionPage, language: Language, number: int) -> list[Block]:
    """The buttons of an item for this reader: to answer an offer, to look at it, or to work on it.

    Of one that is over only taking that back is left, to be done by those who may.
    """
    item, reader = line.action, found.reader
    values: dict[str, object] = {"case": line.case_number, "action": item.id}
    yes, no = values | {"accept": True}, values | {"accept": False}

    def press(action: str, text: str, given: dict[str, object], style: str = "") -> Block:
        return button(f"{action}#{number}", t(language, f"press.{text}"), given, style=style)

    if item.done_at is not None:
        return [press("do:reopen_action", "reopen_action", values)] if item.dropped_why else []
    if item.waits:
        if reader in (item.owner, item.reported_by):
            return []
        return [
            press("do:verify_action", "verify_action", yes, "primary"),
            press("ask:verify_action", "not_yet_done", no),
        ]
    if item.offered_to == reader:
        return [
            press("do:answer_action_offer", "take_action", yes, "primary"),
            press("ask:answer_action_offer", "decline_action", no),
        ]
    return [
        press("ask:action_done", "action_done", values),
        press("ask:reassign_action", "reassign_action", values),
        press("ask:edit_action", "edit_action", values),
        press("ask:drop_action", "drop_action", values),
    ]


def action_line(line: ActionLine, found: ActionPage, language: Language) -> str:
    """What is to be done, for which case and customer, by whom and by when; or how it was shown."""
    item = line.action
    key = _state(item, found)
    said = t(
        language,
        f"actions.{key}",
        title=short_text(item.title, 200),
        reference=f"ESC-{line.case_number}",
        customer=short_text(line.customer, 60),
        user=mention_user(item.owner),
        due=on_day(item.due, language),
        evidence=short_text(item.evidence, 120),
        why=short_text(item.dropped_why, 120),
    )
    if item.waits and item.verifier:
        said += "\n" + t(language, "actions.looks", user=mention_user(item.verifier))
    if item.done_at is not None and item.verifier and not item.dropped_why:
        said += "\n" + t(language, "actions.looked", user=mention_user(item.verifier))
    if item.bug is not None:
        said += "\n" + work_line(item.bug, language)
    if item.done_at is None and item.offered_to:
        said += "\n" + t(language, "actions.offered", user=mention_user(item.offered_to))
    return said


def _state(item: ActionFacts, found: ActionPage) -> str:
    """Which line of ``actions.`` says how the item stands.

    What is said to be done is not overdue any more: it waits for a look, and its owner has done
    what they could.
    """
    if item.dropped_why:
        return "dropped"
    if item.done_at is not None:
        return "done"
    if item.waits:
        return "waits"
    return "overdue_line" if item.due < found.today else "open"


def _ways(found: ActionPage, language: Language) -> Iterator[Block]:
    """The neighbouring pages, the other lists, and adding one to the case that is shown."""
    about = {"case": found.case_number} if found.case_number else {"scope": found.which}
    if found.page > 1:
        before = {**about, "page": found.page - 1}
        yield button(f"show:actions#{OTHERS}", t(language, "actions.before"), before)
    if found.more:
        after = {**about, "page": found.page + 1}
        yield button(f"show:actions#{OTHERS + 1}", t(language, "actions.after"), after)
    for number, which in enumerate(LISTS, OTHERS + 2):
        if which != found.which:
            to = t(language, f"actions.to_{which}")
            yield button(f"show:actions#{number}", to, {"scope": which})
    if found.case_number:
        add = t(language, "menu.action_item")
        yield button("ask:action_item", add, {"case": found.case_number})
