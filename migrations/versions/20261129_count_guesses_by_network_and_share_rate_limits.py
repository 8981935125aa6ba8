"""count guesses by network, and share rate limits between processes"""

import sqlalchemy as sa
from alembic import op

revision = "4d0c6f1b92e7"
down_revision = "5c0d9b7e41a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Counting must not wait for the disk. After a crash of PostgreSQL, counting starts anew.
    is_postgresql = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "rate_limit_windows",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit_windows")),
        prefixes=["UNLOGGED"] if is_postgresql else [],
    )
    with op.batch_alter_table("rate_limit_windows", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rate_limit_windows_ends_at"), ["ends_at"], unique=False
        )

    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("account", sa.LargeBinary(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_login_attempts_account"), ["account"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempts_account"))
        batch_op.drop_column("account")

    with op.batch_alter_table("rate_limit_windows", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rate_limit_windows_ends_at"))

    op.drop_table("rate_limit_windows")
