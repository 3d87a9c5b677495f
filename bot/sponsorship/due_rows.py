"""What comes due of the sponsorship programme: rows of ``bot/due_table.py``, in their order."""

from sqlmodel import col

from bot.engine.due import Audience, DueRow, Reminder
from bot.rules.words import Role
from bot.sponsorship.due import age_membership, age_touches
from storage.models import Sponsorship, SponsorTouch

OWNER = Audience.OWNER  # here the sponsor

PROGRAMME_ROWS: tuple[DueRow, ...] = (
    DueRow(
        "a sponsorship", (col(Sponsorship.next_at),), col(Sponsorship.id), age_membership,
        (
            Reminder("offer_waits", (Audience.OFFERED,), "sponsorship:offer_waits"),
            Reminder("offer_unanswered", (Role.SUPPORT_LEAD,), "sponsorship:offer_unanswered"),
            Reminder("sponsor_wanted", (Role.SUPPORT_LEAD,), "sponsorship:sponsor_wanted"),
            Reminder("brief_unread", (OWNER,), "sponsorship:brief_unread"),
            Reminder("end_proposed", (OWNER, Role.SUPPORT_LEAD), "sponsorship:end_proposed"),
        ),
    ),
    DueRow(
        "a sponsor's touch", (col(SponsorTouch.next_at),), col(SponsorTouch.sponsorship),
        age_touches,
        (
            Reminder("touch_due", (OWNER,), "sponsorship:touch_due"),
            Reminder("touch_late", (OWNER,), "sponsorship:touch_late"),
            Reminder("touch_missed", (Role.DIRECTOR,), "sponsorship:touch_missed"),
        ),
        lock=col(Sponsorship.id),
    ),
)  # fmt: skip
