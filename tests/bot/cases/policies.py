"""The organisation's decisions in these tests."""

from collections.abc import Mapping

from bot.rules.policy import Policy, severities
from bot.rules.words import Notice, Role, Severity
from tests.bot.cases.stage import ROLES

R, N, S = Role, Notice, Severity
INVITE = {
    S.SEV1: (R.ESCALATION_MANAGER, R.TECHNICAL_LEAD, R.CSM, R.ACCOUNT_EXECUTIVE, R.SUPPORT_LEAD, R.EXECUTIVE_OWNER),
    S.SEV2: (R.ESCALATION_MANAGER, R.TECHNICAL_LEAD, R.CSM, R.ACCOUNT_EXECUTIVE),
    S.SEV3: (R.ESCALATION_MANAGER, R.CSM),
    S.SEV4: (R.ESCALATION_MANAGER,),
}
MATRIX = {
    ("open", S.SEV1): {R.ESCALATION_MANAGER: N.PAGE, R.TECHNICAL_LEAD: N.PAGE, R.CSM: N.DM, R.ACCOUNT_EXECUTIVE: N.DM, R.SUPPORT_LEAD: N.PAGE, R.EXECUTIVE_OWNER: N.DM},
    ("open", S.SEV2): {R.ESCALATION_MANAGER: N.PAGE, R.TECHNICAL_LEAD: N.DM, R.CSM: N.DM, R.ACCOUNT_EXECUTIVE: N.DM, R.SUPPORT_LEAD: N.DM, R.EXECUTIVE_OWNER: N.DIGEST},
    ("open", S.SEV3): {R.ESCALATION_MANAGER: N.DIGEST, R.TECHNICAL_LEAD: N.DM, R.CSM: N.DIGEST},
    ("open", S.SEV4): {R.ESCALATION_MANAGER: N.DIGEST, R.TECHNICAL_LEAD: N.DM, R.CSM: N.DIGEST},
    ("executive_flag", None): {R.ESCALATION_MANAGER: N.PAGE, R.CSM: N.DM, R.ACCOUNT_EXECUTIVE: N.DM, R.SUPPORT_LEAD: N.DM, R.EXECUTIVE_OWNER: N.DM, R.LEGAL: N.DM},
    ("resolved", None): {R.ESCALATION_MANAGER: N.DM, R.TECHNICAL_LEAD: N.DM, R.CSM: N.DM, R.ACCOUNT_EXECUTIVE: N.DM, R.SUPPORT_LEAD: N.DM},
    ("reopened", None): {R.ESCALATION_MANAGER: N.DM, R.TECHNICAL_LEAD: N.DM, R.CSM: N.DM, R.ACCOUNT_EXECUTIVE: N.DM, R.SUPPORT_LEAD: N.DM},
}


def policy(roles: Mapping[Role, tuple[str, ...]] = ROLES) -> Policy:
    """The default policy with these people in it."""
    return Policy(roles=roles, matrix=MATRIX, invite=INVITE, severities=severities())
