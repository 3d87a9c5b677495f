"""Arguments of a call: gathered from query, form and JSON, then held against the facts."""

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from sandbox.api.facts import MethodFacts
from sandbox.errors import SlackError, invalid_arguments
from sandbox.state import Json

ALWAYS_ALLOWED = frozenset({"token", "team_id", "pretty"})  # Bolt adds team_id to every call
POST_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
FORMAT_ERRORS = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
}
MISSING_ERRORS = {  # where Slack has a word of its own for an argument that is not there
    ("conversations.create", "name"): "invalid_name_required",
    ("conversations.rename", "name"): "invalid_name_required",
    ("conversations.invite", "users"): "no_user",
    ("reactions.add", "timestamp"): "no_item_specified",
    ("reactions.add", "name"): "invalid_name",
    ("users.lookupByEmail", "email"): "users_not_found",
}


async def gather(request: Request) -> Json:
    """Everything that the caller sent, wherever it sent it; the body wins over the query.

    Raises ``invalid_json``, ``json_not_object``, ``invalid_post_type``, ``missing_post_type``.
    """
    found: Json = dict(request.query_params)
    if request.method != "POST":
        return found
    body = await request.body()
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not body:
        return found
    if not kind:
        raise SlackError("missing_post_type")
    if kind not in POST_TYPES:
        raise SlackError("invalid_post_type")
    return found | (_from_json(body) if kind == POST_TYPES[0] else await _from_form(request))


def _from_json(body: bytes) -> Json:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


async def _from_form(request: Request) -> Json:
    async with request.form() as form:
        return {key: value for key, value in form.items() if not isinstance(value, UploadFile)}


def check(facts: MethodFacts, given: Json) -> Json:
    """The arguments with their types, or an error that names each wrong one.

    Raises ``invalid_arguments`` with ``response_metadata.messages``, or the method's own word for
    a missing or malformed argument. An argument that is null counts as not given.
    """
    values: Json = {}
    wrong: list[str] = []
    for name, value in given.items():
        if name in ALWAYS_ALLOWED and name not in facts.args:
            continue
        if name not in facts.args:
            wrong.append(f"unsupported argument: {name}")
        elif value is not None:
            values[name] = _coerce(name, value, facts.args[name], wrong)
    for name, rule in facts.args.items():
        if rule.get("required") and values.get(name) in (None, ""):
            own = MISSING_ERRORS.get((facts.name, name))
            if own:
                raise SlackError(own)
            if name not in values or facts.args[name]["type"] != "string":
                wrong.append(f"missing required field: {name}")
    if wrong:
        raise invalid_arguments(*wrong)
    return values


def _coerce(name: str, value: Any, rule: Json, wrong: list[str]) -> Any:
    kind = rule["type"]
    if kind == "boolean":
        return _boolean(name, value, wrong)
    if kind == "integer":
        return _integer(name, value, rule, wrong)
    if kind == "json":
        return _structure(name, value, rule, wrong)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        wrong.append(f"must provide a string [json-pointer:/{name}]")
        return None
    text = str(value)
    if "max_length" in rule and len(text) > rule["max_length"]:
        wrong.append(
            f"must be less than {rule['max_length'] + 1} characters [json-pointer:/{name}]"
        )
    if "enum" in rule and text not in rule["enum"]:
        wrong.append(f"must be one of {', '.join(rule['enum'])} [json-pointer:/{name}]")
    return text


def _boolean(name: str, value: Any, wrong: list[str]) -> bool | None:
    words = {"1": True, "true": True, "0": False, "false": False, "": False}
    word = str(value).lower()
    if word not in words:
        wrong.append(f"must provide a boolean [json-pointer:/{name}]")
        return None
    return words[word]


def _integer(name: str, value: Any, rule: Json, wrong: list[str]) -> int | None:
    try:
        number = int(str(value))
    except ValueError:
        wrong.append(f"must provide an integer [json-pointer:/{name}]")
        return None
    if name != "limit" and number < rule.get("minimum", number):
        wrong.append(f"must be at least {rule['minimum']} [json-pointer:/{name}]")
    return number


def _structure(name: str, value: Any, rule: Json, wrong: list[str]) -> Any:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    if len(value) > rule.get("max_length", len(value)):
        wrong.append(
            f"must be less than {rule['max_length'] + 1} characters [json-pointer:/{name}]"
        )
    try:
        return json.loads(value)
    except ValueError as error:
        if name in FORMAT_ERRORS:
            raise SlackError(FORMAT_ERRORS[name]) from error
        wrong.append(f"must be valid JSON [json-pointer:/{name}]")
        return None
