"""What customers say in the channels that they share: marked messages, and threads of cases."""
