"""create the runs of schedules"""

import sqlalchemy as sa
from alembic import op

revision = "c41d7e90ab35"
down_revision = "de8a7337c01f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheduled_runs",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", "due_at", name=op.f("pk_scheduled_runs")),
    )
    op.create_index(op.f("ix_scheduled_runs_due_at"), "scheduled_runs", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("scheduled_runs")
