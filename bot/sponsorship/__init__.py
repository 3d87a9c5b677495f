"""The executive sponsorship programme: its texts, memberships, and what sponsors do.

``programme`` has the six texts and the signature without which nothing begins, ``nominate`` the
way in, ``answer`` what a sponsor says to an offer, ``pass_on`` how another takes over, ``touches``
their contacts with the customer, ``leave`` the way out, ``due`` what time brings, ``closing`` what
follows from a case that ends. ``rows`` has what all of them share, ``queries`` what is read. The
rules without a store are in ``bot/rules/sponsorship``.

Texts and signatures are added and never changed: the newest ``SponsorshipText`` of a topic counts,
and the newest ``SponsorshipSignature``. A ``Sponsorship`` is a nomination and the membership that
it becomes; an account has at most one that is not over, which has its key as ``live_key``.

An account's row is locked before its membership, a case before both. No revenue is told to those
who may not know it: ``all_sponsorships`` of the permissions names those who may.
"""
