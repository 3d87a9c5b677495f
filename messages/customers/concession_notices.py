"""The notices about concessions, and their buttons; see ``messages/cases/notice_table.py``.

They go to those who need to know, never to a channel.
"""

from collections.abc import Mapping

from bot.rules.words import MessageKind
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given


def _open(facts: Facts) -> bool:
    return not facts["hidden"]


def _hidden(facts: Facts) -> bool:
    return bool(facts["hidden"])


def _goodwill(facts: Facts) -> Facts:
    return {"kind": MessageKind.GOODWILL.value}


def _not_legal(facts: Facts) -> bool:
    return not facts["case"].legal


def _may_promise(facts: Facts) -> bool:
    """True once a concession is approved: for its author, not for those who approve it."""
    it = facts["it"]
    return bool(it.get("approve", not it.get("waits"))) and bool(it.get("complete", True))


def _may_take_back(facts: Facts) -> bool:
    """True until a concession is refused."""
    return bool(facts["it"].get("approve", True))


def _replaced(facts: Facts) -> Facts:
    return {"replaces": facts["it"]["concession"]}


GRANT = ("concession",)
GRANTED = ("concession", "amount", "granted", "motive", "words", "author", "until")
ASK_MONEY = ButtonSpec("ask:request_concession", "ask_concession", offered=_not_legal)
JUDGED = ("concession", "digest")
DECIDE_CONCESSION = (
    ButtonSpec(
        "do:answer_concession", "approve_concession", take_given(*JUDGED, approve=True),
        "primary", _open,
    ),
    ButtonSpec(
        "ask:answer_concession", "refuse_concession", take_given(*JUDGED, approve=False), "", _open
    ),
    ButtonSpec("ask:answer_concession", "read_and_answer", take_given(*GRANT), "primary", _hidden),
)  # fmt: skip
WRITE_CONCESSION = ButtonSpec("ask:update", "write_concession", _goodwill, "primary", _may_promise)
TOLD_CONCESSION = ButtonSpec(
    "ask:promise_concession", "promise_concession", take_given(*GRANT), "", _may_promise
)
TAKE_BACK = ButtonSpec(
    "ask:withdraw_concession", "withdraw_concession", take_given(*GRANT), "", _may_take_back
)
CHANGE_CONCESSION = ButtonSpec(
    "ask:request_concession", "change_concession", _replaced, "", _may_take_back
)
ASK_AGAIN = ButtonSpec("ask:request_concession", "ask_concession")
FULFIL = ButtonSpec("ask:fulfil_concession", "fulfil_concession", take_given(*GRANT), "primary")
NOT_OWED = ButtonSpec("ask:void_concession", "void_concession", take_given(*GRANT))
UNFULFIL = ButtonSpec("ask:unfulfil_concession", "unfulfil_concession", take_given(*GRANT))
CONCESSIONS: Mapping[str, NoticeSpec] = {
    "concession_asked": NoticeSpec(
        (*GRANTED, "digest", "had", "months"),
        DECIDE_CONCESSION,
        {"fee": "", "two": False, "by_legal": False},
    ),
    "concession_waits": NoticeSpec(
        (*GRANTED, "digest", "had", "months"),
        DECIDE_CONCESSION,
        {"fee": "", "two": False, "by_legal": False, "times": 1},
    ),
    "concession_recorded": NoticeSpec(
        (*GRANTED, "waits"),
        (WRITE_CONCESSION, TOLD_CONCESSION, CHANGE_CONCESSION, TAKE_BACK),
        {"people": ()},
    ),
    "concession_decided": NoticeSpec(
        (*GRANTED, "approve", "by", "complete"),
        (WRITE_CONCESSION, TOLD_CONCESSION, CHANGE_CONCESSION, TAKE_BACK),
        {"remark": ""},
    ),
    "concession_noted": NoticeSpec((*GRANTED, "approve", "complete")),
    "concession_ended": NoticeSpec((*GRANTED, "state", "by"), (ASK_AGAIN,), {"remark": ""}),
    "concession_told": NoticeSpec((*GRANTED, "due"), (FULFIL, NOT_OWED)),
    "concession_fulfilled": NoticeSpec((*GRANTED, "by", "remark", "at"), (UNFULFIL,)),
    "concession_unfulfilled": NoticeSpec(
        (*GRANTED, "by", "remark", "evidence", "recorder", "due"), (FULFIL, NOT_OWED)
    ),
    "concession_expired": NoticeSpec(GRANTED, (ASK_AGAIN,)),
    "concession_due": NoticeSpec((*GRANTED, "due"), (FULFIL, NOT_OWED)),
    "concession_overdue": NoticeSpec((*GRANTED, "due"), (FULFIL, NOT_OWED)),
}
