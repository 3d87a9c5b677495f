"""A small Bolt app that uses everything the page must draw, for the browser tests."""

from typing import Any

from slack_bolt.async_app import AsyncApp

CUSTOMERS = ("Acme Foods", "Aegean Lines", "Borealis Bank", "Hellas Retail", "Kestrel Air")

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Escalation Desk"},
    "features": {
        "bot_user": {"display_name": "Escalation Desk"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/escalate",
                "description": "Open an escalation, or look after one",
                "usage_hint": "[customer] | list | show | help",
            },
            {"command": "/oncall", "description": "Who is on call", "usage_hint": "[team]"},
        ],
        "shortcuts": [
            {
                "name": "Open an escalation",
                "type": "global",
                "callback_id": "open_case",
                "description": "Begin",
            },
            {
                "name": "Escalate this",
                "type": "message",
                "callback_id": "escalate_this",
                "description": "Begin from a message",
            },
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands",
                "chat:write",
                "channels:manage",
                "channels:read",
                "channels:history",
                "users:read",
                "pins:write",
                "bookmarks:write",
                "reactions:write",
                "files:write",
                "im:write",
            ]
        }
    },
    "settings": {
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "socket_mode_enabled": True,
    },
}


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text, "emoji": True}


def option(value: str, text: str, note: str = "") -> dict[str, Any]:
    """A select's option."""
    return {"value": value, "text": plain(text)} | ({"description": plain(note)} if note else {})


def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An input block."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": f"{block_id}_input", **element},
        **more,
    }


def case_form(stake: str = "", *, more: bool = False) -> dict[str, Any]:
    """A modal with every kind of input."""
    severities = [
        option("1", "SEV1", "The customer cannot work, or says that they leave"),
        option("2", "SEV2", "An important part does not work"),
        option("3", "SEV3", "Annoying, with a way around"),
    ]
    words = {"type": "plain_text_input", "multiline": True, "max_length": 3000}
    blocks = [
        field(
            "customer",
            "Customer",
            {
                "type": "external_select",
                "min_query_length": 1,
                "placeholder": plain("Find a customer"),
            },
        ),
        field(
            "stake",
            "Business impact, in the customer's words",
            words | ({"initial_value": stake} if stake else {}),
            hint=plain("Quote them; do not soften it."),
        ),
        field("severity", "Severity", {"type": "radio_buttons", "options": severities}),
        field(
            "trigger",
            "Why now",
            {
                "type": "static_select",
                "placeholder": plain("Choose a reason"),
                "options": [
                    option("technical", "Technical problem"),
                    option("slow", "Too slow"),
                    option("unheard", "Does not feel heard"),
                ],
            },
            dispatch_action=True,
        ),
        field("link", "Ticket", {"type": "url_text_input"}, optional=True),
        field("contact", "Customer's contact", {"type": "email_text_input"}, optional=True),
        field("watchers", "Who should know", {"type": "multi_users_select"}, optional=True),
        field("since", "Since when", {"type": "datetimepicker"}, optional=True),
        field("promised", "Promised for", {"type": "datepicker"}, optional=True),
        field("call", "Call them at", {"type": "timepicker"}, optional=True),
        field(
            "seats",
            "People affected",
            {"type": "number_input", "is_decimal_allowed": False},
            optional=True,
        ),
        field(
            "flags",
            "Handle with care",
            {
                "type": "checkboxes",
                "options": [option("sensitive", "Sensitive: private channel")],
            },
            optional=True,
        ),
        {
            "type": "actions",
            "block_id": "extra",
            "elements": [{"type": "button", "action_id": "next_view", "text": plain("Guidance…")}],
        },
    ]
    if more:
        blocks.insert(
            4,
            {
                "type": "section",
                "block_id": "chosen",
                "text": {"type": "mrkdwn", "text": "_Thank you: reason noted._"},
            },
        )
    return {
        "type": "modal",
        "callback_id": "case_form",
        "title": plain("New escalation"),
        "submit": plain("Open it"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": blocks,
    }


def case_card(due: int) -> list[dict[str, Any]]:
    """A message with most of what messages can hold."""
    confirm = {
        "title": plain("Close the case?"),
        "text": plain("Acme Foods gets no further updates."),
        "confirm": plain("Close it"),
        "deny": plain("Not yet"),
        "style": "danger",
    }
    clock = f"<!date^{due}^{{date_short_pretty}} at {{time}}|soon>"
    return [
        {"type": "header", "text": plain(":rotating_light: ESC-7 · Acme Foods")},
        {
            "type": "section",
            "block_id": "facts",
            "fields": [
                {"type": "mrkdwn", "text": "*Status*\nInvestigating"},
                {"type": "mrkdwn", "text": "*Severity*\n:red_circle: SEV1"},
                {"type": "mrkdwn", "text": "*Owner*\n<@U0MAYA>"},
                {"type": "mrkdwn", "text": f"*Next customer update*\n{clock}"},
            ],
            "accessory": {
                "type": "overflow",
                "action_id": "more",
                "options": [option("timeline", "Timeline"), option("export", "Export")],
            },
        },
        {
            "type": "section",
            "block_id": "stake",
            "text": {
                "type": "mrkdwn",
                "text": "*At stake*\n&gt; “Four warehouses stand still. *We are leaving* if this "
                "lasts until Friday.”\nTicket <https://tickets.example/4711|#4711> · "
                "`POST /orders` answers *503*",
            },
        },
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": t} for t in ("Clock", "Due", "Left")],
                [{"type": "raw_text", "text": t} for t in ("Acknowledge", "met", "—")],
                [{"type": "raw_text", "text": t} for t in ("Customer update", "15:30", "55 min")],
            ],
        },
        {
            "type": "actions",
            "block_id": "next",
            "elements": [
                {
                    "type": "button",
                    "action_id": "claim",
                    "text": plain("Claim"),
                    "value": "7",
                    "style": "primary",
                },
                {
                    "type": "button",
                    "action_id": "shut",
                    "text": plain("Close"),
                    "value": "7",
                    "style": "danger",
                    "confirm": confirm,
                },
                {
                    "type": "static_select",
                    "action_id": "set_severity",
                    "placeholder": plain("Severity"),
                    "options": [option("1", "SEV1"), option("2", "SEV2")],
                },
                {"type": "users_select", "action_id": "assign", "placeholder": plain("Assign to")},
            ],
        },
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "Escalated by <@U0NIKOS> in <#C0SUPPORT>"}],
        },
    ]


