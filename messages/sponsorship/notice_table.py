"""Every notice of the sponsorship programme: the facts it needs, what it quotes, its buttons.

The sentence of ``name`` is the text ``sponsorship.said.<name>``, with an ending of ``ENDINGS``.
Names stand in rows of the outbox, so one in use is not changed. What ``extra`` carries is JSON:
``membership`` (id), ``customer`` (name), people by user id, days and instants in ISO 8601.
``defaults`` name, in their order, what stands below the sentence.
"""

from collections.abc import Callable, Mapping

from bot.rules.words import Language
from messages.kit.blocks import Block, ask_first
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given
from messages.kit.texts import t
from messages.meetings import notice_rows as calendars

ABOUT = ("membership",)
CARRIED = 100  # characters of a text in a button


def _sure(facts: Facts, language: Language) -> Block:
    """Draw what Slack asks before the programme is signed."""
    said = {
        name: t(language, f"sponsorship.sure.{name}") for name in ("title", "text", "yes", "no")
    }
    return ask_first(said["title"], said["text"], said["yes"], said["no"])


def _consented(facts: Facts) -> bool:
    """True where it is known who consented at the customer's, so that one press accepts."""
    return bool(facts["it"].get("consent_by"))


def _unconsented(facts: Facts) -> bool:
    """True where that is not known: accepting opens a form, which asks for it."""
    return not _consented(facts)


def _sponsored(facts: Facts) -> bool:
    """True where it is known who would sponsor it, so that one press is enough."""
    return bool(facts["it"].get("sponsor"))


def _complete(facts: Facts) -> bool:
    """True where the six texts wait for a signature: only then the notice has a ``digest``."""
    return bool(facts["it"].get("digest"))


def _nominated(facts: Facts) -> Facts:
    """What one press carries; the case's own reason stands, which no button could hold."""
    it = facts["it"]
    return {name: it[name] for name in ("account", "sponsor", "score", "case") if it.get(name)}


def _looked_at(facts: Facts) -> Facts:
    """What its form opens with."""
    written = {name: str(facts["it"].get(name) or "") for name in ("customer", "reason")}
    return {**_nominated(facts), **{name: text[:CARRIED] for name, text in written.items()}}


def _lacks_texts(facts: Facts) -> bool:
    """True while one of the six texts is missing."""
    return bool(facts["it"]["missing"])


def _next_text(facts: Facts) -> Facts:
    """The first topic without a text, with which the form for it opens."""
    return {"topic": facts["it"]["missing"][0]}


LIST = ButtonSpec("show:sponsor", "sponsorships")
TEXTS = ButtonSpec("show:programme", "programme")
WRITE_NEXT = ButtonSpec(
    "ask:edit_sponsorship_text", "write_next", _next_text, "primary", _lacks_texts
)
SIGN = ButtonSpec(
    "do:sign_sponsorship", "sign_sponsorship", take_given("digest"), "primary", _complete,
    sure=_sure,
)  # fmt: skip
ACCEPT = (
    ButtonSpec(
        "do:answer_sponsorship", "accept_sponsorship", take_given(*ABOUT, approve=True),
        "primary", _consented,
    ),
    ButtonSpec(
        "ask:answer_sponsorship", "accept_sponsorship", take_given(*ABOUT, approve=True),
        "primary", _unconsented,
    ),
    ButtonSpec(
        "ask:answer_sponsorship", "refuse_sponsorship", take_given(*ABOUT, approve=False)
    ),
)  # fmt: skip
READ = ButtonSpec("do:read_sponsor_brief", "read_sponsor_brief", take_given(*ABOUT), "primary")
BRIEF = ButtonSpec("show:sponsor_brief", "sponsor_brief", take_given(*ABOUT))
TOUCH = ButtonSpec("ask:log_touch", "log_touch", take_given(*ABOUT), "primary")
TOUCH_LATER = ButtonSpec("ask:log_touch", "log_touch", take_given(*ABOUT))
PASS = ButtonSpec("ask:pass_sponsorship", "pass_sponsorship", take_given(*ABOUT), "primary")
KEEP = ButtonSpec("ask:keep_sponsorship", "keep_sponsorship", take_given(*ABOUT), "primary")
END = ButtonSpec("ask:end_sponsorship", "end_sponsorship", take_given(*ABOUT))
NOMINATE = ButtonSpec("ask:nominate_sponsorship", "nominate_sponsorship", style="primary")

