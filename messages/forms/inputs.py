"""What forms are built with: one input for each field of the intent, named after it.

Labels are ``form.<verb>.<field>``; ``<field>_hint`` and ``<field>_placeholder`` where they exist.
An input's ``block_id`` and ``action_id`` are the field's name, by which ``handlers.forms.fields``
reads it; ``~`` and a number behind the block's makes Slack draw it afresh. Limits here are at most
those of the intents, so Slack refuses what they would.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language, Severity
from messages.kit.blocks import LABEL_MAX, PLACEHOLDER_MAX, TEXT_MAX, Block, option, plain
from messages.kit.routes import BY_CHANNEL, BY_MAIL, ROUTES_OFFERED
from messages.kit.texts import label, load_texts, t

LINE_MAX = 200  # characters; the intents' one-line fields
URL_MAX = 2000  # characters of an address, which is never cut


@dataclass(frozen=True, slots=True)
class FormContext:
    """A form about to be drawn: which, for whom, about what, and what is known already.

    ``prefill`` holds values by field name; instants are aware datetimes, people Slack ids. It may
    hold more than the fields: what a form shows beside its inputs. ``language`` is the viewer's.
    ``says`` begins the names of texts that this form has instead of its usual ones: ``no`` for a
    refusal, ``no_title`` before ``title``.
    """

    verb: str
    language: Language
    viewer: PersonFacts
    case: CaseFacts | None
    prefill: Mapping[str, Any]
    says: str = ""

    def say(self, key: str, **facts: object) -> str:
        """A text of this form, ``form.<verb>.<key>``. Raises MissingTextError where there is
        none.
        """
        return t(self.language, self._key(key), **facts)

    def knows(self, key: str) -> bool:
        """True when this form has such a text in the viewer's language."""
        return self._key(key) in load_texts(self.language)

    def _key(self, key: str) -> str:
        """The text's name; where the form ``says`` something of its own, that goes before."""
        own = f"form.{self.verb}.{self.says}_{key}"
        known = self.says and own in load_texts(self.language)
        return own if known else f"form.{self.verb}.{key}"

    def about(self) -> CaseFacts:
        """The case. Raises ValueError for a form that needs one and was given none.

        Such a form is never drawn from a request: ``handlers.forms.opening`` asks for a case first.
        """
        if self.case is None:
            raise ValueError(f"the form {self.verb} is about a case")
        return self.case

    def typed(self, name: str, limit: int = TEXT_MAX) -> str:
        """The known text of a field, cut to what its input takes: Slack refuses a longer one."""
        return str(self.prefill.get(name) or "")[:limit]

    def choice(self, name: str) -> str:
        """The known choice of a field, as an option's value; empty where nothing is known.

        A boolean as ``true`` or ``false``, a member of an enum as its value.
        """
        known = self.prefill.get(name)
        if isinstance(known, bool):
            return str(known).lower()
        return str(known.value if isinstance(known, Enum) else known or "")


def _input(
    draft: FormContext,
    name: str,
    element: Block,
    *,
    optional: bool = False,
    block_id: str = "",
    named: str = "",
) -> Block:
    """An input block around ``element``, with the label and the hint of the field.

    Required unless ``optional``: Slack then does not send the form while it is empty.

    ``named`` is the label where that is no text of the form. A hint is drawn where the form has a
    text for it. Raises MissingTextError for a field with neither kind of label.
    """
    block: Block = {
        "type": "input",
        "block_id": block_id or name,
        "label": plain(named or draft.say(_label_key(draft, name)), LABEL_MAX),
        "element": {"action_id": name} | element,
    }
    if draft.knows(f"{name}_hint"):
        block["hint"] = plain(draft.say(f"{name}_hint"), LABEL_MAX)
    return block | ({"optional": True} if optional else {})


def _label_key(draft: FormContext, name: str) -> str:
    """The key of a field's label: ``<field>_label`` where that exists, else ``<field>``.

    A field called ``title`` would share its text with the form's own title.
    """
    return f"{name}_label" if draft.knows(f"{name}_label") else name


