"""create login sessions"""

import sqlalchemy as sa
from alembic import op

revision = "61ff6f3b3d5d"
down_revision = "af0cec80b7b9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rotation_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sign_in_nonce_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_login_sessions_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_sessions")),
        sa.UniqueConstraint("previous_digest", name=op.f("uq_login_sessions_previous_digest")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_login_sessions_token_digest")),
    )
    op.create_index(
        op.f("ix_login_sessions_expires_at"), "login_sessions", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_login_sessions_remembered_last_seen_at"),
        "login_sessions",
        ["remembered", "last_seen_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_login_sessions_user_id_sign_in_nonce_digest"),
        "login_sessions",
        ["user_id", "sign_in_nonce_digest"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("login_sessions")
