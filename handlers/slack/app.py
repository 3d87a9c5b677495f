"""The Bolt app: one listener for each kind of request, and one place where failures end up.

Importing this module checks that every verb and command has its form and its words.
"""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.due_table import DUE
from bot.engine.actors import ReplyTo
from bot.engine.background import LatelySeen
from bot.errors import UserError, is_away, new_reference
from bot.registry import INTENTS
from bot.rules.words import HelpDesk, Language, Standing
from handlers.commands import TABLE
from handlers.commands.listener import command_received
from handlers.completeness import require_desk_words, require_notices, require_words
from handlers.forms.fields import input_blocks
from handlers.ports import Services
from handlers.slack import (
    actions,
    admission,
    customer_channels,
    events,
    options,
    requests,
    shortcuts,
    submissions,
)
from handlers.slack.answers import SHOWN
from handlers.slack.channel_events import Elsewhere
from handlers.slack.requests import Body, mapping
from messages.cases.answers import (
    field_problem,
    refusal_message,
    store_away,
    trouble_message,
    without_marks,
)
from messages.cases.notice_table import NOTICES
from messages.forms import FORMS
from messages.kit.blocks import Message
from messages.kit.texts import own_texts

ANY = re.compile("")

Handle = Callable[[Services, AsyncAck, Body], Awaitable[None]]

log = structlog.get_logger()

WHOLE = (Language.ENGLISH, Language("el"))  # others fall back for what they lack

TEXTS = {language: own_texts(language) for language in WHOLE}
require_words(INTENTS.values(), TABLE, FORMS, SHOWN, TEXTS)
require_desk_words(HelpDesk, TEXTS)
require_notices(DUE, NOTICES)


class Settings(Protocol):
    """The settings that the app depends on."""

    @property
    def slack_signing_secret(self) -> str | None:
        """What Slack signs its HTTP requests with; None in Socket Mode."""


def slack_app(services: Services, settings: Settings) -> AsyncApp:
    """The app, with every listener.

    Listeners run before the response is sent. They are short: store, or hand over to the
    background, then acknowledge; so a failure is answered as one, an event that could not be taken
    is sent again by Slack, and nothing waits for Bolt's polling of listeners.

    Bolt checks the signature of HTTP requests, and never calls Slack itself. Each listener gets the
    app as the sender may use it (``admission.admit_sender``), and background work yields to it.
    """
    logger = logging.getLogger("desk.bolt")
    logger.setLevel(logging.ERROR)  # what Bolt warns about is answered or logged by us
    bolt = AsyncApp(
        name="escalation-desk",
        logger=logger,
        client=AsyncWebClient(retry_handlers=[]),
        authorize=_authorize,
        # Without a secret no request can be signed; an empty one would let all in.
        signing_secret=settings.slack_signing_secret or secrets.token_hex(32),
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        ignoring_self_events_enabled=False,  # needs our own ids; events.py tells bots apart
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    def bound(handle: Handle) -> Callable[..., Awaitable[None]]:
        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            with services.answering():
                if await customer_channels.marked_by_outsider(services, body):
                    await ack()
                    return
                await handle(await admission.admit_sender(services, body), ack, body)

        return listener

    async def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return await request_failed(services, error, body)

    bolt.event(ANY)(bound(partial(events.event_received, LatelySeen(), Elsewhere())))
    bolt.block_action(ANY)(bound(actions.action_received))
    bolt.command(ANY)(bound(command_received))
    bolt.view_submission(ANY)(bound(submissions.form_submitted))
    bolt.options(ANY)(bound(options.find_options))
    bolt.shortcut(ANY)(bound(shortcuts.shortcut_received))
    bolt.error(on_error)
    return bolt


async def request_failed(services: Services, error: Exception, body: Body) -> BoltResponse:
    """What Slack and the person get when a request could not be handled.

    - A request of a kind that no listener takes: 200, so that Slack does not repeat it.
    - A refusal (UserError): 200, and the reason privately; for an option list, no options.
    - A modal with inputs of who is no member, or not known yet: it stays open, and says why.
    - Any other fault of an event: 500, so that Slack sends it again.
    - Of a modal with inputs: it stays open with what was typed, and the reference of the log entry.
    - Of anything else: 200, and an apology with the reference, or that the store is away.
    """
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=200, body="")
    asked = requests.request_of(body)
    if isinstance(error, UserError):
        services.access.refused(asked.user, str(body.get("type") or "command"), error)
        if error.key == admission.UNCHECKED:
            services.background(admission.ask_who(services, asked.user), "who_asks", None)
        if (empty := admission.empty_answer(body)) is not None:
            return BoltResponse(status=200, body=dict(empty))
        if error.key in admission.NO_MEMBERS and _is_typed(body):
            return await _keep_refused(services, asked.user, body, error)
        refusal = _refuse(services, asked.reply, error)
        services.background(refusal, "refusal", asked.reply, asked.key)
        return BoltResponse(status=200, body="")
    reference = new_reference()
    log.error("request_failed", reference=reference, kind=body.get("type"), exc_info=error)
    if body.get("type") == "event_callback":
        return BoltResponse(status=500, body="")  # Slack sends it again
    if _is_typed(body):
        return await _keep_open(services, asked.user, body, reference)
    apology = store_away if is_away(error) else partial(trouble_message, reference)
    sorry = _apologize(services, asked.reply, apology)
    services.background(sorry, "trouble", asked.reply, asked.key)
    return BoltResponse(status=200, body="")


def _is_typed(body: Body) -> bool:
    """True for a submitted modal with inputs: what was typed in them should not be lost.

    A modal that only shows something has no input and loses nothing.
    """
    return body.get("type") == "view_submission" and bool(input_blocks(mapping(body.get("view"))))


async def _keep_open(services: Services, user: str, body: Body, reference: str) -> BoltResponse:
    """The modal stays, with everything that was typed in it, so that it can be sent again.

    The text has ``reference``, by which the entry of the log is found.
    """
    language = (await services.person(user)).language
    return _errors(body, field_problem("not_saved", language, reference=reference))


async def _keep_refused(
    services: Services, user: str, body: Body, error: UserError
) -> BoltResponse:
    """As ``_keep_open``, for who is no member: the form is the one answer that reaches them all.

    In English for a person of whom nothing is known yet.
    """
    known = error.key != admission.UNCHECKED
    language = (await services.person(user)).language if known else Language.ENGLISH
    return _errors(body, without_marks(refusal_message(error.key, language).text))


def _errors(body: Body, text: str) -> BoltResponse:
    """Keep the modal open with ``text`` at its first input.

    Slack shows a text at an input alone, so the view must have one (``_is_typed``).
    """
    errors = {input_blocks(mapping(body.get("view")))[0]: text}
    return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})


async def _refuse(services: Services, reply: ReplyTo, error: UserError) -> None:
    """Tell the refusal in the person's language; a bot only where Slack gave an address for it."""
    if error.key == Standing.BOT and not reply.response_url:
        return  # what is said by two bots, they would answer each other for ever
    language = (await services.person(reply.user_id)).language
    await services.tell(reply, refusal_message(error.key, language, **error.facts))


async def _apologize(
    services: Services, reply: ReplyTo, words: Callable[[Language], Message]
) -> None:
    """Tell the person that it did not work; ``words`` makes the message in their language."""
    await services.tell(reply, words((await services.person(reply.user_id)).language))


async def _authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
    """Let every signed request in: one workspace, and Bolt itself never calls Slack.

    No token is looked up; who the person is, ``admission`` decides.
    """
    return AuthorizeResult(team_id=team_id, enterprise_id=enterprise_id)
