"""What is found in a message before it goes out."""
