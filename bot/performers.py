"""Every kind of effect with what performs it.

A performer is ``(Delivery, Job) -> EffectResult``, called outside any transaction; what it raises
decides how the row goes on (``bot/engine/delivery.py``). The kinds are stored in the outbox, and
rows written before an upgrade are performed after it, so rename none without a migration.
Delivery reads ``PERFORMERS``, to which ``services.py`` adds ``edited_post``.
"""

from collections.abc import Mapping

from bot.bugs.deliver import perform_bug
from bot.calendar_files.deliver import deliver_entry, deliver_invitation
from bot.compliance.erasure.finding import ERASES
from bot.compliance.erasure.in_slack import erase_messages
from bot.connect.asking import perform_check
from bot.connect.deliver import deliver_in_channel, deliver_words
from bot.drift import performers as drift_performers
from bot.engine.delivery import Performer
from bot.intake import triage_post
from bot.intake.connect.threads import perform_marked, perform_thread
from bot.intake.mail.strangers import perform_strangers_post
from bot.intake.workflow.ends import perform_end
from bot.intake.workflow.steps import perform_step
from bot.learning.postmortem_file import upload_document
from bot.legal.channel import (
    archive_legal_channel,
    create_legal_channel,
    invite_to_legal,
    remove_from_legal,
    say_to_legal,
)
from bot.mail.deliver import deliver_mail
from bot.operations.alerts import clock_alert, perform_alert
from bot.paging.deliver import deliver_page
from bot.paging.trial import KIND as PAGE_TRIAL
from bot.paging.trial import perform_trial
from bot.paging.ways import deliver_by_way
from bot.problems.performers import PROBLEM_PERFORMERS
from bot.rules.duty.pagers import PagerName
from bot.rules.duty.ways import KIND as PAGE_WAY
from bot.rules.words import BugTracker, HelpDesk
from bot.setup.mail_trial import KIND as TEST_MAIL
from bot.setup.mail_trial import deliver_trial
from bot.slack import left_channels
from bot.slack.case_presenter import CasePresenter
from bot.slack.channels import add_bookmark, topic_of
from bot.slack.page_messages import redraw_pages
from bot.slack.performers import bind_performers
from bot.slack.posts import old_post, perform_digest, perform_dm
from bot.sponsorship.briefs.deliver import deliver_brief
from bot.sponsorship.briefs.make import KIND as SPONSOR_BRIEF
from bot.subjects import CASE
from bot.tickets.deliver import deliver_ticket

PERFORMERS: Mapping[str, Performer] = {
    **bind_performers(CASE, CasePresenter()),
    "rejoin": drift_performers.rejoin_channel,
    "rename": drift_performers.rename_channel,
    "look": drift_performers.perform_look,
    "topic": topic_of,
    "bookmark": add_bookmark,
    "dm": perform_dm,
    "pages": redraw_pages,
    "digest": perform_digest,
    "alert": perform_alert,
    "roster": perform_dm,
    "clock_alert": clock_alert,
    "file": upload_document,
    "old_card": left_channels.old_card,
    "old_topic": left_channels.old_topic,
    "old_bookmark": left_channels.old_bookmark,
    "old_name": left_channels.old_name,
    "old_post": old_post,
    "legal_channel": create_legal_channel,
    "legal_people": invite_to_legal,
    "legal_leave": remove_from_legal,
    "legal_post": say_to_legal,
    "legal_archive": archive_legal_channel,
    "mail": deliver_mail,
    "calendar_mail": deliver_invitation,
    "calendar_file": deliver_entry,
    SPONSOR_BRIEF: deliver_brief,
    "slack": deliver_in_channel,
    "connect_check": perform_check,
    "connect_say": deliver_words,
    "connect_marked": perform_marked,
    "connect_thread": perform_thread,
    "candidate": triage_post.perform_candidate,
    "strangers_post": perform_strangers_post,
    "workflow_step": perform_step,
    "workflow_end": perform_end,
    **{desk.value: deliver_ticket for desk in HelpDesk},
    **{tracker.value: perform_bug for tracker in BugTracker},
    **{pager.value: deliver_page for pager in PagerName},
    PAGE_WAY: deliver_by_way,
    PAGE_TRIAL: perform_trial,
    TEST_MAIL: deliver_trial,
    ERASES: erase_messages,
    **PROBLEM_PERFORMERS,
}
