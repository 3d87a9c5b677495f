"""Tests of what ratings and export files of reviews mean."""
