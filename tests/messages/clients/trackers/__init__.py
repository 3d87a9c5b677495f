"""Tests of the bug trackers' clients."""
