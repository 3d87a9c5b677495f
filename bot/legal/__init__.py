"""What Legal does in a case: talk among few, and say that nothing need be kept any more."""
