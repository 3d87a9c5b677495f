"""What a case teaches: decisions and how they came out."""
