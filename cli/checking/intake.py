"""What other programs may report, as the check says it: which sources, never a secret."""

import typer

from bot.settings import Settings
from cli.checking.counts import count_things
from cli.configured import intake_sources


def print_intake(settings: Settings) -> None:
    """Print the sources of the signed webhook and how many secrets each has, and Podium's."""
    secrets = {name: len(each) for name, each in intake_sources(settings).items()}
    if podium := settings.podium_webhook_secret.split():
        secrets["podium"] = len(podium)
    said = [f"{name} ({count_things(secrets[name], 'secret')})" for name in sorted(secrets)]
    typer.echo(f"intake    {', '.join(said) or 'by no other program: INTAKE_SECRETS is empty'}")
