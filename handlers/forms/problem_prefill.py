"""Forms about problems: what they open with, and how what was typed becomes an intent."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import UserError
from bot.problems.steps import OnProblem
from bot.rules.facts import PersonFacts
from bot.rules.problems import affected_csv
from bot.rules.words import Language
from handlers.forms.fields import BadFields, FieldError
from handlers.ports import Services
from messages.kit.texts import t

Given = Mapping[str, Any]

POINTS_LAST = timedelta(days=7)  # suggested life of talking points


async def opened(
    services: Services, verb: str, viewer: PersonFacts, given: Given
) -> dict[str, Any]:
    """``given`` with what is known of the problem beneath it.

    Raises UserError ``no_such_problem``, and ``stale`` for something that is gone.
    """
    number = given.get("problem")
    if verb == "link_case":
        return {**given, "problems": await services.problems.open()}
    if not isinstance(number, int):
        raise UserError("no_such_problem")
    if verb == "propose_broadcast":
        known = dict(await services.problems.composing(number, viewer.user_id))
        starters = {
            f"text_{each}": t(Language(each), "problem.starter") for each in known["languages"]
        }
        return {**known, **starters, **given}
    about = await services.problems.problem(number)
    more: dict[str, Any] = {}
    if verb == "edit_problem":
        more = {"title": about.title, "known": about.known, "scope": about.scope}
        more |= {"owner": about.owner, "severity": str(about.severity.value)}
    elif verb == "remove_affected":
        more["shown"] = next((a for a in about.affected if a.id == given.get("affected")), None)
    elif verb == "answer_broadcast":
        shown = await services.problems.broadcast(number, int(given.get("broadcast") or 0))
        more = {"shown": shown, "digest": shown.digest}
    elif verb == "answer_points":
        found = await services.problems.points(number)
        more["shown"] = next((p for p in found if p.id == given.get("points")), None)
    elif verb == "propose_points":
        more = {"expires_at": services.clock.now() + POINTS_LAST}
        if about.points is not None:
            said = about.points
            more |= {"say": said.say, "dont_say": said.dont_say, "questions": said.questions}
    return {"about": about, **more, **given}


def is_about_problem(model: type[Any]) -> bool:
    """True for intents that belong to a problem instead of a case."""
    return issubclass(model, OnProblem)


async def lines_read(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """Pasted customers, each with an account; every line that cannot be taken is told."""
    lines, wrong = affected_csv.read(str(given.get("lines") or ""))
    keys: dict[int, str] = {}
    for line in lines:
        account = await services.problems.account_named(line.customer)
        if account is None:
            wrong.append(affected_csv.Mistake(line.number, "unknown", line.customer))
        else:
            keys[line.number] = account.key
    wrong += affected_csv.repeated([ln for ln in lines if ln.number in keys], keys)
    if wrong:
        wrong.sort(key=lambda mistake: mistake.line)
        raise BadFields(
            FieldError("lines", f"lines_{m.kind}", {"line": m.line, "quote": m.quote})
            for m in wrong[: affected_csv.FOUND_MAX]
        )
    return given
