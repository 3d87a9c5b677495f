"""What the command line does, apart from the bot itself."""
