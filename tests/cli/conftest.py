"""An app with a store, as the tests of use cases have it."""

from tests.bot.conftest import stage

__all__ = ["stage"]
