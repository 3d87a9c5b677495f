"""Help desks: real HTTP servers that behave as their documentation says, and the app beside them.

They are doubles, built from what developer.zendesk.com and developer.helpscout.com say, and were
never compared with the services themselves. Where these are lenient the doubles are strict: a
field that is not documented is refused.
"""
