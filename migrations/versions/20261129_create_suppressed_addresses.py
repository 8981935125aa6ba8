"""create suppressed addresses, and add headers, attachments and topics to the outbox"""

import sqlalchemy as sa
from alembic import op

revision = "4f0c6b9d21e7"
down_revision = "9c3f6d1b7e20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "suppressed_addresses",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("is_bounce", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("suppressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_suppressed_addresses")),
    )
    op.create_index(
        op.f("ix_suppressed_addresses_suppressed_at"),
        "suppressed_addresses",
        ["suppressed_at"],
        unique=False,
    )
    op.create_table(
        "outbox_attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox.id"],
            name=op.f("fk_outbox_attachments_message_id_outbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attachments")),
    )
    op.create_index(
        op.f("ix_outbox_attachments_message_id"),
        "outbox_attachments",
        ["message_id"],
        unique=False,
    )
    op.add_column("outbox", sa.Column("headers", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("outbox", sa.Column("topic", sa.String(length=40), nullable=True))
    op.add_column("outbox", sa.Column("subscriber_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox", "subscriber_id")
    op.drop_column("outbox", "topic")
    op.drop_column("outbox", "headers")
    op.drop_table("outbox_attachments")
    op.drop_table("suppressed_addresses")
