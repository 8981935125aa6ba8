"""add subject to mailed links"""

import sqlalchemy as sa
from alembic import op

revision = "4e0b7c52a9d1"
down_revision = "c41d7e90ab35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mailed_links",
        sa.Column("subject", sa.String(length=255), server_default=sa.text("''"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("mailed_links", "subject")
