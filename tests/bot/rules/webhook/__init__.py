"""Tests of what a program may report by the signed webhook."""
