"""What Legal does in a case: say that nothing need be kept any more."""
