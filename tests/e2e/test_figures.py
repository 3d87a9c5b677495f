"""Figures through the doors: asked for, opened by a link, sent as files, and refused."""

import asyncio
import re
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import httpx
from pypdf import PdfReader

from handlers.http.own.pages import PER_LINK
from tests.e2e.office import ELENI, KATE, MAYA, SOFIA, Office, office, texts_of
from tests.ports import free_port


async def test_figures_are_asked_for_opened_and_sent(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with office(tmp_path, http=False, public_url=url) as desk:
        for _ in range(3):
            await desk.stage("closed")
        await desk.stage("investigating")
        await desk.command(KATE, "figures")
        assert "*Escalations, Q1 2027*" in words(desk, KATE)
        assert "Cases: *4*" in words(desk, KATE)
        await desk.press(KATE, desk.answers(KATE)[-1], "show:figures#2")  # the quarter before
        assert "*Escalations, Q4 2026*" in words(desk, KATE)
        await desk.command(KATE, "figures Q4 2026 delphi")
        assert "Escalations, Q4 2026 · Delphi Energy" in words(desk, KATE)
        await desk.command(KATE, "figures yesterday")
        assert "No customer has “yesterday”" in words(desk, KATE)
        await desk.command(KATE, "figures 2031")
        assert "I do not know the period “2031”" in words(desk, KATE)
        await desk.command(ELENI, "στοιχεία")
        assert "1ο τρίμηνο 2027" in words(desk, ELENI)
        await desk.press(ELENI, desk.answers(ELENI)[-1], "show:figures_files")
        carrier = next(m for m in reversed(desk.dms(ELENI)) if m.files)
        names = [desk.ws.files[key].name for key in carrier.files]
        assert names[-1] == "figures-2027-Q1.pdf"
        assert "figures-2027-Q1-cases.png" in names
        content = desk.ws.files[carrier.files[-1]].content or b""
        assert "Κλιμακώσεις" in PdfReader(BytesIO(content)).pages[0].extract_text()
        await desk.command(SOFIA, "figures")
        link = re.findall(r"https?://[^|\s>]+/g/[\w-]+", words(desk, SOFIA))[0]
        await opened(link)
        await desk.pass_time(timedelta(days=31))
        async with httpx.AsyncClient() as client:
            assert (await client.get(link)).status_code == 404


async def opened(link: str) -> None:
    """The page, its files, another language, and what a wrong token or too many requests get."""
    async with httpx.AsyncClient() as client:
        page, greek = await client.get(f"{link}?lang=en"), await client.get(link)  # as she reads
        pdf, rows = await client.get(f"{link}.pdf?lang=en"), await client.get(f"{link}.csv")
        wrong = await client.get(link[:-1] + ("a" if link[-1] != "a" else "b"))
        assert [each.status_code for each in (page, greek, pdf, rows, wrong)] == [200] * 4 + [404]
        assert "Escalations, Q1 2027" in page.text
        assert "1ο τρίμηνο 2027" in greek.text
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'; img-src data:" in page.headers["content-security-policy"]
        assert "Escalations" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
        assert rows.headers["content-disposition"] == 'attachment; filename="figures-2027-Q1.csv"'
        assert "Υποθέσεις" in rows.text
        many = await asyncio.gather(*(client.get(link + "x") for _ in range(PER_LINK + 10)))
        assert {each.status_code for each in many} == {404, 429}


def words(desk: Office, who: str) -> str:
    """The last private answer."""
    return desk.answers(who)[-1].text + "\n".join(texts_of(desk.answers(who)[-1].blocks))


async def test_figures_are_for_leads_and_executives_alone(tmp_path: Path) -> None:
    async with office(tmp_path, http=False) as desk:
        await desk.command(MAYA, "figures")
        assert "permission" in words(desk, MAYA)
        assert "Escalations" not in words(desk, MAYA)
        for who, shown in ((MAYA, False), (KATE, True), (SOFIA, True)):
            await desk.here.people.open_home(who)
            home = await desk.here.people.until(partial(desk.here.people.home, who))
            assert ("show:figures" in str(home.blocks)) == shown
