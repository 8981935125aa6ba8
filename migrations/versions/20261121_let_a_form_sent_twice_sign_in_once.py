"""let a form sent twice sign in once"""

import sqlalchemy as sa
from alembic import op

revision = "b7d21f90c3aa"
down_revision = "e3120963ee7b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.add_column(
            sa.Column("sign_in_nonce_digest", sa.LargeBinary(length=32), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("login_sessions") as batch_op:
        batch_op.drop_column("sign_in_nonce_digest")
