"""Taking back what was said of a case: a flag, a restriction, an offer, a resolution.

``withdraw`` is the verb, with who may; each of the others undoes one thing and says who hears.
"""
