"""Users: accounts, email addresses and passwords."""

from app.application import Application
from app.unit_of_work.batches import pruning
from app.users.deletions import prune_accounts
from app.users.models import User as User


def init_app(app: Application) -> None:
    pruning.add(app, ("deleted accounts", prune_accounts))
