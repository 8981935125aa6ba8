"""create roles held"""

import sqlalchemy as sa
from alembic import op

revision = "b40c5d2f73dd"
down_revision = "9b27e5d4c810"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roles_held",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_roles_held_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_roles_held")),
    )
    op.create_index(op.f("ix_roles_held_role"), "roles_held", ["role"], unique=False)


def downgrade() -> None:
    op.drop_table("roles_held")
