"""rotate tokens and keep locale, time zone and page size"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "592099badd1d"
down_revision = "84a2b6d0487c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.add_column(sa.Column("previous_digest", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rotation_key", sa.LargeBinary(length=32), nullable=True))
        batch_op.alter_column(
            "authenticated_at", existing_type=sa.DateTime(timezone=True), nullable=True
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_login_sessions_previous_digest"), ["previous_digest"]
        )

    logins = sa.table("login_sessions", sa.column("id"), sa.column("rotation_key", sa.LargeBinary))
    connection = op.get_bind()
    for login_id in connection.scalars(sa.select(logins.c.id)).all():
        key = sa.update(logins).where(logins.c.id == login_id)
        connection.execute(key.values(rotation_key=secrets.token_bytes(32)))
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.alter_column(
            "rotation_key", existing_type=sa.LargeBinary(length=32), nullable=False
        )

    with op.batch_alter_table("preferences") as batch_op:
        batch_op.add_column(sa.Column("locale", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("time_zone", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("page_size", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("preferences") as batch_op:
        batch_op.drop_column("page_size")
        batch_op.drop_column("time_zone")
        batch_op.drop_column("locale")

    # What was resumed by a remember cookie was not proved; the older column cannot say so.
    op.execute(
        "UPDATE login_sessions SET authenticated_at = created_at WHERE authenticated_at IS NULL"
    )
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_login_sessions_previous_digest"), type_="unique")
        batch_op.alter_column(
            "authenticated_at", existing_type=sa.DateTime(timezone=True), nullable=False
        )
        batch_op.drop_column("rotation_key")
        batch_op.drop_column("previous_until")
        batch_op.drop_column("previous_digest")
