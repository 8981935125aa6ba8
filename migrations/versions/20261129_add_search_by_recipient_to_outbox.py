"""add search by recipient to the outbox"""

import sqlalchemy as sa
from alembic import op

from app.database import search_key

revision = "7be2d0c5914f"
down_revision = "c4d7a1f6e852"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_outbox_recipient_start", "outbox", [search_key(sa.column("recipient")), "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_recipient_start", table_name="outbox")
