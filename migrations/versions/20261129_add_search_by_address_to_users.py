"""add search by address to users"""

import sqlalchemy as sa
from alembic import op

from app.database import search_key

revision = "5f6d1be0a947"
down_revision = "b40c5d2f73dd"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_users_email_start", "users", [search_key(sa.column("email")), "id"])


def downgrade() -> None:
    op.drop_index("ix_users_email_start", table_name="users")
