"""Drills: a case that is played in a private channel, out of all figures and without effects.

What a drill may do is ``bot/rules/learning/drills.py``; that no one else finds it, and that nothing
of it leaves, is held below every use case: ``storage/sessions/drills.py``, ``UnitOfWork.leave``.
"""
