"""Remove what the paperwork no longer needs."""

from app.accounts.links import WAITS
from app.accounts.models import Export, LastAsked, MailedLink
from app.clock import now
from app.unit_of_work.batches import delete_in_batches


def prune_links() -> int:
    """Remove the links that are too old to be used; return how many."""
    delete_in_batches(LastAsked, LastAsked.asked_at <= now() - WAITS[-1])
    return delete_in_batches(MailedLink, MailedLink.expires_at <= now())


def prune_exports() -> int:
    """Remove the copies that can no longer be fetched; return how many."""
    return delete_in_batches(Export, Export.expires_at <= now())
