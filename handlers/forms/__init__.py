"""Filling forms in, reading them, drawing them again.

From a verb to an open modal: ``opening``, ``prefill`` and ``problem_prefill``, ``drawing``. From a
submitted modal to an intent: ``fields``, ``prepare``, and the advice of ``composer`` and
``broadcast_composer``. While it is open: ``redraw``. ``steps`` says which form needs which of
these; inputs and words are drawn in ``messages.forms``.
"""