WHY = {"reason": "", "standing": "", "consent_by": ""}
OFFER = ("membership", "customer", "score")

SPONSORSHIP_NOTICES: Mapping[str, NoticeSpec] = {
    "text_saved": NoticeSpec(("topic", "missing"), (WRITE_NEXT, TEXTS)),
    "sign_asked": NoticeSpec(("by",), (TEXTS, SIGN)),
    "active": NoticeSpec(("by", "months"), (LIST,)),
    "signed": NoticeSpec(("months",), (NOMINATE, LIST)),
    "nominate": NoticeSpec(
        ("case", "customer", "account", "score"),
        (
            ButtonSpec(
                "do:nominate_sponsorship", "nominate_sponsorship", _nominated, "primary",
                _sponsored,
            ),
            ButtonSpec("ask:nominate_sponsorship", "change_nomination", _looked_at),
        ),
        {"reason": ""},
    ),
    "nominated": NoticeSpec(("customer", "sponsor", "most"), (LIST,)),
    "offered": NoticeSpec((*OFFER, "by"), ACCEPT, WHY),
    "offer_waits": NoticeSpec(OFFER, ACCEPT, WHY),
    "offer_gone": NoticeSpec(("customer",)),
    "offer_unanswered": NoticeSpec(("membership", "customer", "offered_to"), (PASS, LIST)),
    "refused_noted": NoticeSpec(("customer",)),
    "sponsor_wanted": NoticeSpec(("membership", "customer"), (PASS, END), {"remark": ""}),
    "accepted": NoticeSpec(("customer", "by", "ends_on"), (LIST,)),
    "brief": NoticeSpec(
        ("membership", "customer", "ends_on"), (READ, TOUCH_LATER),
        {"reason": "", "duties": "", "training": ""},
    ),
    "brief_unread": NoticeSpec(("membership", "customer"), (READ, BRIEF)),
    "brief_comes": NoticeSpec(("customer",)),
    "brief_ready": NoticeSpec(("customer", "first_on", "last_on", "step")),
    "read_noted": NoticeSpec(("customer",), (TOUCH,)),
    "passed": NoticeSpec(("customer", "user"), (LIST,)),
    "touch_due": NoticeSpec(("membership", "customer", "due"), (TOUCH, calendars.CONTACT)),
    "touch_late": NoticeSpec(("membership", "customer", "due"), (TOUCH,)),
    "touch_missed": NoticeSpec(("customer", "due"), (LIST,)),
    "touch_noted": NoticeSpec(("customer", "how", "touch_at"), (LIST,)),
    "touch_made": NoticeSpec(("customer", "how", "touch_at", "by"), (LIST,), {"note": ""}),
    "end_proposed": NoticeSpec(("membership", "customer", "ground"), (KEEP, END)),
    "kept": NoticeSpec(("customer", "by", "review_on"), (LIST,), {"why_text": ""}),
    "ended": NoticeSpec(("customer", "exit_reason", "by"), (LIST,), {"why_text": ""}),
    "ended_noted": NoticeSpec(("customer", "exit_reason"), (LIST,)),
}  # fmt: skip


def _saved(it: Facts) -> str:
    """Which sentence a saved text brings: what is wanted for the programme to be active.

    ``missing``: further texts; ``sign``: a signature; ``again``: a new one, as it was active
    before. Empty where nothing is wanted.
    """
    if it["missing"]:
        return "missing"
    return "again" if it.get("again") else "sign" if it.get("digest") else ""


ENDINGS: Mapping[str, Callable[[Facts], str]] = {
    "text_saved": _saved,
    "sign_asked": lambda it: "again" if it.get("again") else "",
    "nominated": lambda it: "waits" if it.get("place") else "",
    "passed": lambda it: "waits" if it.get("place") else "",
    "offered": lambda it: str(it.get("why") or ""),
    "sponsor_wanted": lambda it: "left" if it.get("left") else "",
    "brief_ready": lambda it: "link" if it.get("url") else "",
    "touch_missed": lambda it: "" if it.get("sponsor") else "none",
    "touch_noted": lambda it: "more" if it.get("more") else "next" if it.get("due") else "",
    "end_proposed": lambda it: str(it["ground"]),
    "ended": lambda it: "" if it.get("begun") else "before",
    "ended_noted": lambda it: "" if it.get("begun") else "before",
}
