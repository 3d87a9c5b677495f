"""What people read of what a case teaches."""
