"""What people hear about a problem, its broadcasts and its talking points: ``problem:<name>``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.rules.problems.facts import BroadcastFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Language
from messages.kit.blocks import TEXT_MAX, Block, Message, actions, button, context, message, section
from messages.kit.case_lines import short
from messages.kit.mrkdwn import channel, escape, quote, user, when
from messages.kit.template_context import chunks, person
from messages.kit.texts import label, plural, t
from messages.problems.card import audience_name, named, progress
from messages.problems.talking_points import read_button, sections_of

NAMES_SHOWN = 20  # receivers named in a question; the list has them all
PEOPLE = frozenset({"by", "author", "left", "heir"})

# What stands below the sentence as people wrote it.
QUOTED: Mapping[str, tuple[str, ...]] = {
    "edited": ("known", "scope"),
    "resolved": ("remark",),
    "broadcast_answered": ("remark",),
    "points_answered": ("remark",),
    "by_hand": ("text",),
    "receipt_failed": ("reason",),
    "replied": ("summary",),
}

# Every name there is; one with an outcome has a sentence for each.
PROBLEM_NOTICES = frozenset(
    {
        "opened", "linked", "unlinked", "edited", "noted", "resolved", "affected_added",
        "affected_removed", "broadcast_asked", "broadcast_lines", "broadcast_waits",
        "broadcast_answered",
        "broadcast_noted", "broadcast_sent", "by_hand", "receipt_failed", "replied", "retried",
        "owner_left", "update_due", "points_asked", "points_wait", "points_answered",
        "points_noted", "points_read", "points_withdrawn", "points_expired", "points_unread",
        "taken_back", "no_channel", "channel_made",
    }
)  # fmt: skip


def problem_notice(
    name: str, language: Language, extra: Mapping[str, Any], *, inside: bool = False
) -> Message:
    """A message about a problem; ``inside`` is said in its own channel.

    Raises KeyError for a name that does not exist.
    """
    if name not in PROBLEM_NOTICES:
        raise KeyError(name)
    said = t(language, f"problem.said.{_key(name, extra)}", **_facts(extra, language))
    parts = _parts(name, extra, language)
    place = extra.get("channel") if not inside else None
    return message(
        "\n".join([said, *parts])[:TEXT_MAX],
        section(said),
        *(section(part) for part in parts),
        context(t(language, "problem.place", channel=channel(str(place)))) if place else None,
        actions(*_presses(name, extra, language, inside=inside)),
    )


def _key(name: str, extra: Mapping[str, Any]) -> str:
    if "approve" in extra:
        return f"{name}_{'yes' if extra['approve'] else 'no'}"
    if name == "update_due":
        return f"{name}_{extra.get('threshold') or extra['family']}"  # as older rows call it
    if name == "points_read" and extra.get("ended"):
        return "points_read_late"
    if name == "broadcast_sent" and extra.get("by_hand"):
        return "broadcast_sent_hand"
    if name == "edited" and extra.get("ended"):
        return "edited_ended"
    if name == "replied" and extra.get("doubtful"):
        return "replied_doubtful"
    if name == "affected_added" and not extra.get("customers"):
        return "affected_known"
    return name


def _facts(extra: Mapping[str, Any], language: Language) -> dict[str, object]:
    facts: dict[str, object] = {
        "name": named(int(extra.get("problem", 0)), str(extra.get("title", ""))),
        "people": ", ".join(user(str(each)) for each in extra.get("people", ())),
        "customers": _names(extra.get("customers", ()), language),
    }
    for key, value in extra.items():
        if key in facts or value is None:
            continue
        facts[key] = _fact(key, value, language)
    if "hindrance" in extra:
        why = t(language, f"no_channel.{extra['hindrance']}", scope="channels:manage")
        facts["why"] = escape(why)
    return facts


def _fact(key: str, value: Any, language: Language) -> object:
    if key in PEOPLE:
        return person(str(value), language)
    if key == "audience":
        return audience_name(str(value), language)
    if key in ("due", "next_update_at", "expires_at"):
        return when(datetime.fromisoformat(str(value)), language)
    if key == "cases":
        return ", ".join(f"ESC-{number}" for number in value) or "-"
    return value if isinstance(value, int) else short(str(value), 200)


def _names(customers: Sequence[str], language: Language) -> str:
    shown = ", ".join(short(each, 80) for each in customers[:NAMES_SHOWN])
    more = len(customers) - NAMES_SHOWN
    return shown + (", " + plural(language, "problem.more_affected", more) if more > 0 else "")


def _parts(name: str, extra: Mapping[str, Any], language: Language) -> list[str]:
    """What stands below the sentence: people's own words, samples, talking points."""
    if name in ("points_asked", "points_unread"):
        texts = {k: str(extra.get(k) or "") for k in ("say", "dont_say", "questions", "scope")}
        return sections_of(language, **texts)
    if name == "broadcast_lines":
        samples = [sample_of(to, text, language) for to, text in extra["lines"]]
        return chunks("\n".join(part for sample in samples for part in sample))
    if name == "broadcast_asked":
        samples = [sample_of(to, text, language) for to, text in extra["samples"]]
        return [part for sample in samples for part in sample]
    quoted = [(key, str(extra[key])) for key in QUOTED.get(name, ()) if extra.get(key)]
    if name == "edited":
        return [
            part
            for key, text in quoted
            for part in chunks(f"*{t(language, f'problem.{key}')}*\n{quote(text)}")
        ]
    return [part for _, text in quoted for part in chunks(quote(text))]


