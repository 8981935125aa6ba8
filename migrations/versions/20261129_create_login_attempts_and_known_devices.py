"""create login attempts and known devices"""

import sqlalchemy as sa
from alembic import op

revision = "2d8ec06817a5"
down_revision = "1c385d60e2cd"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_attempts",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account", sa.LargeBinary(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_attempts")),
    )
    op.create_index(op.f("ix_login_attempts_account"), "login_attempts", ["account"], unique=False)
    op.create_index(
        op.f("ix_login_attempts_first_at"), "login_attempts", ["first_at"], unique=False
    )
    op.create_table(
        "known_devices",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_known_devices_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_digest", "user_id", name=op.f("pk_known_devices")),
    )
    op.create_index(
        op.f("ix_known_devices_expires_at"), "known_devices", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_known_devices_user_id"), "known_devices", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("known_devices")
    op.drop_table("login_attempts")
