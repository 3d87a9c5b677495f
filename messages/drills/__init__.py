"""What is said of drills, and what marks everything that is said in one."""
