"""users.* and usergroups.*."""

from sandbox.api.call import Call, method
from sandbox.api.paging import page
from sandbox.errors import SlackError
from sandbox.shapes import user_object
from sandbox.state import Json, User, Usergroup


def _shown(call: Call, user: User) -> Json:
    """E-mail addresses only with users:read.email, locales only when asked for."""
    email = "users:read.email" in call.app.scopes
    locale = bool(call.get("include_locale", False))
    return user_object(call.ws, user, email=email, locale=locale)


@method("users.info")
def users_info(call: Call) -> Json:
    """One person or bot."""
    return {"user": _shown(call, call.user())}


@method("users.list")
def users_list(call: Call) -> Json:
    """Everybody, the departed and the bots too."""
    users, more = page(call, list(call.ws.users.values()), 1000)
    shown = [_shown(call, user) for user in users]
    return {"members": shown, "cache_ts": call.ws.epoch()} | more


@method("users.lookupByEmail")
def users_lookup(call: Call) -> Json:
    """Whoever has this address; the departed are not found."""
    wanted = call.text("email").lower()
    for user in call.ws.people():
        if user.email.lower() == wanted:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found")


def _group(call: Call, group: Usergroup) -> Json:
    """A user group as Slack writes it; ``users`` only with ``include_users``.

    ``date_delete`` is 0 for a group that is in use, else, since no time is kept, that of its
    making.
    """
    body: Json = {
        "id": group.id,
        "team_id": call.ws.team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": group.created,
        "date_update": group.created,
        "date_delete": group.created if group.disabled else 0,
        "auto_type": None,
        "created_by": "",
        "updated_by": "",
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }
    return body | ({"users": list(group.users)} if call.get("include_users") else {})


@method("usergroups.list")
def usergroups_list(call: Call) -> Json:
    """The groups that can be mentioned."""
    disabled = bool(call.get("include_disabled"))
    groups = [g for g in call.ws.usergroups.values() if disabled or not g.disabled]
    return {"usergroups": [_group(call, group) for group in groups]}


@method("usergroups.users.list")
def usergroups_users(call: Call) -> Json:
    """Who is in a group."""
    group = call.ws.usergroups.get(call.text("usergroup"))
    if group is None or (group.disabled and not call.get("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}
