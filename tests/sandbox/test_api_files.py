"""Files by the external upload flow."""

import aiohttp

from tests.sandbox.api_world import Desk, code

AGENDA = "# Postmortem\n\nΤι μάθαμε\n"


async def test_the_sdk_uploads_a_file_into_a_thread_and_the_app_reads_it_back(desk: Desk) -> None:
    channel = await desk.channel()
    root = await desk.say(channel, "root")
    answer = await desk.client.files_upload_v2(
        channel=channel,
        thread_ts=root,
        filename="agenda.md",
        title="Agenda",
        content=AGENDA,
        initial_comment="For tomorrow",
    )
    shown = answer["file"]
    assert (shown["name"], shown["title"], shown["mimetype"]) == (
        "agenda.md",
        "Agenda",
        "text/markdown",
    )
    thread = await desk.client.conversations_replies(channel=channel, ts=root)
    message = thread["messages"][1]
    assert (message["text"], message["subtype"]) == ("For tomorrow", "file_share")
    assert message["files"][0]["id"] == shown["id"]
    info = await desk.client.files_info(file=shown["id"])
    assert info["file"]["size"] == len(AGENDA.encode())
    auth = {"Authorization": f"Bearer {desk.app.bot_token}"}
    async with aiohttp.ClientSession() as session:
        async with session.get(shown["url_private"], headers=auth) as response:
            assert await response.text() == AGENDA
        async with session.get(shown["url_private"]) as response:
            assert response.status == 404


async def test_a_file_without_its_bytes_cannot_be_finished(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    begun = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    finish = client.files_completeUploadExternal
    early = finish(files=[{"id": begun["file_id"]}], channel_id=channel)
    assert await code(early) == "file_not_found"
    async with aiohttp.ClientSession() as session:
        async with session.post(begun["upload_url"], data=b"12345678") as response:
            assert response.status == 400
        async with session.post(begun["upload_url"], data=b"12345") as response:
            assert (response.status, await response.text()) == (200, "OK - 5")
    await finish(files=[{"id": begun["file_id"]}], channel_id=channel)
    again = finish(files=[{"id": begun["file_id"]}], channel_id=channel)
    assert await code(again) == "file_not_found"


async def test_a_file_goes_only_where_the_bot_is(desk: Desk) -> None:
    call = desk.client.files_completeUploadExternal
    for channel, error in (("C0TRIAGE", "not_in_channel"), ("C0NONE", "channel_not_found")):
        begun = await desk.client.files_getUploadURLExternal(filename="a.txt", length=1)
        async with aiohttp.ClientSession() as session:
            await session.post(begun["upload_url"], data=b"1")
        assert await code(call(files=[{"id": begun["file_id"]}], channel_id=channel)) == error


async def test_a_file_needs_a_length(desk: Desk) -> None:
    call = desk.client.files_getUploadURLExternal(filename="a.txt", length=0)
    assert await code(call) == "invalid_arguments"


async def test_an_unshared_file_of_a_person_is_not_for_the_app(desk: Desk) -> None:
    from sandbox import files

    hers = files.begin_upload(desk.ws, "U0MAYA", "notes.txt", 1)
    files.receive(desk.ws, hers.upload_token, b"x")
    files.complete(desk.ws, "U0MAYA", [{"id": hers.id}], channel_ids=[])
    assert await code(desk.client.files_info(file=hers.id)) == "access_denied"
    assert await code(desk.client.files_info(file="F0NONE")) == "file_not_found"
