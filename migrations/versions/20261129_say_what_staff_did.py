"""say what staff did"""

import sqlalchemy as sa
from alembic import op

revision = "5c1a7d0be94f"
down_revision = "7c1d5a9e4b20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without batch mode, which builds the table anew on SQLite and loses its triggers.
    op.add_column(
        "security_events",
        sa.Column("by_staff", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("security_events", sa.Column("actor_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("security_events", "actor_id")
    op.drop_column("security_events", "by_staff")
