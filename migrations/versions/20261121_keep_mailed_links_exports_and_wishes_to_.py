"""keep mailed links, exports and wishes to be deleted"""

import sqlalchemy as sa
from alembic import op

revision = "e3120963ee7b"
down_revision = "76dd7293833f"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "email_throttles",
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "email", name=op.f("pk_last_asked")),
    )
    with op.batch_alter_table("email_throttles") as batch_op:
        batch_op.create_index(batch_op.f("ix_last_asked_asked_at"), ["asked_at"], unique=False)

    op.create_table(
        "deletions",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_deletions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_deletions")),
    )
    with op.batch_alter_table("deletions") as batch_op:
        batch_op.create_index(batch_op.f("ix_deletions_due_at"), ["due_at"], unique=False)

    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_exports_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    with op.batch_alter_table("exports") as batch_op:
        batch_op.create_index(batch_op.f("ix_exports_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exports_user_id"), ["user_id"], unique=False)

    op.create_table(
        "mailed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_mailed_links_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_mailed_links_token_digest")),
    )
    with op.batch_alter_table("mailed_links") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mailed_links_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mailed_links_user_id"), ["user_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("mailed_links") as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_links_user_id"))
        batch_op.drop_index(batch_op.f("ix_mailed_links_expires_at"))

    op.drop_table("mailed_links")
    with op.batch_alter_table("exports") as batch_op:
        batch_op.drop_index(batch_op.f("ix_exports_user_id"))
        batch_op.drop_index(batch_op.f("ix_exports_expires_at"))

    op.drop_table("exports")
    with op.batch_alter_table("deletions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_deletions_due_at"))

    op.drop_table("deletions")
    with op.batch_alter_table("email_throttles") as batch_op:
        batch_op.drop_index(batch_op.f("ix_last_asked_asked_at"))

    op.drop_table("email_throttles")
