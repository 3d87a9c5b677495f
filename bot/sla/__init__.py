"""The clocks of a case: what they say, whom they remind, why."""
