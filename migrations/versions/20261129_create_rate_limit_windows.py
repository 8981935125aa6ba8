"""create the windows of rate limits"""

import sqlalchemy as sa
from alembic import op

revision = "d6010ac7d946"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Counting must not wait for the disk. After a crash of PostgreSQL, counting starts again.
    is_postgresql = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "rate_limit_windows",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit_windows")),
        prefixes=["UNLOGGED"] if is_postgresql else [],
    )
    op.create_index(
        op.f("ix_rate_limit_windows_ends_at"), "rate_limit_windows", ["ends_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("rate_limit_windows")