def _with_placeholder(draft: FormContext, name: str, element: Block) -> Block:
    """The element with the field's placeholder, where the form has a text for it."""
    if draft.knows(f"{name}_placeholder"):
        element["placeholder"] = plain(draft.say(f"{name}_placeholder"), PLACEHOLDER_MAX)
    return element


def text_input(
    draft: FormContext,
    name: str,
    *,
    lines: bool = True,
    limit: int = 0,
    optional: bool = False,
    block_id: str = "",
    kind: str = "plain_text_input",
    named: str = "",
) -> Block:
    """A text field, of several lines unless told otherwise; ``limit`` in characters.

    ``named`` is its label where that is no text of the form. ``kind`` is Slack's type of element:
    ``url_text_input`` and ``email_text_input`` check what is typed themselves, and have no limit.

    What is known and longer is cut; of an address no part is of use, so its field has ``URL_MAX``.
    Without ``limit`` it is ``TEXT_MAX`` for
    several lines and ``LINE_MAX`` for one.
    """
    most = limit or (TEXT_MAX if lines else LINE_MAX)
    element: Block = {"type": kind}
    if kind == "plain_text_input":
        element |= {"multiline": lines, "max_length": most}
    known = draft.typed(name, most)
    element |= {"initial_value": known} if known else {}
    element = _with_placeholder(draft, name, element)
    return _input(draft, name, element, optional=optional, block_id=block_id, named=named)


