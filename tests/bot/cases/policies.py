"""The organisation's decisions in these tests: the defaults, with people in them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from bot.rules.policy import Policy, load_policy
from bot.rules.words import Notice, Role, Severity
from tests.bot.cases.stage import ROLES

R, N, S = Role, Notice, Severity
GRAVE = (R.ESCALATION_MANAGER, R.TECHNICAL_LEAD, R.CSM, R.ACCOUNT_EXECUTIVE)
INVITE = {
    S.SEV1: (*GRAVE, R.SUPPORT_LEAD, R.EXECUTIVE_OWNER),
    S.SEV2: GRAVE,
    S.SEV3: (R.ESCALATION_MANAGER, R.CSM),
    S.SEV4: (R.ESCALATION_MANAGER,),
}
BESIDE = {R.CSM: N.DM, R.ACCOUNT_EXECUTIVE: N.DM}
MINOR = {R.ESCALATION_MANAGER: N.DIGEST, R.TECHNICAL_LEAD: N.DM, R.CSM: N.DIGEST}
ENDING = {**BESIDE, R.ESCALATION_MANAGER: N.DM, R.TECHNICAL_LEAD: N.DM, R.SUPPORT_LEAD: N.DM}
MATRIX: Mapping[tuple[str, Severity | None], Mapping[Role, Notice]] = {
    ("open", S.SEV1): {
        **BESIDE,
        R.ESCALATION_MANAGER: N.PAGE,
        R.TECHNICAL_LEAD: N.PAGE,
        R.SUPPORT_LEAD: N.PAGE,
        R.EXECUTIVE_OWNER: N.DM,
    },
    ("open", S.SEV2): {
        **BESIDE,
        R.ESCALATION_MANAGER: N.PAGE,
        R.TECHNICAL_LEAD: N.DM,
        R.SUPPORT_LEAD: N.DM,
        R.EXECUTIVE_OWNER: N.DIGEST,
    },
    ("open", S.SEV3): MINOR,
    ("open", S.SEV4): MINOR,
    ("executive_flag", None): {
        **BESIDE,
        R.ESCALATION_MANAGER: N.PAGE,
        R.SUPPORT_LEAD: N.DM,
        R.EXECUTIVE_OWNER: N.DM,
        R.LEGAL: N.DM,
    },
    ("resolved", None): ENDING,
    ("reopened", None): ENDING,
}


@cache
def defaults() -> Policy:
    """The policy that ships."""
    return load_policy(None)


def policy(roles: Mapping[Role, tuple[str, ...]] = ROLES) -> Policy:
    """The defaults, this matrix (domain: who hears of what) and these people."""
    return replace(defaults(), roles=roles, matrix=MATRIX, invite=INVITE)
