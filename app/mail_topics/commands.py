"""`flask mail-topics …`: unsubscribe by email."""

import click

from app.database.commands import Commands
from app.mail_topics.choices import unsubscribe
from app.mail_topics.tokens import read_token
from app.unit_of_work import unit_of_work

mail_topics = Commands("mail-topics", help="Unsubscribe from optional email.")


@mail_topics.command("unsubscribe")
@click.argument("token")
def unsubscribe_(token: str) -> None:
    """Turn off the topic of TOKEN: the subject of an email to UNSUBSCRIBE_ADDRESS."""
    found = read_token(token)
    if found is None:
        raise click.ClickException("The token is not valid, so nothing was changed.")
    user_id, topic = found
    with unit_of_work():
        unsubscribe(user_id, topic)
    click.echo(f"The user is sent no more emails of the topic {topic.name}.")
