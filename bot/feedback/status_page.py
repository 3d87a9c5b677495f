"""The customer's status page: who may open it, from when, until when."""

from typing import ClassVar

from bot.core.access import require_permission
from bot.core.steps import case_answer, refresh_card
from bot.customers.channels import customer_channels
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.feedback import surveys
from bot.rules.permissions import MANAGERS


class ShareStatus(OnCase):
    """A link to the customer's status page; ``allow`` is needed for a restricted case."""

    verb: ClassVar[str] = "share_status"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    allow: bool = False


class RevokeStatus(OnCase):
    """Links that the customer has, to the status page and to surveys, stop working."""

    verb: ClassVar[str] = "revoke_status"


async def share_status(work: UnitOfWork, intent: ShareStatus) -> Answer | None:
    """Answer with the link to the case's status page, made when there is none.

    Of a restricted case only a manager may share one, and only by saying so; that permission is
    kept on the link. Raises ``no_pages`` where the app has no public pages and ``restricted_page``.
    The answer carries ``url`` and ``until`` (ISO).
    """
    case = await work.case(intent.case)
    roles = await require_permission(work, case, "share_status")
    channels = customer_channels(work)
    if channels is None or not channels.pages:
        raise UserError("no_pages")
    if case.sensitive and not (intent.allow and roles & MANAGERS):
        raise UserError("restricted_page")
    link = await surveys.living_status_link(work, case) or await surveys.make_status(work, case)
    link.allowed = link.allowed or case.sensitive
    work.session.add(link)
    work.note(case, "share_status", after={"link": link.id, "until": link.expires_at.isoformat()})
    url = channels.url(link.kind, link.id, link.expires_at)
    await refresh_card(work, case)
    return case_answer(case, "notice:status_page", url=url, until=link.expires_at.isoformat())


async def revoke_status(work: UnitOfWork, intent: RevokeStatus) -> Answer | None:
    """Make every link that the customer has stop working now: status page, pulses and surveys.

    Nothing is asked again by them. Raises ``no_status_page`` when none works, so a second
    revocation is refused.
    """
    case = await work.case(intent.case)
    await require_permission(work, case, "revoke_status")
    if not await surveys.close_pages(work, case):
        raise UserError("no_status_page")
    work.note(case, "revoke_status")
    await refresh_card(work, case)
    return case_answer(case, "notice:status_page_gone")
