"""Clocks in words and in pictures.

A clock is judged in ``bot/rules/sla``; here its ``ClockState`` is told: ``explain.py`` says how a
due time came about, with ``formatter.py`` for single values; ``life.py`` gathers the instants of a
picture and ``picture.py`` draws them; ``explained.py`` puts both into private answers. Facts are
read by ``bot/sla/explain.py``. Nothing here counts time: every figure is the state's or the
calendar's own, so that what is explained is what was judged.
"""
