"""The broadcast's composer: stops and missing languages at the field, advice shown once.

As ``composer``, for one text in each language that the audience reads. The audience is taken from
the store when the form is sent, so a language may have become wanted meanwhile.
"""

from typing import Any

from bot.errors import UserError
from bot.problems.broadcasts import ProposeBroadcast
from bot.rules.problems import audience
from bot.rules.tone.lint import Finding, Rule
from bot.rules.words import Language
from handlers.forms import fields
from handlers.forms.composer import QUOTE_MAX, STOPS_SHOWN, WARNED_MAX, finding_mark
from handlers.forms.drawing import View, draw_form
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.problem_prefill import start_broadcast
from handlers.ports import Services
from handlers.slack.requests import Asked, Body
from messages.customers.templates import unfilled_placeholders
from messages.kit.blocks import fit_plain


async def advised_broadcast(
    services: Services, asked: Asked, _view: Body, given: dict[str, Any]
) -> View | None:
    """The form once more with advice beside the texts; None when there is none that is new.

    Raises BadFields for a language that is missing, brackets, what must not be sent, and a time in
    the past; UserError ``no_such_problem``. Nothing is stored.

    Of a known issue there is no time to promise, and the audience is all who wait and were not
    told. A finding that was shown before, in whichever language, does not bring the form back; its
    mark is of rule and quote alone.
    """
    intent = fields.build_intent("propose_broadcast", given)
    if not isinstance(intent, ProposeBroadcast):
        raise UserError("stale")
    fields.check_times(intent, services.clock.now())
    problem = await services.problems.problem(intent.problem)
    if intent.next_update_at is None and not problem.is_known_issue:
        raise BadFields([FieldError("next_update_at", "required")])
    chosen = audience.UNTOLD if problem.is_known_issue else intent.audience
    to = audience.audience_members(problem.affected, chosen)
    found: list[Finding] = []
    for language in audience.audience_languages(to):
        name = f"text_{language.value}"
        text, promises = str(getattr(intent, name)), not problem.is_known_issue
        found += await judge_text(services, asked, name, text, language, promises=promises)
    warned = set(given.get("warned") or ())
    if all(finding_mark(finding) in warned for finding in found):
        return None
    viewer = await services.person(asked.user)
    known = await start_broadcast(services, None, viewer, given)
    shown = [*(given.get("warned") or ()), *(finding_mark(finding) for finding in found)]
    known |= {"findings": tuple(found), "warned": list(dict.fromkeys(shown))[-WARNED_MAX:]}
    form_id = str(given.get("form", ""))
    return draw_form("propose_broadcast", viewer, None, known, form_id=form_id, carried=given)


async def judge_text(
    services: Services,
    asked: Asked,
    name: str,
    text: str,
    language: Language,
    *,
    promises: bool,
) -> list[Finding]:
    """Advice on one text; raises BadFields for what keeps it from being sent.

    ``name`` is the field, ``text_<language>``.

    Stops are told at the field, the first ``STOPS_SHOWN``, each with at most ``QUOTE_MAX``
    characters of what was found. ``promises`` is True where the text must say when they hear from
    us next.
    """
    if not text:
        raise BadFields([FieldError(name, "language_missing")])
    if left := unfilled_placeholders(text, text):
        raise BadFields([FieldError(name, "brackets", {"found": ", ".join(left)})])
    judged = services.problems.judge(text, language, asked.user, promises=promises)
    found = list(await judged)
    stopping = [each for each in found if each.stops]
    if stopping:
        raise BadFields([_stop(name, each) for each in stopping[:STOPS_SHOWN]])
    return found


def _stop(name: str, finding: Finding) -> FieldError:
    """The finding at its field; another customer's name has words of its own."""
    facts = {"quote": fit_plain(finding.quote, QUOTE_MAX), "better": finding.suggestion}
    if finding.rule is Rule.WRONG_CUSTOMER:
        return FieldError(name, "customer_named", facts)
    return FieldError(name, "tone_stop" if finding.quote else "tone_missing", facts)
