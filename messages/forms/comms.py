"""Forms about approved words: a second person's answer to a message."""

from bot.rules.facts import DraftFacts
from messages.blocks import Block, section
from messages.forms.parts import Draft, text_input, yes_no
from messages.mrkdwn import escape, quote, user
from messages.scene import chunks, lower_first
from messages.texts import label


def answer_draft(draft: Draft) -> list[Block]:
    """The text as it would go out, and whether it may."""
    shown: DraftFacts | None = draft.prefill.get("shown")
    blocks: list[Block] = []
    if shown is not None:
        said = draft.say(
            "shown",
            user=user(shown.author),
            kind=lower_first(label(draft.language, shown.kind)),
            recipient=escape(" ".join(shown.recipient.split())),
        )
        blocks = [section(said), *map(section, chunks(quote(shown.text)))]
    if "approve" not in draft.prefill:
        blocks.append(yes_no(draft, "approve"))
    returning = draft.prefill.get("approve") is False
    return [*blocks, text_input(draft, "remark", optional=not returning)]
