"""What is said where a thing was reported twice, and where two cases became one."""
