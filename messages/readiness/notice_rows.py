"""The button below the card of a role, in messages of its own and in those that carry one.

It carries the role and no more that counts: what a person understood is not about one case.
"""

from dataclasses import replace

from messages.kit.notice_spec import ButtonSpec, take_given

UNDERSTOOD = ButtonSpec("do:understood", "understood", take_given("role"), "primary")
WITH_CARD = replace(UNDERSTOOD, style="", offered=lambda facts: bool(facts["it"]["card"]))
