"""What is said of the executive sponsorship programme: notices, the list, the six texts."""
