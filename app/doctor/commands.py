"""`flask doctor`: every check with one sentence, for people and for release steps."""

import click
from flask.cli import with_appcontext

from app.doctor.checks import CONNECTIONS, SETTINGS, check_parts, examine
from app.doctor.findings import Weight
from app.jobs.background import this_app

COLORS = {Weight.FINE: "green", Weight.WARNING: "yellow", Weight.WRONG: "red"}


@click.command()
@click.option("--strict", is_flag=True, help="Fail for warnings too.")
@with_appcontext
def doctor(strict: bool) -> None:
    """Say what is right and wrong with the settings and what they lead to.

    Exits with 1 if anything is wrong.
    """
    bad = {Weight.WRONG, Weight.WARNING} if strict else {Weight.WRONG}
    failed = False
    for finding in examine(this_app(), (*SETTINGS, check_parts, *CONNECTIONS)):
        label = click.style(f"{finding.weight.value:>7}", fg=COLORS[finding.weight])
        click.echo(f"{label}  {finding.sentence}")
        failed = failed or finding.weight in bad
    if failed:
        raise SystemExit(1)
