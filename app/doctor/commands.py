"""`flask doctor`: run every check and print one sentence for each finding."""

import click
from flask.cli import with_appcontext

from app.application import this_app
from app.doctor.checks import CONNECTIONS, SETTINGS, check_parts, examine
from app.doctor.findings import Severity

COLORS = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.ERROR: "red"}


@click.command()
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@with_appcontext
def doctor(strict: bool) -> None:
    """Check the settings, the database, Redis, the broker, email and folders.

    Exits with 1 if there is an error.
    """
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    failed = False
    for finding in examine(this_app(), (*SETTINGS, check_parts, *CONNECTIONS)):
        label = click.style(f"{finding.severity.value:>7}", fg=COLORS[finding.severity])
        click.echo(f"{label}  {finding.sentence}")
        failed = failed or finding.severity in failing
    if failed:
        raise SystemExit(1)
