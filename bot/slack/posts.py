"""Performing effects that say something: in a channel, to one person.

A message carries the row's id as metadata, by which a second try finds it (``find_earlier``). Texts
are composed when the row is performed, in the team's language or the reader's. The result kept in
the row is ``ts``, of a DM ``channel`` too, or ``left`` with the status of a person who has left and
is written to no more.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from bot.slack import find_earlier, left_channels
from bot.slack.as_said import recall_facts
from bot.slack.case_presenter import case_facts
from bot.slack.presenter import F, Posted, Presenter, inner_channel_of, team_language
from bot.slack.private_replies import try_slack
from messages.cases.digest import digest_message
from messages.clients.shared_channels import speaking_to_all
from messages.clients.slack import SlackRefused
from messages.compose import compose_message
from messages.kit.blocks import TEXT_MAX, Message, fit

TOO_LONG = "msg_too_long"


async def perform_post(presenter: Presenter[F], delivery: Delivery, job: Job) -> EffectResult:
    """Say something in the subject's channel."""
    facts = await presenter.load_facts(delivery, job)
    message = presenter.compose_post(facts, job.row.payload, team_language(delivery))
    channel = await inner_channel_of(delivery, facts, job.row)
    return EffectResult({"ts": await post_once(delivery, job, channel, message)})


async def old_post(delivery: Delivery, job: Job) -> EffectResult:
    """Say in the channel that the case has left that it goes on elsewhere, and nothing more."""
    message, channel = left_channels.elsewhere_message(delivery), job.row.payload["channel"]
    with speaking_to_all(channel):
        return EffectResult({"ts": await post_once(delivery, job, channel, message)})


async def perform_dm(delivery: Delivery, job: Job) -> EffectResult:
    """Say something to one person, in their language.

    Waits (SlackUnknown) while Slack cannot tell who they are, since it is said only once. Nothing
    is said of a restricted case that they are not on.
    """
    row, user = job.row, job.row.payload["user"]
    case = await case_facts(delivery, job, user) if row.case_number else None
    if case is not None and await left_channels.is_hidden(
        delivery, case, row.payload["text"], user
    ):
        return EffectResult()
    person = await delivery.services.people.surely(user)
    case = recall_facts(case, row.payload) if case is not None else None
    message = compose_message(row.payload["text"], row.payload["extra"], case, person.language)
    told = await post_to_person(delivery, job, user, message)
    place = row.payload.get("asked_in") or {}
    if "channel" in told.result and told.result["channel"] != place.get("channel"):
        await _answer_in(delivery, place, user, message)
    return told


async def _answer_in(
    delivery: Delivery, place: Mapping[str, str], user: str, message: Message
) -> None:
    """Say it to one person where they asked, too; lost where Slack does not do it at once.

    By the address that Slack gave for answers there, else in the channel, where the app may be no
    member. What is in their direct messages by now is not said again.
    """
    said = {"text": message.text, "blocks": message.blocks}
    body = {"response_type": "ephemeral", "replace_original": False, **said}
    url, channel = place.get("url"), place.get("channel")
    if url and await try_slack(delivery.services.slack.respond(url, body)):
        return
    with suppress(Later):
        if channel:
            await try_slack(delivery.call("chat.postEphemeral", channel=channel, user=user, **said))


async def perform_digest(delivery: Delivery, job: Job) -> EffectResult:
    """Say an executive's morning, as things stand when it is sent; ``since`` is in the payload."""
    user = job.row.payload["user"]
    person = await delivery.services.people.surely(user)
    since = datetime.fromisoformat(job.row.payload["since"])
    news = await delivery.services.reading.digest(user, since)
    return await post_to_person(delivery, job, user, digest_message(news, person.language))


async def post_to_person(delivery: Delivery, job: Job, user: str, message: Message) -> EffectResult:
    """Say it in the app's own conversation with a person.

    A message to a user id reaches that conversation and teaches its id: one call, where opening it
    first would be two. A retry must know it before, to look into it, and so must we where user ids
    are not taken for it.
    """
    if (standing := delivery.services.people.left(user)) is not None:
        return EffectResult({"left": standing.value})  # it would not be read, or not by one of ours
    channel = await find_dm_channel(delivery, user, needed=job.tried_before)
    try:
        sent = await posted(delivery, job, channel, message)
    except SlackRefused as refused:
        if refused.code != "channel_not_found" or channel != user:
            raise
        opened = await find_dm_channel(delivery, user, needed=True)
        sent = await posted(delivery, job, opened, message)
    return EffectResult(
        {"channel": sent.channel, "ts": sent.ts}, _save_dm(delivery, user, sent.channel)
    )


