"""Tests of the reports of other programs."""
