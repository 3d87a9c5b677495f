"""Forms about the channels that customers share with us."""

from messages.forms.inputs import FormContext, channel_input, external_input
from messages.forms.open_case import known_customer
from messages.forms.table import form_of
from messages.kit.blocks import Block


@form_of("connect")
def connect_form(draft: FormContext) -> list[Block]:
    """Which channel is which customer's; the customer is chosen among the accounts.

    ``prefill``: ``channel`` (an id), and ``account`` (a key) and ``customer`` (a name), where
    known.
    """
    customer = external_input(draft, "customer", known_customer(draft))
    return [channel_input(draft, "channel"), customer]


@form_of("disconnect")
def disconnect_form(draft: FormContext) -> list[Block]:
    """Which channel is no customer's any more."""
    return [channel_input(draft, "channel")]
