"""What ``app.py check`` looks at: texts that a language lacks, roles that no person fills."""
