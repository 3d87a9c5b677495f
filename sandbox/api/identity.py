"""Who am I, is anybody there, where do I connect."""

from sandbox.api.call import Call, method
from sandbox.errors import SlackError
from sandbox.state import Json


@method("api.test")
def api_test(call: Call) -> Json:
    """Echo what came; ``error`` orders a failure."""
    if "error" in call.args:
        raise SlackError(call.text("error"), args=call.args)
    return {"args": call.args}


@method("auth.test")
def auth_test(call: Call) -> Json:
    """The app behind the token."""
    bot = call.ws.user(call.actor)
    return {
        "url": f"{call.ws.base_url}/",
        "team": call.ws.team_name,
        "user": bot.name,
        "team_id": call.ws.team_id,
        "user_id": bot.id,
        "bot_id": call.app.bot_id,
        "app_id": call.app.app_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open")
def connections_open(call: Call) -> Json:
    """An address for one Socket Mode connection; the ticket in it works once, for 30 s.

    Needs the app-level token. Raises ``forbidden_team`` for an app that is not in Socket Mode.
    """
    if not call.app.socket_mode:
        raise SlackError("forbidden_team")
    ticket = call.ws.lifetimes.mint_ticket(call.app.app_id)
    base = "ws" + call.ws.base_url.removeprefix("http")
    return {"url": f"{base}/link/?ticket={ticket}&app_id={call.app.app_id}"}


@method("team.info")
def team_info(call: Call) -> Json:
    """The workspace."""
    if call.get("team", call.ws.team_id) != call.ws.team_id:
        raise SlackError("team_not_found")
    return {
        "team": {
            "id": call.ws.team_id,
            "name": call.ws.team_name,
            "url": f"{call.ws.base_url}/",
            "domain": call.ws.team_domain,
            "email_domain": "",
            "icon": {"image_default": True},
            "avatar_base_url": f"{call.ws.base_url}/",
            "is_verified": False,
        }
    }


@method("bots.info")
def bots_info(call: Call) -> Json:
    """One bot by its B… id; without one, nothing."""
    wanted = call.text("bot")
    if not wanted:
        return {}
    app = next((a for a in call.ws.apps.values() if a.bot_id == wanted), None)
    if app is None:
        raise SlackError("bot_not_found")
    return {
        "bot": {
            "id": app.bot_id,
            "deleted": False,
            "name": app.name,
            "updated": call.ws.users[app.bot_user_id].updated,
            "app_id": app.app_id,
            "user_id": app.bot_user_id,
            "icons": {},
        }
    }


@method("oauth.v2.access")
def oauth_access(call: Call) -> Json:
    """Swap a code for the bot token. Codes work once.

    Id and secret come as arguments or by HTTP Basic, which wins. Raises ``invalid_client_id``,
    ``bad_client_secret``, ``invalid_code``; a code is used up by a wrong app too.
    """
    client_id, secret = call.text("client_id"), call.text("client_secret")
    app = next((a for a in call.ws.apps.values() if a.client_id == client_id), None)
    if app is None:
        raise SlackError("invalid_client_id")
    if secret != app.client_secret:
        raise SlackError("bad_client_secret")
    if call.ws.oauth_codes.pop(call.text("code"), None) != app.app_id:
        raise SlackError("invalid_code")
    return {
        "access_token": app.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(app.scopes)),
        "bot_user_id": app.bot_user_id,
        "app_id": app.app_id,
        "team": {"id": call.ws.team_id, "name": call.ws.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": app.installed_by},
    }
