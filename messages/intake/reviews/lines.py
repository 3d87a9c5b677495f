"""How a review is named and quoted, wherever it is shown.

What authors wrote is escaped and cut here; the lines are mrkdwn.
"""

from bot.rules.reviews.review import ReviewFacts, ReviewSource
from bot.rules.words import Language, MessageKind
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, mrkdwn_link, quote_text, slack_date
from messages.kit.template_context import clip_line
from messages.kit.texts import label, plural, t

QUOTED_MAX = 400  # characters of a review's words in a list
NAME_MAX = 80  # characters of a name
# The template for a reply to a public review, as a button names it.
TEMPLATE = {"kind": MessageKind.REVIEW_REPLY.value}


def review_head(review: ReviewFacts, language: Language) -> str:
    """Name a review on one line: rating, author, site, customer, location.

    The site is the one that the source names, else the source. What is empty is left out, and so is
    a customer who is the author.
    """
    parts = [f"⭐ *{short_text(review.rating, 20)}*" if review.rating else "", _author(review)]
    parts += [short_text(review.site, NAME_MAX) or site_name(review.source, language)]
    parts += [short_text(review.customer, NAME_MAX) if review.customer != review.author else ""]
    parts += [short_text(review.location, NAME_MAX)]
    return "  ·  ".join(part for part in parts if part)


def _author(review: ReviewFacts) -> str:
    return short_text(review.author, NAME_MAX)


def site_name(source: ReviewSource, language: Language) -> str:
    """Name the site of a review."""
    return label(language, source)


def review_words(review: ReviewFacts, language: Language) -> str:
    """Quote what it says now, with the link to the whole, and what it said before its last edit.

    Each text is cut to ``QUOTED_MAX``. The former words are quoted only where they differ by more
    than spaces. "" for a review with neither words, edits nor link.
    """
    lines = [quote_text(clip_line(review.text, QUOTED_MAX))] if review.text else []
    if review.edits and review.edited_at is not None:
        changed = t(
            language, "reviews.edited", when=slack_date(review.edited_at, language),
            before=short_text(review.rating_before, 20) or "-",
            now=short_text(review.rating, 20) or "-",
        )  # fmt: skip
        lines.append(changed)
        if review.text_before.split() != review.text.split():
            lines.append(quote_text(clip_line(review.text_before, QUOTED_MAX) or "-"))
    if review.link:
        lines.append(mrkdwn_link(review.link, t(language, "reviews.open")))
    return "\n".join(lines)


def reply_line(review: ReviewFacts, language: Language, late: bool) -> str:
    """Say who owes the reply, and until when; ``late``: that it is due already."""
    due = slack_date(review.due_at, language)
    key = "reviews.late" if late else "reviews.due"
    owner = mention_user(review.owner) if review.owner else t(language, "reviews.no_owner")
    return t(language, key, owner=owner, due=due)


def count_waiting(count: int, language: Language) -> str:
    """Say how many reviews wait for a reply."""
    return plural(language, "reviews.waiting", count)
