"""Cases when a shift ends: offered together, taken together, decided by the lead.

``bot/duty/shift_ends.py`` says when a shift ends; the role itself passes as any other handover does
(``bot/cases/handover.py``).
"""
