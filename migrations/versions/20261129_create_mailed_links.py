"""create mailed links and their throttles"""

import sqlalchemy as sa
from alembic import op

revision = "d8f88c93dca9"
down_revision = "cbe874759754"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_throttles",
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resend_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "email", name=op.f("pk_email_throttles")),
    )
    op.create_index(
        op.f("ix_email_throttles_requested_at"), "email_throttles", ["requested_at"], unique=False
    )
    op.create_table(
        "mailed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("login_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["login_id"],
            ["login_sessions.id"],
            name=op.f("fk_mailed_links_login_id_login_sessions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_mailed_links_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_mailed_links_token_digest")),
    )
    op.create_index(
        op.f("ix_mailed_links_email_purpose"), "mailed_links", ["email", "purpose"], unique=False
    )
    op.create_index(
        op.f("ix_mailed_links_expires_at"), "mailed_links", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_mailed_links_login_id"), "mailed_links", ["login_id"], unique=False)
    op.create_index(op.f("ix_mailed_links_user_id"), "mailed_links", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("mailed_links")
    op.drop_table("email_throttles")
