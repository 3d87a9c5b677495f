"""The verbs of the programme, each with its intent and its use case: rows of ``VERBS``."""

from bot.sponsorship.answer import (
    AnswerSponsorship,
    ReadSponsorBrief,
    answer_sponsorship,
    read_sponsor_brief,
)
from bot.sponsorship.briefs.make import SendBrief, send_brief
from bot.sponsorship.leave import (
    EndSponsorship,
    KeepSponsorship,
    end_sponsorship,
    keep_sponsorship,
)
from bot.sponsorship.nominate import NominateSponsorship, nominate_sponsorship
from bot.sponsorship.pass_on import PassSponsorship, pass_sponsorship
from bot.sponsorship.programme import (
    EditSponsorshipText,
    SignSponsorship,
    edit_sponsorship_text,
    sign_sponsorship,
)
from bot.sponsorship.touches import LogTouch, log_touch

SPONSORSHIP_VERBS = (
    (EditSponsorshipText, edit_sponsorship_text),
    (SignSponsorship, sign_sponsorship),
    (NominateSponsorship, nominate_sponsorship),
    (AnswerSponsorship, answer_sponsorship),
    (ReadSponsorBrief, read_sponsor_brief),
    (PassSponsorship, pass_sponsorship),
    (LogTouch, log_touch),
    (SendBrief, send_brief),
    (EndSponsorship, end_sponsorship),
    (KeepSponsorship, keep_sponsorship),
)
