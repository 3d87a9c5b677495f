"""Playbooks by which people work: applied by hand or by themselves, and worked through.

What a playbook says, and when it fits, is in ``bot/rules/learning/playbooks.py``.
"""
