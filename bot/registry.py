"""The use cases: one function a verb, each in one transaction, none of which talks to Slack."""

from collections.abc import Mapping

from bot.cases.action_items import action_done, action_item
from bot.cases.breach_seen import seen
from bot.cases.claim import assign, claim
from bot.cases.close import close, dismiss, postmortem, postmortem_held
from bot.cases.executives import answer_ask, ask_executive, executive_flag
from bot.cases.handover import answer_handover, hand_over
from bot.cases.hold import hold, resume
from bot.cases.open import open_case
from bot.cases.reopen import reopen
from bot.cases.resolve import confirm, resolve
from bot.cases.severity import change_severity
from bot.customers.approval import answer_draft
from bot.customers.templates import answer_template, propose_template, withdraw_template
from bot.customers.updates import customer_replied, status, update
from bot.drift.repair import look, mend
from bot.engine.inbox import UseCase
from bot.feedback.breach_calls import breach_talk
from bot.feedback.status_page import revoke_status, share_status
from bot.mail.incoming import drop_mail, release_mail
from bot.problems.affected import add_affected, add_affected_lines, remove_affected
from bot.problems.broadcasts import answer_broadcast, propose_broadcast, send_broadcast
from bot.problems.problem import (
    edit_problem,
    link_case,
    open_problem,
    resolve_problem,
    unlink_case,
)
from bot.problems.sending import retry_receipts, sent_by_hand
from bot.problems.talking_points import answer_points, propose_points, read_points, withdraw_points
from bot.tickets.link import link_ticket, unlink_ticket

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