def select_input(
    draft: FormContext,
    name: str,
    options: Sequence[Block],
    *,
    initial: str = "",
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """One out of a list; ``dispatch`` tells the app at once when it changes.

    What is known is chosen, else ``initial`` where it is on the list, else nothing.

    The caller keeps to the 100 options that Slack allows; their values must differ. A known choice
    that is not on the list is dropped.
    """
    element: Block = {"type": "static_select", "options": list(options)}
    offered = {o["value"]: o for o in options}
    chosen = offered.get(draft.choice(name)) or offered.get(initial)
    element |= {"initial_option": chosen} if chosen else {}
    block = _input(draft, name, _with_placeholder(draft, name, element), optional=optional)
    return block | ({"dispatch_action": True} if dispatch else {})


def radio_input(
    draft: FormContext, name: str, options: Sequence[Block], *, dispatch: bool = False
) -> Block:
    """One out of a few that stand in front of the reader, at most ten; required.

    A known choice that is not among them is dropped, and nothing is chosen then.
    """
    element: Block = {"type": "radio_buttons", "options": list(options)}
    chosen = [o for o in options if o["value"] == draft.choice(name)]
    element |= {"initial_option": chosen[0]} if chosen else {}
    block = _input(draft, name, element)
    return block | ({"dispatch_action": True} if dispatch else {})


def checkboxes_input(
    draft: FormContext, name: str, options: Sequence[Block], *, dispatch: bool = False
) -> Block:
    """Any number out of a short list, or none; at most ten.

    A single box with the option ``true`` stands for a yes: ``True`` in ``prefill`` ticks it.

    It is never required. Unticked it comes back as an empty list, ticked as the list of the values.
    """
    known = draft.prefill.get(name) or ()
    values = {"true"} if known is True else set(known)
    ticked = [o for o in options if o["value"] in values]
    element: Block = {"type": "checkboxes", "options": list(options)}
    element |= {"initial_options": ticked} if ticked else {}
    block = _input(draft, name, element, optional=True)
    return block | ({"dispatch_action": True} if dispatch else {})


def several_input(draft: FormContext, name: str, options: Sequence[Block]) -> Block:
    """Any number out of a list of at most 100, or none; those that are known are chosen.

    It comes back as the list of the values, which is empty where nothing is chosen. A known value
    that is not on the list is dropped.
    """
    known = set(draft.prefill.get(name) or ())
    chosen = [each for each in options if each["value"] in known]
    element: Block = {"type": "multi_static_select", "options": list(options)}
    element |= {"initial_options": chosen} if chosen else {}
    return _input(draft, name, _with_placeholder(draft, name, element), optional=True)


def person_input(
    draft: FormContext, name: str, *, initial: str = "", optional: bool = False, named: str = ""
) -> Block:
    """A person in the workspace, by user id; Slack offers all, guests and bots too.

    ``named`` is its label where that is no text of the form.
    """
    wanted = str(draft.prefill.get(name) or initial)
    element: Block = {"type": "users_select"}
    element |= {"initial_user": wanted} if wanted else {}
    shown = _with_placeholder(draft, name, element)
    return _input(draft, name, shown, optional=optional, named=named)


def time_input(
    draft: FormContext, name: str, initial: datetime | None, *, optional: bool = False
) -> Block:
    """A day and a time, which Slack asks for in the viewer's own zone.

    It comes back as seconds since 1970, to the minute. ``initial`` where nothing is known; None:
    empty.

    A known value that is no datetime, such as a text, leaves it empty.
    """
    known = draft.prefill.get(name) or initial
    element: Block = {"type": "datetimepicker"}
    if isinstance(known, datetime):
        element["initial_date_time"] = int(known.timestamp())
    return _input(draft, name, element, optional=optional)


def day_input(
    draft: FormContext, name: str, initial: date | str | None, *, optional: bool = False
) -> Block:
    """A calendar day, without a zone; empty where none is known and ``initial`` is None.

    It comes back as ISO 8601 (``2030-01-31``), and so may be known.
    """
    known = draft.prefill.get(name) or initial
    element: Block = {"type": "datepicker"} | ({"initial_date": str(known)} if known else {})
    return _input(draft, name, element, optional=optional)


def external_input(
    draft: FormContext, name: str, chosen: Block | None, *, dispatch: bool = False
) -> Block:
    """One out of a list that the app is asked for while a person types
    (``handlers.slack.options``).

    Accounts are offered before anything is typed. ``chosen`` is the option that is chosen already.
    """
    element: Block = {"type": "external_select", "min_query_length": 0}
    element |= {"initial_option": chosen} if chosen else {}
    block = _input(draft, name, _with_placeholder(draft, name, element))
    return block | ({"dispatch_action": True} if dispatch else {})


def word_options(language: Language, words: Iterable[Enum]) -> list[Block]:
    """The field's words as choices: the enum's values, with their labels in this language."""
    return [option(str(word.value), label(language, word)) for word in words]


def severity_options(language: Language) -> list[Block]:
    """The four severities, each with what it means; values ``1`` to ``4``."""
    return [
        option(
            str(severity.value),
            label(language, severity),
            t(language, f"severity_meaning.{severity.name.lower()}"),
        )
        for severity in Severity
    ]


def route_options(language: Language, by_us: Sequence[str] = ()) -> list[Block]:
    """How a message reaches a customer; first the routes by which the app itself sends.

    Where there are such, the others are said to be by hand.
    """
    if not by_us:
        return [option(route, t(language, f"route.{route}")) for route in ROUTES_OFFERED]
    by_hand = [option(route, t(language, f"route.{route}_by_hand")) for route in ROUTES_OFFERED]
    return [*(option(route, t(language, f"route.{route}_now")) for route in by_us), *by_hand]


def routes_of_ours(draft: FormContext) -> list[str]:
    """By which routes the app itself can send: the case's ticket, the customer's channel, mail.

    From ``prefill``: ``desk``, the help desk's name, and the booleans ``shared`` and ``mails``.
    """
    found = [draft.choice("desk")] if draft.prefill.get("desk") else []
    found += [BY_CHANNEL] if draft.prefill.get("shared") else []
    return [*found, BY_MAIL] if draft.prefill.get("mails") else found


def channel_input(draft: FormContext, name: str) -> Block:
    """A channel of the workspace, public or private, by its id; the one where the form was opened
    is offered.

    Direct messages and conversations with bots are left out. It is required.
    """
    element: Block = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    known = draft.choice(name)
    chosen = {"initial_conversation": known} if known else {"default_to_current_conversation": True}
    return _input(draft, name, element | chosen)


def yes_no(draft: FormContext, name: str) -> Block:
    """A choice between two sentences of the form: ``<field>_true`` and ``<field>_false``.

    It comes back as the text ``true`` or ``false``; nothing is chosen beforehand unless it is
    known.
    """
    offered = [option(value, draft.say(f"{name}_{value}")) for value in ("true", "false")]
    return select_input(draft, name, offered)
