"""The use cases: one function a verb, each in one transaction, none of which talks to Slack."""

from collections.abc import Mapping

from bot.cases.actions import action_done, action_item
from bot.cases.affected import add_affected, add_affected_lines, remove_affected
from bot.cases.approving import answer_draft
from bot.cases.broadcasts import answer_broadcast, propose_broadcast, send_broadcast
from bot.cases.claiming import assign, claim
from bot.cases.closing import close, dismiss, postmortem, postmortem_held
from bot.cases.executives import answer_ask, ask_executive, executive_flag
from bot.cases.handovers import answer_handover, hand_over
from bot.cases.hearing import drop_mail, release_mail
from bot.cases.holding import hold, resume
from bot.cases.mending import look, mend
from bot.cases.opening import open_case
from bot.cases.points import answer_points, propose_points, read_points, withdraw_points
from bot.cases.problems import (
    edit_problem,
    link_case,
    open_problem,
    resolve_problem,
    unlink_case,
)
from bot.cases.receipts import retry_receipts, sent_by_hand
from bot.cases.reopening import reopen
from bot.cases.resolving import confirm, resolve
from bot.cases.seeing import seen
from bot.cases.severity import change_severity
from bot.cases.sharing import revoke_status, share_status
from bot.cases.talking import breach_talk
from bot.cases.templates import answer_template, propose_template, withdraw_template
from bot.cases.ticketing import link_ticket, unlink_ticket
from bot.cases.updates import customer_replied, status, update
from bot.inbox import UseCase

USE_CASES: Mapping[str, UseCase] = {
    "open_case": open_case,
    "claim": claim,
    "assign": assign,
    "hand_over": hand_over,
    "answer_handover": answer_handover,
    "severity": change_severity,
    "update": update,
    "customer_replied": customer_replied,
    "status": status,
    "hold": hold,
    "resume": resume,
    "resolve": resolve,
    "confirm": confirm,
    "close": close,
    "reopen": reopen,
    "dismiss": dismiss,
    "executive_flag": executive_flag,
    "ask_executive": ask_executive,
    "answer_ask": answer_ask,
    "postmortem": postmortem,
    "postmortem_held": postmortem_held,
    "action_item": action_item,
    "action_done": action_done,
    "seen": seen,
    "look": look,
    "mend": mend,
    "release_mail": release_mail,
    "drop_mail": drop_mail,
    "share_status": share_status,
    "revoke_status": revoke_status,
    "link_ticket": link_ticket,
    "unlink_ticket": unlink_ticket,
    "breach_talk": breach_talk,
    "answer_draft": answer_draft,
    "propose_template": propose_template,
    "answer_template": answer_template,
    "withdraw_template": withdraw_template,
    "open_problem": open_problem,
    "link_case": link_case,
    "unlink_case": unlink_case,
    "edit_problem": edit_problem,
    "resolve_problem": resolve_problem,
    "add_affected": add_affected,
    "add_affected_lines": add_affected_lines,
    "remove_affected": remove_affected,
    "propose_broadcast": propose_broadcast,
    "answer_broadcast": answer_broadcast,
    "send_broadcast": send_broadcast,
    "retry_receipts": retry_receipts,
    "sent_by_hand": sent_by_hand,
    "propose_points": propose_points,
    "answer_points": answer_points,
    "withdraw_points": withdraw_points,
    "read_points": read_points,
}
