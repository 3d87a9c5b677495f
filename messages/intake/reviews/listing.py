"""The list of reviews that wait for a reply, and how the last ones went."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.reviews.review import ReviewFacts
from bot.rules.words import Language
from messages.intake.reviews.lines import (
    TEMPLATE,
    count_waiting,
    reply_line,
    review_head,
    review_words,
)
from messages.kit.blocks import Block, Message, actions, button, context, divider, message, section
from messages.kit.mrkdwn import format_lateness, mention_user
from messages.kit.texts import t


def review_list(
    waiting: Sequence[ReviewFacts],
    count: int,
    answered: Sequence[ReviewFacts],
    language: Language,
    now: datetime,
) -> Message:
    """List what waits for a reply, each with who owes it; ``count`` are all that wait.

    Without any it says how reviews come here. ``answered`` are the last ones. ``waiting`` may be
    fewer than ``count``, and then the list says how many are left out. ``now`` (aware) decides what
    is late. The plain text has a line for each review that waits.
    """
    title = t(language, "reviews.title")
    add = button("ask:add_review", t(language, "reviews.add"), {})
    if not count:
        none = t(language, "reviews.none")
        blocks: list[Block | None] = [section(f"*{title}*\n{none}"), actions(add)]
        return message(f"{title}: {none}", *blocks, *_answered(answered, language))
    said = count_waiting(count, language)
    blocks = [section(f"*{title}*\n{said}")]
    for number, each in enumerate(waiting, start=1):
        blocks += _waiting(each, number, language, late=each.due_at < now)
    if count > len(waiting):
        more = t(language, "reviews.more", count=count - len(waiting))
        blocks.append(context(more))
    blocks.append(actions(add))
    lines = [review_head(each, language) for each in waiting]
    return message("\n".join([f"{title}: {said}", *lines]), *blocks, *_answered(answered, language))


def _waiting(
    review: ReviewFacts, number: int, language: Language, *, late: bool
) -> list[Block | None]:
    head, owed = review_head(review, language), reply_line(review, language, late)
    said = "\n".join(filter(None, (head, owed, review_words(review, language))))
    return [section(said), _buttons(review, number, language)]


def _buttons(review: ReviewFacts, number: int, language: Language) -> Block | None:
    """The reply is taken, or taken over from its owner; it is recorded; words for it are shown.

    The first two carry ``review``, its id; the last carries ``TEMPLATE``.
    """
    values = {"review": review.id}
    take = "reviews.take_over" if review.owner else "reviews.take"
    return actions(
        button(f"do:take_review#{number}", t(language, take), values),
        button(f"ask:record_review_reply#{number}", t(language, "reviews.record"), values),
        button(f"show:templates#{number}", t(language, "reviews.words"), TEMPLATE),
    )


def _answered(answered: Sequence[ReviewFacts], language: Language) -> list[Block | None]:
    if not answered:
        return []
    lines = [_answered_line(each, language) for each in answered]
    return [divider(), section(f"*{t(language, 'reviews.answered')}*\n" + "\n".join(lines))]


def _answered_line(review: ReviewFacts, language: Language) -> str:
    """Name the review, who replied and how long after it was written the reply came.

    Where no person recorded the reply, it says that the review was answered on its site.
    """
    assert review.replied_at is not None  # such ones were asked for
    by = review.replied_by
    who = mention_user(by) if by else t(language, "reviews.on_the_site")
    took = format_lateness(review.replied_at - review.written_at, language)
    head = review_head(review, language)
    return t(language, "reviews.answered_line", head=head, by=who, took=took)
