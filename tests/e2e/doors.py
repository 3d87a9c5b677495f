"""Every door of the app, listed out of its registries: by which a person asks for something.

A door is knocked at with fields, as a forged request would carry them; ``case`` among them is the
number that is asked about. What came of it is what Slack was told and what the person was shown.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.engine.intent import OnCase
from bot.registry import INTENTS
from handlers.commands import ALIASES, BY_NAME, TABLE
from handlers.forms.redraw import CHANGES
from handlers.slack.answers import SHOWN
from handlers.slack.manifest import GLOBAL_SHORTCUT, MESSAGE_SHORTCUT
from messages.forms import FORMS
from tests.e2e import forged
from tests.e2e.office import SUPPORT, Office

Fields = Mapping[str, Any]
Knock = Callable[[Office, str, Fields], Awaitable[object]]


@dataclass(frozen=True)
class Door:
    """``name`` is kind and what stands on it; ``verb`` is the intent or answer that it leads to."""

    name: str
    verb: str
    knock: Knock

    @property
    def kind(self) -> str:
        """``do``, ``ask``, ``form``, ``command`` …"""
        return self.name.partition(":")[0]

    @property
    def of_case(self) -> bool:
        """True for a door to a case."""
        shown = SHOWN.get(self.verb)
        model = INTENTS.get(self.verb)
        return bool(shown and shown.of_case) or bool(model and issubclass(model, OnCase))


def list_doors() -> list[Door]:
    """Every door, each once."""
    return [*_buttons(), *_forms(), *_picked(), *_redrawn(), *_commands(), *_said(), *_others()]


def _buttons() -> Iterator[Door]:
    for verb in INTENTS:
        yield Door(f"do:{verb}", verb, _press(f"do:{verb}"))
    for verb in FORMS:
        yield Door(f"ask:{verb}", verb, _press(f"ask:{verb}"))
    for what in SHOWN:
        yield Door(f"show:{what}", what, _press(f"show:{what}"))


def _press(action: str) -> Knock:
    async def knock(desk: Office, who: str, fields: Fields) -> object:
        return await forged.press(desk, who, action, fields)

    return knock


def _forms() -> Iterator[Door]:
    for verb in FORMS:

        async def knock(desk: Office, who: str, fields: Fields, verb: str = verb) -> object:
            return await forged.submit(desk, who, verb, fields)

        yield Door(f"form:{verb}", verb, knock)


def _picked() -> Iterator[Door]:
    """The form that asks for a case, sent with what it was needed for."""
    wanted = [f"do:{verb}" for verb in INTENTS] + [f"ask:{verb}" for verb in FORMS]
    for then in [*wanted, *(f"show:{what}" for what in SHOWN)]:

        async def knock(desk: Office, who: str, fields: Fields, then: str = then) -> object:
            given = {"then": then, "with": dict(fields), "case": str(fields.get("case"))}
            return await forged.submit(desk, who, "picker", given)

        yield Door(f"picker:{then}", then.partition(":")[2], knock)


def _redrawn() -> Iterator[Door]:
    for verb, names in {"update": ("kind", "check"), "resolve": ("type", "check"),
                        "open_case": ("customer", "signs", "trigger"),
                        "propose_broadcast": ("letter", "audience")}.items():  # fmt: skip
        assert set(names) <= set(CHANGES)
        for name in names:

            async def knock(
                desk: Office, who: str, fields: Fields, verb: str = verb, name: str = name
            ) -> object:
                return await _change(desk, who, verb, name, fields)

            yield Door(f"redraw:{verb}:{name}", verb, knock)


async def _change(desk: Office, who: str, verb: str, name: str, fields: Fields) -> object:
    view = {
        "id": "VFORGED", "type": "modal", "callback_id": verb, "hash": "1", "blocks": [],
        "private_metadata": json.dumps({"form": "f", **fields}), "state": {"values": {}},
    }  # fmt: skip
    return await forged.interact(
        desk,
        {
            "type": "block_actions",
            "user": forged.sender(desk, who),
            "team": {"id": desk.ws.team_id},
            "trigger_id": desk.ws.new_id("1."),
            "container": {"type": "view", "view_id": "VFORGED"},
            "view": view,
            "actions": [{"action_id": name, "type": "button"}],
        },
    )


def _commands() -> Iterator[Door]:
    words = {row.name: row.name for row in TABLE} | dict(ALIASES)
    for word, name in sorted(words.items()):

        async def knock(desk: Office, who: str, fields: Fields, word: str = word) -> object:
            case = f" ESC-{fields['case']}" if fields.get("case") else ""
            return await command(desk, who, f"{word}{case}")

        yield Door(f"command:{word}", BY_NAME[name].verb, knock)


async def command(desk: Office, who: str, text: str) -> object:
    """``/escalate`` as a signed request, which needs no client of theirs."""
    app = next(iter(desk.ws.apps.values()))
    fields = {
        "command": "/escalate", "text": text, "user_id": who,
        "team_id": forged.sender(desk, who).get("team_id", desk.ws.team_id),
        "channel_id": SUPPORT, "trigger_id": desk.ws.new_id("1."),
        "response_url": forged.answer_url(desk, who),
    }  # fmt: skip
    (answer,) = await forged.sent(app, forged.encoded(fields))
    await desk.here.settle()
    return answer.status_code


def _said() -> Iterator[Door]:
    """What is said to the app, in a direct message and by a mention."""
    for kind, more in (("message", {"channel_type": "im"}), ("app_mention", {})):
        for row in TABLE:

            async def knock(
                desk: Office,
                who: str,
                fields: Fields,
                event: Mapping[str, Any] = {"type": kind, **more},
                name: str = row.name,
            ) -> object:
                case = f" ESC-{fields['case']}" if fields.get("case") else ""
                said = {**event, "text": f"{name}{case}", "user": who, "channel": SUPPORT}
                return await event_of(desk, said)

            yield Door(f"{kind}:{row.name}", row.verb, knock)


async def event_of(desk: Office, event: Mapping[str, Any]) -> object:
    """An event as Slack delivers it."""
    app = next(iter(desk.ws.apps.values()))
    body = {
        "type": "event_callback", "event_id": desk.ws.new_id("Ev"), "team_id": desk.ws.team_id,
        "event": dict(event),
    }  # fmt: skip
    (answer,) = await forged.sent(app, json.dumps(body).encode(), kind="application/json")
    await desk.here.settle()
    return answer.status_code


def _others() -> Iterator[Door]:
    yield Door("home", "list", _home)
    yield Door("options:customer", "customers", _options)
    for callback in (GLOBAL_SHORTCUT, MESSAGE_SHORTCUT):
        yield Door(f"shortcut:{callback}", "open_case", _shortcut(callback))


async def _home(desk: Office, who: str, _fields: Fields) -> object:
    return await event_of(desk, {"type": "app_home_opened", "user": who, "tab": "home"})


async def _options(desk: Office, who: str, fields: Fields) -> object:
    return await forged.interact(
        desk,
        {
            "type": "block_suggestion",
            "user": forged.sender(desk, who),
            "team": {"id": desk.ws.team_id},
            "action_id": "customer",
            "value": str(fields.get("customer") or "a"),
        },
    )


def _shortcut(callback: str) -> Knock:
    async def knock(desk: Office, who: str, fields: Fields) -> object:
        message = {"text": str(fields.get("words") or "They cannot pay."), "ts": "1.1"}
        return await forged.interact(
            desk,
            {
                "type": "message_action" if callback == MESSAGE_SHORTCUT else "shortcut",
                "callback_id": callback,
                "user": forged.sender(desk, who),
                "team": {"id": desk.ws.team_id},
                "channel": {"id": SUPPORT},
                "trigger_id": desk.ws.new_id("1."),
                **(
                    {"message": message, "response_url": forged.answer_url(desk, who)}
                    if callback == MESSAGE_SHORTCUT
                    else {}
                ),
            },
        )

    return knock


# -- what came of it


async def knocked(desk: Office, door: Door, who: str, fields: Fields) -> str:
    """Knock, and answer all that Slack was told and the person was shown, as one text."""
    answers, dms = len(desk.answers(who)), len(desk.dms(who))
    told = await door.knock(desk, who, fields)
    await desk.here.settle()
    shown = [*desk.answers(who)[answers:], *desk.dms(who)[dms:]]
    words = [json.dumps(told, ensure_ascii=False)]
    words += [m.text + json.dumps(m.blocks, ensure_ascii=False) for m in shown]
    words += [json.dumps(v.payload, ensure_ascii=False) for v in desk.here.people.views(who)]
    home = desk.here.people.home(who) if door.name == "home" else None
    words += [json.dumps(home.payload, ensure_ascii=False)] if home else []
    await desk.close_forms(who)
    return "\n".join(words)
