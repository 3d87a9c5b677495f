"""What is read out of a case for those who learn of it later."""
