"""Figures over many cases: of which days, from which records, by which definitions. Pure.

``periods`` names a stretch of days, ``records`` is what is counted, ``figures`` puts a report
together from the definitions in ``handling`` (clocks and times) and ``customers`` (what it was for
them). Definitions are said in words in docs/figures.md.
"""