async def find_dm_channel(delivery: Delivery, user: str, *, needed: bool) -> str:
    """The app's own conversation with a person; unless it is ``needed``, their id may stand for it.

    Asks Slack only where the store does not know it.
    """
    if (known := await delivery.services.people.find_conversation(user)) is not None:
        return known
    if not needed:
        return user
    try:
        answer = await delivery.call("conversations.open", users=user)
    except SlackRefused as refused:
        if refused.code not in find_earlier.UNKNOWN_METHOD:
            raise
        return user  # a message to a user id reaches the app's own conversation with them
    return str(answer["channel"]["id"])


def _save_dm(delivery: Delivery, user: str, channel: str) -> Any:
    async def save(session: AsyncSession) -> None:
        await delivery.services.people.save_conversation(session, user, channel)

    return save


async def upload_once(
    delivery: Delivery, job: Job, channel: str, name: str, content: bytes, comment: str = ""
) -> dict[str, Any]:
    """Upload a file to a channel or conversation, with words; a retry looks for its name first.

    Only this row gives a file that name. Three calls: a place is asked for, the bytes are sent
    there, and the upload is completed with the channel. Only the last one shows anything. Answers
    ``file``, Slack's id; nothing where an earlier try's file was found.
    """
    if (
        job.tried_before
        and await find_earlier.our_file(delivery.call, channel, job.row, name) is not None
    ):
        return {}
    place = await delivery.call("files.getUploadURLExternal", filename=name, length=len(content))
    await delivery.services.slack.upload(place["upload_url"], content)
    await delivery.call(
        "files.completeUploadExternal",
        files=[{"id": place["file_id"], "title": name}],
        channel_id=channel,
        **({"initial_comment": comment} if comment else {}),
    )
    return {"file": place["file_id"]}


def save_place(model: Any, number: int, told: EffectResult) -> Any:
    """Store where a message stands in the row of ``model`` with this id, when the effect ends.

    The row has ``channel`` and ``ts``; both stay where nothing was posted, as to a person who has
    left. What ``told`` would save by itself is saved too, in the same transaction.
    """

    async def save(session: AsyncSession) -> None:
        if "ts" in told.result:
            row = update(model).where(model.id == number)
            await session.exec(row.values(channel=told.result["channel"], ts=told.result["ts"]))
        if told.save is not None:
            await told.save(session)

    return save


async def post_once(delivery: Delivery, job: Job, channel: str, message: Message) -> str:
    """Post as ``posted`` does and return the ts alone."""
    return (await posted(delivery, job, channel, message)).ts


async def posted(delivery: Delivery, job: Job, channel: str, message: Message) -> Posted:
    """Post once: a retry first looks for a message that carries this row's id.

    Where Slack refuses its form the text alone is posted. Raises what ``Delivery.call`` raises.
    """
    if job.tried_before:
        found = await find_earlier.our_message(delivery.call, channel, job.row)
        if found is not None:
            return Posted(str(found["ts"]), channel, fresh=False)
    metadata = find_earlier.message_metadata(job.row)
    arguments: dict[str, Any] = {
        "channel": channel,
        "metadata": metadata,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    answer = await _say_or_plain(delivery, "chat.postMessage", message, arguments)
    return Posted(str(answer["ts"]), str(answer.get("channel") or channel), fresh=True)


async def edit_message(delivery: Delivery, channel: str, ts: str, message: Message) -> None:
    """Replace a message of ours, by its text alone where Slack refuses its form.

    Doing it twice shows the same.
    """
    await _say_or_plain(delivery, "chat.update", message, {"channel": channel, "ts": ts})


async def _say_or_plain(
    delivery: Delivery, method: str, message: Message, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Call a method that shows a message; better plain than not at all.

    What Slack refuses for its blocks or its length is said once more without blocks, cut to what
    one section holds.
    """
    try:
        return await delivery.call(method, text=message.text, blocks=message.blocks, **arguments)
    except SlackRefused as refused:
        if "block" not in refused.code and refused.code != TOO_LONG:
            raise
    plain = fit(message.text, TEXT_MAX)
    return await delivery.call(method, text=plain, blocks=[], **arguments)
