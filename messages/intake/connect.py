"""What colleagues are told of customers' channels in Slack, and the list of them.

What customers themselves read in their channel are the texts ``connect.received`` and
``connect.escalated``, in the account's language, and what people wrote.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.facts.sharing import ConnectionFacts
from bot.rules.words import ConnectFault, ConnectState, Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.mrkdwn import escape, mention_channel, quote_text
from messages.kit.texts import t

SAID = frozenset({"works", "held", "ended", "unsaid"})  # what is told of a link
SHOWN_MAX = 20  # links in one list; those that do not work come first


def connect_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose what is told of a link: a name of ``SAID``, else KeyError.

    ``extra``: ``channel`` (its id), ``customer``; of ``held`` also ``fault`` and ``teams``, the ids
    of the organisations that were confirmed. ``fault`` is a value of ``ConnectFault``; that of
    another organisation has words of its own, in which ``teams`` are named, ``?`` for none. Only
    ``held`` has a button, by which the channel is linked again. ``unsaid`` quotes the ``text`` that
    the customer does not have, and has the ``reason``: a fault, or Slack's own word.
    """
    if name not in SAID:
        raise KeyError(name)
    fault, channel = str(extra.get("fault") or ""), str(extra["channel"])
    other = fault == ConnectFault.OTHER_TEAM
    key = f"connect_said.{name}_other_team" if other else f"connect_said.{name}"
    words = t(
        language,
        key,
        channel=mention_channel(channel),
        customer=escape(str(extra["customer"])),
        fault=t(language, f"connect_fault.{fault}") if fault else "",
        teams=escape(", ".join(extra.get("teams") or ("?",))),
        reason=_reason(str(extra.get("reason") or ""), language),
    )
    if name == "unsaid":
        words = f"{words}\n{quote_text(str(extra['text']))}"
    again = _again(channel, language) if name == "held" else None
    return message(words, section(words), actions(again))


def _reason(said: str, language: Language) -> str:
    """A fault in our words, any other reason as Slack gives it."""
    known = said in {fault.value for fault in ConnectFault}
    return t(language, f"connect_fault.{said}") if known else escape(said)


def _again(channel: str, language: Language) -> Block:
    about = {"channel": channel}
    return button("ask:connect", t(language, "connect.link_again"), about, style="primary")


def connections_answer(found: Sequence[ConnectionFacts], language: Language) -> Message:
    """List customers' channels, those that do not work first, each with what can be done.

    ``found`` is in that order already. What is behind ``SHOWN_MAX`` is left out without a word.
    """
    link = button("ask:connect", t(language, "connect.link_one"), {}, style="primary")
    if not found:
        words = t(language, "connect.list_none")
        return message(words, section(words), actions(link))
    title = t(language, "connect.list_title")
    blocks: list[Block | None] = [section(title)]
    for each in found[:SHOWN_MAX]:
        blocks += [section(_line(each, language)), _ways(each, language)]
    return message(title, *blocks, actions(link))


def _line(each: ConnectionFacts, language: Language) -> str:
    state = t(language, f"connect_state.{each.state.value}")
    if each.fault is not None:
        state = f"{state}: {t(language, f'connect_fault.{each.fault.value}')}"
    facts = {"channel": mention_channel(each.channel), "customer": escape(each.customer)}
    return t(language, "connect.list_row", state=state, **facts)


def _ways(each: ConnectionFacts, language: Language) -> Block | None:
    end = button("do:disconnect", t(language, "connect.disconnect"), {"channel": each.channel})
    again = _again(each.channel, language) if each.state is ConnectState.HELD else None
    form = button("do:share_form", t(language, "press.form_link"), {"customer": each.customer})
    return actions(again, form, end)