def sample_of(customer: str, text: str, language: Language) -> list[str]:
    """The message as one customer will see it."""
    title = t(language, "problem.sample", customer=escape(customer))
    return chunks(f"{title}\n{quote(text)}")


def _presses(
    name: str, extra: Mapping[str, Any], language: Language, *, inside: bool
) -> list[Block]:
    about = {"problem": extra.get("problem")}
    if name == "broadcast_asked":
        given = {**about, "broadcast": extra["broadcast"], "digest": extra["digest"]}
        return _yes_no("answer_broadcast", given, language)
    if name == "points_asked":
        return _yes_no("answer_points", {**about, "points": extra["points"]}, language)
    if name == "broadcast_answered" and extra["approve"]:
        given = {**about, "broadcast": extra["broadcast"]}
        return [
            button("do:send_broadcast", t(language, "problem.button.send_now"), given,
                   style="primary"),
            button("show:broadcast", t(language, "problem.button.broadcast"), given),
        ]  # fmt: skip
    if name == "by_hand":
        given = {**about, "receipt": extra["receipt"]}
        return [button("ask:sent_by_hand", t(language, "problem.button.sent"), given)]
    if name == "receipt_failed":
        given = {**about, "broadcast": extra["broadcast"]}
        return [button("do:retry_receipts", t(language, "problem.button.again"), given)]
    if name == "points_unread":
        return [read_button(int(extra["problem"]), int(extra["points"]), language)]
    if name == "update_due":
        return [button("ask:propose_broadcast", t(language, "problem.button.write"), about)]
    if name in ("opened", "linked") and not inside:
        return [button("show:problem", t(language, "button.show"), about)]
    return []


def _yes_no(verb: str, given: Mapping[str, Any], language: Language) -> list[Block]:
    yes, no = t(language, "button.approve"), t(language, "problem.button.return")
    return [
        button(_INTERACTIONS[verb][0], yes, {**given, "approve": True}, style="primary"),
        button(_INTERACTIONS[verb][1], no, {**given, "approve": False}),
    ]


_INTERACTIONS = {
    "answer_broadcast": ("do:answer_broadcast", "ask:answer_broadcast"),
    "answer_points": ("do:answer_points", "ask:answer_points"),
}


def broadcast_shown(each: BroadcastFacts, title: str, language: Language, at: int = 0) -> Message:
    """A broadcast: one receiver's preview at a time, and what became of all of them."""
    receipts = [one for one in each.receipts if one.customer]  # whoever may be named
    at = at % len(receipts) if receipts else 0
    head = t(
        language, "problem.broadcast_of", name=named(each.problem, title),
        audience=audience_name(each.audience, language), count=each.total,
        until=when(each.next_update_at, language),
    )  # fmt: skip
    lines = [_receipt(one, language) for one in each.receipts]
    blocks: list[Block | None] = [section(f"*{head}*")]
    if each.state == ApprovalState.SENT:
        blocks.append(section(progress(each, language)))
    if receipts:
        one = receipts[at]
        blocks += map(section, sample_of(one.customer, one.text, language))
        turning = [
            button(
                f"show:broadcast#{name}",
                t(language, f"problem.button.{name}"),
                {"problem": each.problem, "broadcast": each.id, "at": (at + step) % len(receipts)},
            )
            for name, step in (("previous", -1), ("next", 1))
        ]
        blocks.append(actions(*turning) if len(receipts) > 1 else None)
    blocks += map(section, chunks("\n".join(lines)))
    if each.state == ApprovalState.APPROVED:
        given = {"problem": each.problem, "broadcast": each.id}
        text = t(language, "problem.button.send", count=each.total)
        blocks.append(actions(button("do:send_broadcast", text, given, style="primary")))
    return message("\n".join([head, *lines])[:TEXT_MAX], *blocks)


def _receipt(one: Any, language: Language) -> str:
    state = "replied" if one.replied else "by_hand" if _by_hand(one) else one.state
    said = t(language, f"problem.receipt.{state}", owner=user(one.owner))
    reason = f": {short(one.reason, 120)}" if one.reason and state == "failed" else ""
    spoken = label(language, one.language)
    case = f", ESC-{one.case}" if one.case else ""
    customer = short(one.customer, 80) or t(language, "problem.somebody")
    return f"• {customer} ({spoken}{case})  ·  {said}{reason}"


def _by_hand(one: Any) -> bool:
    return bool(one.state == "queued" and one.route == "hand")
