"""let the password be chosen behind the link"""

import sqlalchemy as sa
from alembic import op

revision = "5c0d9b7e41a2"
down_revision = "be2f4c63f132"
branch_labels = None
depends_on = None

TABLES = ("mailed_links", "exports")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("login_id", sa.Integer(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_{table}_login_id_login_sessions"),
                "login_sessions",
                ["login_id"],
                ["id"],
                ondelete="SET NULL",
            )
            batch_op.create_index(batch_op.f(f"ix_{table}_login_id"), ["login_id"], unique=False)
    with op.batch_alter_table("mailed_links") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mailed_links_email_purpose"), ["email", "purpose"], unique=False
        )
        batch_op.drop_column("password_hash")
    with op.batch_alter_table("email_throttles") as batch_op:
        batch_op.add_column(sa.Column("mails", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("email_throttles") as batch_op:
        batch_op.alter_column("mails", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("email_throttles") as batch_op:
        batch_op.drop_column("mails")
    with op.batch_alter_table("mailed_links") as batch_op:
        batch_op.add_column(sa.Column("password_hash", sa.String(length=255), nullable=True))
        batch_op.drop_index(batch_op.f("ix_mailed_links_email_purpose"))
    for table in reversed(TABLES):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_login_id"))
            batch_op.drop_constraint(
                batch_op.f(f"fk_{table}_login_id_login_sessions"), type_="foreignkey"
            )
            batch_op.drop_column("login_id")
