"""Commands by subject, as ``app.py`` has them: names, arguments, help texts and nothing else."""
