"""Customers who may meet what a case was about: found once, and told by their own people."""
