"""The map of the process through the doors: in any channel and a case's, as files, on a page."""

import re
from pathlib import Path

import httpx

from messages.kit.blocks import actions, button, message
from tests.e2e.office import ELENI, KATE, MAYA, NIKOS, Office, office, texts_of
from tests.ports import free_port


def words(desk: Office, who: str) -> str:
    """The last private answer."""
    return desk.answers(who)[-1].text + "\n".join(texts_of(desk.answers(who)[-1].blocks))


async def test_everybody_sees_the_way_and_leads_what_is_on_it(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with office(tmp_path, http=False, public_url=url) as desk:
        await desk.stage("investigating")
        await desk.command(MAYA, "map")
        assert "*Investigating* → a workaround is in place" in words(desk, MAYA)
        assert "case now" not in words(desk, MAYA)
        await desk.command(KATE, "map")
        assert "*Investigating* · 1 case now" in words(desk, KATE)
        link = re.findall(r"https?://[^|\s>]+/g/[\w-]+", words(desk, KATE))[0]
        async with httpx.AsyncClient() as client:
            page = await client.get(f"{link}?lang=en")
        assert "The way of a case" in page.text
        await desk.press(KATE, desk.answers(KATE)[-1], "show:map_files")
        carrier = next(m for m in reversed(desk.dms(KATE)) if m.files)
        names = [desk.ws.files[key].name for key in carrier.files]
        assert names == ["process.png", "process-lucidchart.csv", "process.mmd"]
        await desk.command(KATE, "map 2031")
        assert "I do not know the period “2031”" in words(desk, KATE)


async def test_a_case_is_on_it_in_its_channel_for_those_who_may_read_it(tmp_path: Path) -> None:
    async with office(tmp_path, http=False) as desk:
        number = await desk.stage("mitigated")
        await desk.command(MAYA, "map", desk.channel(number).id)
        assert "▶ *Workaround in place* · ESC-1 is here" in words(desk, MAYA)
        await desk.command(ELENI, "χάρτης", desk.channel(number).id)
        assert "η ESC-1 είναι εδώ" in words(desk, ELENI)
        assert "Από εδώ: Επιλύθηκε" in words(desk, ELENI)
        await desk.press(ELENI, desk.answers(ELENI)[-1], "show:map_files")
        carrier = next(m for m in reversed(desk.dms(ELENI)) if m.files)
        drawn = (desk.ws.files[carrier.files[-1]].content or b"").decode()
        assert "class mitigated here" in drawn
        await desk.command(MAYA, "map")
        assert "▶" not in words(desk, MAYA)
        secret = await desk.stage("investigating", sensitive=True)
        forged = message("?", actions(button("show:map", "?", {"case": secret})))
        await desk.press(NIKOS, await desk.post(NIKOS, forged), "show:map")
        assert "*Νέα*" in words(desk, NIKOS)
        assert "▶" not in words(desk, NIKOS)
        assert f"ESC-{secret}" not in words(desk, NIKOS)
