"""What an operation may cost: counted, so that a machine's speed does not matter."""
