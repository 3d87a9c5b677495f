"""The first steps of an installation, for its administrators: what is missing, and a test mail.

What a step lacks is found by ``bot/rules/setup/``, which the command line's check asks too; here
it is read, said to be not needed, and tried. ``check`` goes further: it also reads the environment.
"""
