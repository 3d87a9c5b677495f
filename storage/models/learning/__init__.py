"""What cases teach: solved ones as they are found again, playbooks and their steps."""
