"""Help desks, as the organisation wants them watched: which tickets become candidates, and why.

``terms`` is what the policy says of a help desk, ``judging`` asks its rules about a ticket.
"""
