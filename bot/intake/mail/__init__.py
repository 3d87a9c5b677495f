"""What customers send to the intake address: whose it is, who is answered, what strangers want."""
