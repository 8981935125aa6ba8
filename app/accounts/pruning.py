"""Remove what the paperwork no longer needs, a batch at a time."""

from sqlalchemy import delete, select

from app.accounts.links import ONE_WISH
from app.accounts.models import Export, LastAsked, MailedLink
from app.clock import now
from app.database import db
from app.unit_of_work import unit_of_work

# Rows that one transaction removes, so that nobody waits for it noticeably.
BATCH = 1000


def prune_links() -> int:
    """Remove the links that are too old to be used; return how many."""
    with unit_of_work():
        db.session.execute(delete(LastAsked).where(LastAsked.asked_at <= now() - ONE_WISH))
    return prune_expired(MailedLink)


def prune_exports() -> int:
    """Remove the copies that can no longer be fetched; return how many."""
    return prune_expired(Export)


def prune_expired(kind: type[MailedLink] | type[Export]) -> int:
    removed = 0
    while True:
        with unit_of_work():
            expired = select(kind.id).where(kind.expires_at <= now()).limit(BATCH)
            statement = delete(kind).where(kind.id.in_(expired)).returning(kind.id)
            batch = len(db.session.execute(statement).all())
        removed += batch
        if batch < BATCH:
            return removed
