"""Jira: issues and their fix versions are read, a remote link says that customers wait.

A remote link has a global id of ours: to post it again replaces what is there, so a repeat needs no
look. Jira answers to the old key of an issue that was moved, and names the new one. It says 404
both for an issue that is not there and for one that our account may not see.

With an email address we are an account of Jira Cloud with an API token; without one the token is a
personal access token of Jira Data Center, whose API has the version 2.

Sources: developer.atlassian.com, Jira Cloud platform: REST API v3 (Issues, Issue remote links,
Myself), Rate limiting, Webhooks (Secure admin webhooks); Jira Data Center: REST API v2, Personal
access tokens.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bot.rules.bugs.state import BugState
from bot.rules.words import BugTracker
from messages.clients.helpdesks import Away, Refused
from messages.clients.helpdesks.http import Answer, Api, body_of, pick_object
from messages.clients.trackers import BugEvent, BugLink, Forbidden, Missing
from messages.clients.trackers.jira_facts import FIELDS, KEY, read_issue

ISSUE_EVENTS = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"})
VERSION_EVENT = "jira:version_"  # released, unreleased, updated (its day), deleted, moved, created
SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
ID = re.compile(r"[0-9]{1,18}")
PATH_KEY = re.compile(r"/(?:browse|issues)/([A-Za-z][A-Za-z0-9_]{1,49}-[1-9][0-9]{0,9})/?")
ORIGIN = "Escalation Desk"  # how our links are named among those of others
RELATIONSHIP = "customers wait for"


class Jira:
    """One Jira site, as the account that the token belongs to.

    Several ``secrets`` may hold at once, so that one can be replaced without losing a webhook.
    """

    name = BugTracker.JIRA

    def __init__(self, url: str, email: str, token: str, secrets: Sequence[str]) -> None:
        """Speak to one Jira at ``url``.

        With ``email`` it is Cloud (API 3), without it Data Center (API 2). ``site`` is what an
        address must begin with to be of this Jira: host and path, in lower case.
        """
        self._url = url.rstrip("/")
        parts = urlsplit(self._url)
        self.site = parts.netloc.lower() + parts.path
        said = base64.b64encode(f"{email}:{token}".encode()).decode()
        self._authorization = f"Basic {said}" if email else f"Bearer {token}"
        self._root = f"/rest/api/{3 if email else 2}"
        self._secrets = [secret.encode() for secret in secrets]
        self._api = Api(self.name, self._url, wait_header="retry-after")

    # -- reading

    def key_of(self, typed: str) -> str:
        """The key itself, in any case, or an address of this site that shows one issue."""
        typed = typed.strip()
        if KEY.fullmatch(typed.upper()):
            return typed.upper()
        parts = urlsplit(typed)
        base = urlsplit(self._url)
        if parts.scheme not in ("https", "http") or parts.netloc.lower() != base.netloc.lower():
            return ""
        if not parts.path.startswith(f"{base.path}/"):
            return ""
        found = PATH_KEY.search(parts.path)
        named = found[1] if found else parse_qs(parts.query).get("selectedIssue", [""])[0]
        return named.upper() if KEY.fullmatch(named.upper()) else ""

    def url_of(self, key: str) -> str:
        """The page of the issue."""
        return f"{self._url}/browse/{key}"

    async def state(self, key: str) -> BugState:
        """The issue with its versions, by the key that it has or had."""
        asked = {"fields": ",".join(FIELDS)}
        answer = await self._ask("GET", f"/issue/{quote(key, safe='')}", params=asked)
        found = read_issue(answer.data)
        if found is None:
            raise Away("Jira's answer is no issue")
        return found

    async def check(self) -> str:
        """The name of the account."""
        me = (await self._ask("GET", "/myself")).data
        return str(me.get("displayName") or me.get("name") or me.get("accountId") or "?")

    # -- writing

    async def put_link(self, key: str, link: BugLink) -> None:
        """A remote link under the mark as its global id: made, or replaced."""
        await self._ask(
            "POST",
            f"/issue/{quote(key, safe='')}/remotelink",
            json={
                "globalId": link.mark,
                "application": {"name": ORIGIN},
                "relationship": RELATIONSHIP,
                "object": {
                    "url": link.url,
                    "title": link.title,
                    "summary": link.summary,
                    "status": {"resolved": link.resolved},
                },
            },
        )

    async def remove_link(self, key: str, mark: str) -> None:
        """Delete the remote link by its global id; 404 says that there is none."""
        try:
            path = f"/issue/{quote(key, safe='')}/remotelink"
            await self._ask("DELETE", path, params={"globalId": mark})
        except Missing:
            return

    async def _ask(self, method: str, path: str, **content: Any) -> Answer:
        """Ask, and tell apart what Jira refuses.

        Raises Missing for 404, Forbidden for 403, Refused for any other refusal, and Away for 401
        too, since a token can be repaired.
        """
        try:
            return await self._api.call(
                method, self._root + path, authorization=self._authorization, **content
            )
        except Refused as refused:
            if refused.reason.startswith("404"):
                raise Missing(refused.reason) from refused
            raise
        except Away as away:
            if away.status == 403:
                raise Forbidden(away.reason) from away
            raise

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()

    # -- webhooks

    def may_be_signed(self, headers: Mapping[str, str]) -> bool:
        """Whether ``X-Hub-Signature`` may be one; never without a secret."""
        return bool(self._secrets and SIGNATURE.fullmatch(headers.get("x-hub-signature", "")))

    def is_signed(self, headers: Mapping[str, str], raw: bytes) -> bool:
        """HMAC-SHA256 of the body as it came, in hexadecimal.

        No time is signed, so a signature does not grow old: what is sent again is known by its
        body.
        """
        if not self.may_be_signed(headers):
            return False
        given = headers["x-hub-signature"].removeprefix("sha256=")
        made = (hmac.new(each, raw, hashlib.sha256).hexdigest() for each in self._secrets)
        return any(hmac.compare_digest(each, given) for each in made)

    def event(self, raw: bytes) -> BugEvent | None:
        """An event of an issue or of a version.

        It is known again by a digest of its body, which has the time of the event. The identifier
        that Jira sends beside it is not signed.
        """
        body = body_of(raw)
        what, key = str(body.get("webhookEvent")), hashlib.sha256(raw).hexdigest()
        if what in ISSUE_EVENTS:
            return _read_issue_event(what, key, pick_object(body, "issue"))
        if not what.startswith(VERSION_EVENT):
            return None
        version = str(pick_object(body, "version").get("id"))
        if not ID.fullmatch(version):
            raise ValueError("not a version")
        return BugEvent(key, version=version)


def _read_issue_event(what: str, key: str, issue: Mapping[str, Any]) -> BugEvent:
    """The event of an issue. Raises ValueError for one that names none."""
    bug, number = str(issue.get("key")), str(issue.get("id"))
    if not KEY.fullmatch(bug):
        raise ValueError("not an issue")
    return BugEvent(
        key,
        bug=bug,
        id=number if ID.fullmatch(number) else "",
        deleted=what == "jira:issue_deleted",
        told=None if what == "jira:issue_deleted" else read_issue(issue),
    )
