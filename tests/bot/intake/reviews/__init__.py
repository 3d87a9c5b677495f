"""Tests of public reviews, taken in and answered."""
