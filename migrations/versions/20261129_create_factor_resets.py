"""create factor resets"""

import sqlalchemy as sa
from alembic import op

revision = "c4d7a1f6e852"
down_revision = "5f6d1be0a947"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "factor_resets",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_factor_resets_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_factor_resets")),
    )
    op.create_index(op.f("ix_factor_resets_due_at"), "factor_resets", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("factor_resets")
