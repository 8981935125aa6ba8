"""Remove what the paperwork no longer needs."""

from app.accounts.links import RESEND_DELAYS
from app.accounts.models import EmailThrottle, Export, MailedLink
from app.clock import now
from app.unit_of_work.batches import delete_in_batches


def prune_links() -> int:
    """Remove the links that are too old to be used; return how many."""
    delete_in_batches(EmailThrottle, EmailThrottle.asked_at <= now() - RESEND_DELAYS[-1])
    return delete_in_batches(MailedLink, MailedLink.expires_at <= now())


def prune_exports() -> int:
    """Remove the copies that can no longer be fetched; return how many."""
    return delete_in_batches(Export, Export.expires_at <= now())