def build_app(token: str, api_url: str, heard: list[tuple[str, Any]]) -> AsyncApp:
    """The app. What it hears goes into `heard` as (kind, payload)."""
    from slack_sdk.web.async_client import AsyncWebClient

    app = AsyncApp(client=AsyncWebClient(token, base_url=api_url), token=token)

    @app.command("/escalate")
    async def escalate(ack: Any, body: Any, client: Any) -> None:
        await ack()
        heard.append(("command", body))
        if body["text"] == "show":
            await client.chat_postEphemeral(
                channel=body["channel_id"], user=body["user_id"], text="*ESC-7* is with <@U0MAYA>."
            )
            return
        await client.views_open(trigger_id=body["trigger_id"], view=case_form(body["text"]))

    @app.shortcut("escalate_this")
    async def escalate_this(ack: Any, body: Any, client: Any) -> None:
        await ack()
        heard.append(("message_action", body))
        form = case_form(body["message"]["text"])
        await client.views_open(trigger_id=body["trigger_id"], view=form)

    @app.shortcut("open_case")
    async def open_case(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=case_form())

    @app.options("customer_input")
    async def customers(ack: Any, payload: Any) -> None:
        words = payload["value"].lower()
        await ack(options=[option(c, c) for c in CUSTOMERS if words in c.lower()])

    @app.action("trigger_input")
    async def reason(ack: Any, body: Any, client: Any) -> None:
        await ack()
        heard.append(("block_actions", body))
        await client.views_update(view_id=body["view"]["id"], view=case_form(more=True))

    @app.action("next_view")
    async def guidance(ack: Any, body: Any, client: Any) -> None:
        await ack()
        text = {"type": "mrkdwn", "text": "*SEV1* when the customer cannot work."}
        view = {
            "type": "modal",
            "title": plain("Guidance"),
            "blocks": [{"type": "section", "text": text}],
        }
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    @app.view("case_form")
    async def submitted(ack: Any, body: Any, view: Any, client: Any) -> None:
        values = view["state"]["values"]
        stake = values["stake"]["stake_input"]["value"]
        if len(stake) < 10:
            await ack(response_action="errors", errors={"stake": "Say it in a whole sentence."})
            return
        await ack()
        heard.append(("view_submission", view))
        await client.chat_postMessage(
            channel="C0SUPPORT", text=f"Escalated: {stake}", unfurl_links=False
        )

    @app.view_closed("case_form")
    async def closed(ack: Any, body: Any) -> None:
        await ack()
        heard.append(("view_closed", body))

    for action in ("claim", "shut", "set_severity", "assign", "more", "refresh_home"):

        @app.action(action)
        async def pressed(ack: Any, body: Any, action: Any, respond: Any = None) -> None:
            await ack()
            heard.append((action["action_id"], body))
            if action["action_id"] == "claim":
                await respond(text="You are the owner now.", replace_original=False)

    @app.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view=home_view())

    return app


def home_view() -> dict[str, Any]:
    """A Home tab."""
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Your escalations")},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "2 open · 1 needs you"}]},
            {"type": "divider"},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*ESC-7 · Acme Foods*\n:red_circle: SEV1 · "
                    "customer update in 55 minutes",
                },
                "accessory": {
                    "type": "button",
                    "action_id": "claim",
                    "text": plain("Open"),
                    "value": "7",
                    "style": "primary",
                },
            },
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*ESC-5 · Borealis Bank*\n:large_yellow_circle: "
                    "SEV2 · waiting for the customer",
                },
                "accessory": {"type": "button", "action_id": "shut", "text": plain("Open")},
            },
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "refresh_home", "text": plain("Refresh")}
                ],
            },
        ],
    }
