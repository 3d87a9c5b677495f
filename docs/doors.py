"""The doors by HTTP: who may come in, how much may be sent and how often, by the code itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.customers.channels import BRIEF, FORM, PAGE, REPORT
from bot.rules.duty.pagers import PagerName
from bot.rules.words import BugTracker, HelpDesk
from handlers.http import app, forms, helpdesks, intake, mail, pagers, pages, podium, trackers
from handlers.http.own import pages as own
from handlers.slack.manifest import EVENTS_PATH

GUARDED = "`METRICS_TOKEN` as a bearer token; 404 where none is set"
WEBHOOK = "a signature of the service over the body; all refused where its secret is empty"
OPSGENIE = "the secret that its webhook sends, since Opsgenie signs nothing"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """A route as ``/slack/events``; ``body`` in bytes, 0 where none is read; ``often`` in words."""

    path: str
    what_for: str
    who: str
    body: int = 0
    often: str = ""

    @property
    def shown(self) -> str:
        """``page`` or ``file``, with the headers of pages; empty for what only programs read."""
        if not self.path.startswith((BRIEF, FORM, PAGE, REPORT)):
            return ""
        return "file" if self.path.endswith((".pdf", ".csv")) else "page"


def http_doors() -> Iterator[HttpDoor]:
    """Every route of the program, in the order of the table."""
    slack = "Slack’s signature over the body, at most five minutes old"
    yield HttpDoor(EVENTS_PATH, "Slack’s requests", slack, app.BODY_MAX, "Slack’s own limits")
    yield HttpDoor("/healthz", "does the process live?", "anybody; it says nothing else")
    yield HttpDoor("/readyz", "can it work?", GUARDED)
    yield HttpDoor("/metrics", "figures for Prometheus", GUARDED)
    signed = "`MAIL_INBOUND_SECRET` over the body"
    yield HttpDoor(mail.MAIL_PATH, "emails", signed, mail.MAIL_MAX)
    for desk in HelpDesk:
        path = f"/helpdesk/{desk.value}"
        yield HttpDoor(path, "events of a help desk", WEBHOOK, helpdesks.EVENT_MAX)
    for tracker in BugTracker:
        path = f"/tracker/{tracker.value}"
        yield HttpDoor(path, "events of Jira", WEBHOOK, trackers.EVENT_MAX)
    yield HttpDoor("/intake/podium", "public reviews", WEBHOOK, podium.EVENT_MAX)
    for pager in PagerName:
        proof = WEBHOOK if pager is not PagerName.OPSGENIE else OPSGENIE
        yield HttpDoor(f"/pager/{pager.value}", "answers to a page", proof, pagers.EVENT_MAX)
    source = f"{intake.PER_MINUTE} a minute from one source"
    yield HttpDoor("/intake/openapi.json", "how to report", "anybody; it holds no data")
    report = "the source’s secret over the body"
    yield HttpDoor("/intake/{source}", "a program reports", report, intake.REPORT_MAX, source)
    asked = "the source’s secret over the address"
    yield HttpDoor("/intake/{source}/{key:path}", "what became of it", asked, 0, source)
    link = "a signed link that ends; nothing else of any case"
    limits = f"{pages.PER_MINUTE} a minute from one address, {pages.PER_LINK} for one link"
    yield HttpDoor(PAGE + "{token:str}", "customers’ pages", link, pages.FORM_MAX, limits)
    sent = f"{forms.PER_MINUTE} a minute from one address, {forms.SENT_PER_MINUTE} of them sent"
    for path in (FORM, FORM + "{token:str}"):
        yield HttpDoor(path, "the public form", "anybody, where it is on", forms.BODY_MAX, sent)
    limits = f"{own.PER_MINUTE} a minute from one address, {own.PER_LINK} for one link"
    mine = "a colleague’s signed link that ends with their role"
    for path, endings in ((BRIEF, ("", ".pdf")), (REPORT, ("", ".pdf", ".csv"))):
        what = "a quarterly brief" if path == BRIEF else "figures of a period"
        for ending in endings:
            yield HttpDoor(f"{path}{{token:str}}{ending}", what, mine, 0, limits)


def size(count: int) -> str:
    """A number of bytes as people read it; a dash for none."""
    if not count:
        return "—"
    return f"{count // MIB} MiB" if count >= MIB else f"{count // 1024} KiB"
