"""`flask doctor`: run every check and print one sentence for each finding."""

import click
from flask.cli import with_appcontext

from app.application import this_app
from app.checks import Severity
from app.doctor.checks import check_all

COLORS = {
    Severity.OK: "green",
    Severity.NOTE: "blue",
    Severity.WARNING: "yellow",
    Severity.ERROR: "red",
}


@click.command()
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@with_appcontext
def doctor(strict: bool) -> None:
    """Check the settings, the database, other servers, email and folders.

    Exits with 1 if there is an error.
    """
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    failed = False
    for finding in check_all(this_app()):
        label = click.style(f"{finding.severity.value:>7}", fg=COLORS[finding.severity])
        click.echo(f"{label}  {finding.sentence}")
        failed = failed or finding.severity in failing
    if failed:
        raise SystemExit(1)
