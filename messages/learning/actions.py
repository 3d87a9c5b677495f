"""Action items of many cases as a private answer."""

from collections.abc import Iterator

from bot.rules.facts import ActionLine, ActionPage
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, on_day
from messages.kit.texts import t

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
        *(_row(line, found, language, number) for number, line in enumerate(found.lines, 1)),
        actions(*_ways(found, language)),
    )


def _row(line: ActionLine, found: ActionPage, language: Language, number: int) -> Block:
    words = action_line(line, found, language)
    if line.action.done_at is not None:
        return section(words)
    values = {"case": line.case_number, "action": line.action.id}
    return section(words, button(f"ask:action_done#{number}", t(language, "button.done"), values))


def action_line(line: ActionLine, found: ActionPage, language: Language) -> str:
    """What is to be done, for which case and customer, by whom and by when; or how it was shown."""
    item = line.action
    late = item.due < found.today
    key = "done" if item.done_at is not None else "overdue_line" if late else "open"
    return t(
        language,
        f"actions.{key}",
        title=short_text(item.title, 200),
        reference=f"ESC-{line.case_number}",
        customer=short_text(line.customer, 60),
        user=mention_user(item.owner),
        due=on_day(item.due, language),
        evidence=short_text(item.evidence, 120),
    )


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
