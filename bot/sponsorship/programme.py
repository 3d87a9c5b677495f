"""The programme itself: its six texts, and the signature without which it is not active."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from bot import effects
from bot.core.access import named_for, require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.load import Policy
from bot.rules.sponsorship.programme import MONTHS_MAX, Programme
from bot.rules.sponsorship.words import SponsorshipTopic
from bot.rules.words import Role
from bot.sponsorship.rows import load_programme
from storage.models import SponsorshipSignature, SponsorshipText

SIGNERS = (Role.EXECUTIVE_OWNER, Role.DIRECTOR)  # who are asked to sign; sponsors may as well
ANNOUNCED = (Role.SUPPORT_LEAD, Role.DIRECTOR)  # who hear that it is active


class EditSponsorshipText(Intent):
    """Write one of the six texts; ``months`` is how long a membership lasts, with the exit alone.

    A changed text needs a new signature. What is saved as it stands changes nothing.
    """

    verb: ClassVar[str] = "edit_sponsorship_text"
    topic: Hidden[SponsorshipTopic]
    body: Text
    months: int | None = None


class SignSponsorship(Intent):
    """Sign the six texts; ``digest`` is of what was shown."""

    verb: ClassVar[str] = "sign_sponsorship"
    digest: Hidden[Annotated[str, StringConstraints(pattern="^[0-9a-f]{1,64}$")]]


async def edit_sponsorship_text(work: UnitOfWork, intent: EditSponsorshipText) -> Answer | None:
    """Keep the text, and ask executives to sign where all six are there for the first time.

    So too where the programme was signed as it stood before. Raises UserError ``odd_months``
    (``most``) for an exit without a length between 1 and ``MONTHS_MAX`` months.
    """
    await require_permission(work, None, "edit_sponsorship_text")
    months = intent.months if intent.topic is SponsorshipTopic.EXIT else None
    if intent.topic is SponsorshipTopic.EXIT and not 1 <= (months or 0) <= MONTHS_MAX:
        raise UserError("odd_months", most=MONTHS_MAX)
    before = await load_programme(work.session)
    known = before.texts.get(intent.topic)
    if known is None or (known.body, known.months) != (intent.body, months):
        work.session.add(
            SponsorshipText(
                topic=intent.topic.value, body=intent.body, months=months,
                author=work.actor.user_id, at=work.now,
            )
        )  # fmt: skip
        await work.session.flush()
    after = await load_programme(work.session)
    if not after.missing and (before.missing or before.active) and not after.active:
        await _ask_to_sign(work, after, again=before.active)
    said = {"topic": intent.topic.value, "again": before.active and not after.active}
    return Answer(text="sponsorship:text_saved", extra={**describe_programme(after), **said})


async def _ask_to_sign(work: UnitOfWork, programme: Programme, *, again: bool) -> None:
    """Ask by DM those who have a role of ``SIGNERS``, but not the actor, to sign the six texts.

    The extra of ``sponsorship:sign_asked`` is that of ``describe_programme`` with ``by`` and
    ``again``: the programme was signed before this change.
    """
    said = {**describe_programme(programme), "by": work.actor.user_id, "again": again}
    for user in named_among(work.policy, SIGNERS):
        if user != work.actor.user_id:
            await effects.queue_dm(work, user, "sponsorship:sign_asked", None, said)


async def sign_sponsorship(work: UnitOfWork, intent: SignSponsorship) -> Answer | None:
    """Sign the texts as they were shown; from then on accounts can be nominated.

    Raises UserError ``programme_incomplete`` (``topics``), ``programme_changed`` where they are
    others by now, ``programme_signed``.
    """
    await require_permission(work, None, "sign_sponsorship")
    programme = await load_programme(work.session)
    if programme.missing:
        raise UserError("programme_incomplete", topics=[each.value for each in programme.missing])
    if intent.digest != programme.digest:
        raise UserError("programme_changed")
    if programme.active:
        raise UserError("programme_signed", by=programme.signed_by)
    me = work.actor.user_id
    work.session.add(
        SponsorshipSignature(digest=programme.digest, signed_by=me, signed_at=work.now)
    )
    authors = [text.author for text in programme.texts.values()]
    said = {"by": me, "months": programme.months}
    for user in dict.fromkeys([*named_among(work.policy, ANNOUNCED), *authors]):
        if user != me:
            await effects.queue_dm(work, user, "sponsorship:active", None, said)
    return Answer(text="sponsorship:signed", extra=said)


async def require_active(work: UnitOfWork) -> Programme:
    """The programme, which is active. Raises UserError ``programme_inactive`` (``topics``)."""
    programme = await load_programme(work.session)
    if not programme.active:
        missing = [each.value for each in programme.missing]
        raise UserError(
            "programme_unsigned" if not missing else "programme_inactive", topics=missing
        )
    return programme


def named_among(policy: Policy, roles: Iterable[Role]) -> list[str]:
    """Everyone whom the policy names for one of the roles, once each."""
    return list(dict.fromkeys(user for role in roles for user in named_for(policy, role)))


def describe_programme(programme: Programme) -> dict[str, Any]:
    """What notices tell of it, as JSON: ``missing`` topics, the ``digest`` to sign, ``months``."""
    return {
        "missing": [each.value for each in programme.missing],
        "digest": "" if programme.missing or programme.active else programme.digest,
        "months": programme.months,
    }
