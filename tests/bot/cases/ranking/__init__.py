"""The ranking of cases."""
