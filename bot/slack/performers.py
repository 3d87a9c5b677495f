"""The effects that every subject with a channel has, bound to one kind of subject.

``bot/registry.py`` merges the result for cases with the effects that only cases have;
``bot/problems/performers.py`` does so for problems.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.engine.delivery import Performer
from bot.slack import cards, channels, posts
from bot.slack.presenter import Presenter
from bot.subjects import SubjectType


def bind_performers(kind: SubjectType, presenter: Presenter[Any]) -> Mapping[str, Performer]:
    """What performs these effects, by the kinds under which rows of the subject are stored."""
    return {
        kind.kind_of("create_channel"): partial(channels.create_channel, presenter),
        kind.kind_of("card"): partial(cards.show_card, presenter),
        kind.kind_of("pin"): partial(cards.pin_card, presenter),
        kind.kind_of("invite"): partial(channels.perform_invite, presenter),
        kind.kind_of("post"): partial(posts.perform_post, presenter),
    }
