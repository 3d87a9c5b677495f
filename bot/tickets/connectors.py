"""Which help desk a row of the outbox is for, and how long it may take."""

from bot.customers.channels import require_channels
from bot.engine.delivery import Delivery
from messages.clients.helpdesks import Away, Connector

TOTAL_TIMEOUT = 30.0  # seconds for all requests of one row; less than delivery's lease


def require_connector(delivery: Delivery, name: str) -> Connector:
    """The help desk of that name. Raises Away when it is no longer set up: it may come back."""
    found = require_channels(delivery.services).helpdesks.get(name)
    if found is None:
        raise Away(f"{name} is not set up any more")
    return found
