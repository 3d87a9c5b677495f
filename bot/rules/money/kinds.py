"""Which kinds of concession the words of an offer can mean. Pure.

The table ``[kinds]`` of each language's ``money.toml`` has lists of phrases. Those of a discount,
of free time and of a credit owed by contract leave no doubt; the other words fit several kinds, and
an offer that has none of them fits every one.
"""

from collections.abc import Iterable, Mapping

from bot.rules.words import ConcessionKind

K = ConcessionKind
EVERY = frozenset(K)
TABLE = "kinds"
SURE: Mapping[str, ConcessionKind] = {
    "discount": K.DISCOUNT, "free_time": K.FREE_TIME, "service_credit": K.SERVICE_CREDIT,
}  # fmt: skip
FITTING: Mapping[str, frozenset[ConcessionKind]] = {
    "credit": frozenset({K.SERVICE_CREDIT, K.GOODWILL}),
    "goodwill": frozenset({K.GOODWILL}),
    "payment": frozenset({K.GOODWILL, K.SERVICE_CREDIT, K.OTHER}),
}
LISTS = (*SURE, *FITTING)
# What is recorded where several fit.
USUAL = (K.GOODWILL, K.SERVICE_CREDIT, K.DISCOUNT, K.FREE_TIME, K.OTHER)


def fitting_kinds(lists: Iterable[str]) -> frozenset[ConcessionKind]:
    """The kinds that an offer with words of these lists can be."""
    found = set(lists)
    if sure := {SURE[name] for name in found & SURE.keys()}:
        return frozenset(sure)
    fits = EVERY
    for name in found & FITTING.keys():
        fits &= FITTING[name]
    return fits


def likeliest_kind(kinds: frozenset[ConcessionKind]) -> ConcessionKind:
    """The kind by which an offer is recorded that nobody chose a kind for."""
    return next((kind for kind in USUAL if kind in kinds), K.OTHER)
