"""add a column for the preferences that parts and products declare"""

import sqlalchemy as sa
from alembic import op

revision = "9c3f6d1b7e20"
down_revision = "4e0b7c52a9d1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("preferences", sa.Column("added", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("preferences", "added")
