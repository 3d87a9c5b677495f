"""The steps of an installation, in App Home and as a private answer.

Texts: ``setup.*``. Each step says how it stands, what it lacks, what to do next, and the lines to
paste where they belong.
"""

from collections.abc import Iterator

from bot.rules.membership import Unfilled
from bot.rules.setup import Lack, SetupPage, SetupRow, SetupStep, StepState, TrialEnd
from bot.rules.words import Language, Role
from messages.kit.blocks import Block, Message, actions, button, divider, message, section
from messages.kit.mrkdwn import escape, mention_channel, mention_user, slack_date
from messages.kit.template_context import lower_first
from messages.kit.texts import label, load_texts, t
from messages.setup.lines import lines_to_paste

MARKS = {StepState.DONE: "✓", StepState.OPEN: "○", StepState.SKIPPED: "–"}
LACKS_MAX = 6  # of one step; the rest is counted


def setup_blocks(page: SetupPage, user: str, zone: str, language: Language) -> list[Block | None]:
    """The steps with title and buttons; ``user`` and ``zone`` are the reader's, for the lines.

    At most thirteen blocks: two for the title, two a step, one for what comes then. ``zone`` is an
    IANA name. Buttons are numbered by step, since a view wants each once.
    """
    done = sum(row.state is not StepState.OPEN for row in page.rows)
    head = t(language, "setup.title", done=done, total=len(page.rows))
    blocks: list[Block | None] = [divider(), section(f"*{head}*")]
    for number, row in enumerate(page.rows, start=1):
        blocks.append(section(step_text(row, user, zone, language)))
        blocks.append(actions(*_buttons(row, page, number, language)))
    if page.is_open:
        blocks.append(section(t(language, "setup.then"), _again(language)))
    return blocks


def setup_answer(page: SetupPage, user: str, zone: str, language: Language) -> Message:
    """All steps as a private answer, whether they are done or not."""
    texts = [step_text(row, user, zone, language) for row in page.rows]
    return message("\n\n".join(texts), *setup_blocks(page, user, zone, language)[1:])


def step_text(row: SetupRow, user: str, zone: str, language: Language) -> str:
    """One step in words: its mark and name, then what it lacks and the next step.

    At most ``LACKS_MAX`` of what it lacks are named, the rest is counted. The last test mail stands
    with it whatever became of it. What people and servers wrote is escaped.
    """
    name = t(language, f"setup.step.{row.step.value}")
    lines = [f"{MARKS[row.state]} *{name}*"]
    if row.state is StepState.SKIPPED:
        return f"{lines[0]}\n{t(language, 'setup.skipped', user=mention_user(row.skipped_by))}"
    if row.state is StepState.OPEN:
        lines += [f"•  {_lack(lack, language)}" for lack in row.lacks[:LACKS_MAX]]
        if (more := len(row.lacks) - LACKS_MAX) > 0:
            lines.append(t(language, "setup.more", count=more))
    if row.trial is not None:
        lines.append(_trial(row, language))
    if row.state is StepState.OPEN:
        lines.append(_next(row, language))
        if pasted := lines_to_paste(row.step, row.lacks, user, zone):
            lines.append(f"```{escape(pasted)}```")
    return "\n".join(lines)


def _next(row: SetupRow, language: Language) -> str:
    """What to do about an open step: a mail server that is there is tried, not set up."""
    ready = row.step is SetupStep.MAIL and all(lack.what == "untried" for lack in row.lacks)
    invite = row.step is SetupStep.CHANNELS and all(x.what == "channel" for x in row.lacks)
    if ready:
        return t(language, "setup.next.mail_try")
    if invite:
        return t(language, "setup.next.channels_invite")
    return t(language, f"setup.next.{row.step.value}")


def _lack(lack: Lack, language: Language) -> str:
    """One thing that is missing, in words."""
    about: dict[str, str] = {name: escape(value) for name, value in lack.about.items()}
    if "role" in about:
        about["role"] = lower_first(label(language, Role(about["role"])), language)
    if "reason" in about:
        about["reason"] = lower_first(label(language, Unfilled(about["reason"])), language)
    if "channel" in about:
        about["channel"] = mention_channel(about["channel"])
        fault = f"setup.fault.{about['fault']}"
        known = fault in load_texts(language)
        about["fault"] = t(language, fault) if known else f"Slack: `{about['fault']}`"
    return t(language, f"setup.lack.{lack.what}", **about)


def _trial(row: SetupRow, language: Language) -> str:
    """The last test mail: when, for whom, and what the server said, in its own words."""
    trial = row.trial
    assert trial is not None  # who calls has looked
    said = f"\n`{escape(trial.said.replace('`', ' '))}`" if trial.said else ""
    words = t(
        language, f"setup.trial.{trial.end.value}", user=mention_user(trial.by),
        at=slack_date(trial.at, language),
    )  # fmt: skip
    return f"{words}{said}"


def _buttons(
    row: SetupRow, page: SetupPage, number: int, language: Language
) -> Iterator[Block | None]:
    """What can be done about a step here: try it, look, or say that it is not needed."""
    step = {"step": row.step.value}
    if row.state is StepState.SKIPPED:
        words = t(language, "setup.needed")
        yield button(f"do:choose_setup#{number}", words, {**step, "needed": True})
        return
    if row.step is SetupStep.MAIL and page.sends_mail:
        waits = row.trial is not None and row.trial.end is TrialEnd.WAITS
        style = "" if waits or row.state is StepState.DONE else "primary"
        yield button("do:test_mail", t(language, "setup.test_mail"), {}, style=style)
    if row.state is StepState.DONE:
        return
    if row.step is SetupStep.DUTY:
        yield button("show:duty#9", t(language, "duty.press.show"), {})
    key = "right" if row.step in (SetupStep.CALENDAR, SetupStep.DUTY) else "not_needed"
    words = t(language, f"setup.{key}")
    yield button(f"do:choose_setup#{number}", words, {**step, "needed": False})


def _again(language: Language) -> Block:
    return button("show:setup", t(language, "setup.again"), {})
