"""Those at our company who answer for a customer, and may miss that one of their cases is grave."""

from bot.rules.words import Role

COMMERCIAL = (Role.CSM, Role.ACCOUNT_EXECUTIVE)  # missing ones are a gap in the accounts
STAKEHOLDERS = frozenset({*COMMERCIAL, Role.EXECUTIVE_OWNER, Role.SPONSOR, Role.DIRECTOR})
