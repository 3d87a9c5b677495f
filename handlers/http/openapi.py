"""The OpenAPI document of the signed webhook, made from the models that it reads and answers by."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.intake.webhook.answers import Refusal, ReportAnswer
from bot.intake.webhook.report import KEY_MAX, Report

HEADERS = {
    "X-Desk-Timestamp": "Seconds since 1970, at most 300 from the app's clock.",
    "X-Desk-Nonce": "16 to 64 letters, digits, hyphens or underscores, new for each request.",
    "X-Desk-Signature": "v1= and the HMAC-SHA256, in hexadecimal, of timestamp, full stop, nonce,"
    " full stop and the raw body; of a GET the key stands in place of the body.",
}
REFUSALS = {
    "400": "malformed: the body is no JSON",
    "401": "unsigned: no secret of the source made the signature, or it is too old",
    "404": "unknown_key: no report of this source has this key",
    "408": "too_slow: the body came too slowly",
    "409": "replayed: the nonce was used before",
    "413": "too_large: the body is longer than 256 kB",
    "422": "invalid: a field is unknown, missing or has a wrong value",
    "429": "too_many: the source sends too much",
    "503": "come_again: the app cannot take it now",
}
BOTH = ("401", "409", "429", "503")
ABOUT = (
    "Reports of trouble from other programs. Each source signs with a secret of its own. A report"
    " that is sent again under its key changes nothing and is answered as before."
)


@cache
def describe_intake() -> dict[str, Any]:
    """Return the document, OpenAPI 3.1.

    Its schemas are those of ``Report`` (as it is read), ``ReportAnswer`` and ``Refusal`` (as they
    are written). It is made once in a process and must not be changed by its caller.
    """
    _, schemas = models_json_schema(
        [(Report, "validation"), (ReportAnswer, "serialization"), (Refusal, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Escalation Desk: intake", "version": "1", "description": ABOUT},
        "paths": {
            "/intake/{source}": {"post": _post()},
            "/intake/{source}/{key}": {"get": _get()},
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _post() -> dict[str, Any]:
    """The operation that reports; its refusals are all but 404."""
    body = {"schema": _named(Report), "examples": {"in Greek": {"value": Report.example}}}
    return {
        "operationId": "report",
        "summary": "Report something; it waits for a person to decide.",
        "parameters": [_in_path("source"), *_headers()],
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "202": _answer("It is new, and waits.", ReportAnswer),
            "200": _answer("It is known; this is what became of it so far.", ReportAnswer),
            **_refusals("400", "408", "413", "422", *BOTH),
        },
    }


def _get() -> dict[str, Any]:
    """The operation that asks; it has no body, so it is never malformed, invalid or too large."""
    return {
        "operationId": "becameOf",
        "summary": "What became of a report.",
        "parameters": [_in_path("source"), _in_path("key"), *_headers()],
        "responses": {
            "200": _answer("What became of it so far.", ReportAnswer),
            **_refusals("404", *BOTH),
        },
    }


def _named(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _answer(said: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": _named(model)}}}


def _refusals(*statuses: str) -> dict[str, Any]:
    return {status: _answer(REFUSALS[status], Refusal) for status in sorted(statuses)}


def _in_path(name: str) -> dict[str, Any]:
    """A required part of the path, a text of at most ``KEY_MAX`` characters."""
    shape = {"type": "string", "maxLength": KEY_MAX}
    return {"name": name, "in": "path", "required": True, "schema": shape}


def _headers() -> list[dict[str, Any]]:
    """The three headers of a signature, all of them required."""
    return [
        {"name": name, "in": "header", "required": True, "description": said,
         "schema": {"type": "string"}}
        for name, said in HEADERS.items()
    ]  # fmt: skip
