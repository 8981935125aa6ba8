"""create security events, which the database itself protects"""

import sqlalchemy as sa
from alembic import op

revision = "af0cec80b7b9"
down_revision = "2ec268333482"
branch_labels = None
depends_on = None

# An event may be deleted if it is older than `kept_since`, or once its user is deleted.
MAY_GO = """
    EXISTS (SELECT 1 FROM {schema}retentions WHERE OLD.at < kept_since)
    OR (OLD.user_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM {schema}users WHERE id = OLD.user_id))
"""
EXISTS_ALREADY = "EXISTS (SELECT 1 FROM security_events WHERE id = NEW.id)"
REFUSAL = (
    "security events are append-only: they cannot be changed, and are deleted once they are old"
)
RETENTION_REFUSAL = "only the owner of the tables may delete security events of the last 30 days"

SQLITE = [
    f"""
    CREATE TRIGGER security_events_refuse_update BEFORE UPDATE ON security_events
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
    # INSERT OR REPLACE changes a row without firing the triggers of UPDATE and DELETE.
    f"""
    CREATE TRIGGER security_events_refuse_replace BEFORE INSERT ON security_events
    WHEN {EXISTS_ALREADY}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
    f"""
    CREATE TRIGGER security_events_refuse_delete BEFORE DELETE ON security_events
    WHEN NOT ({MAY_GO.format(schema="")})
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
]
# SECURITY DEFINER, with a fixed search_path and qualified names: the role of the site cannot
# shadow the tables. pg_temp is named last, because it would come first otherwise (PostgreSQL,
# CREATE FUNCTION).
POSTGRESQL = [
    """
    CREATE FUNCTION {schema}keep_security_events() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND ({may_go}) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON {schema}security_events
    FOR EACH ROW EXECUTE FUNCTION {schema}keep_security_events()
    """,
    """
    CREATE TRIGGER keep_all BEFORE TRUNCATE ON {schema}security_events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}keep_security_events()
    """,
    # SECURITY INVOKER: the question is whether the current role owns the table.
    """
    CREATE FUNCTION {schema}keep_retention() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF NEW.kept_since > now() - interval '30 days' AND NOT pg_has_role(
            current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
        ) THEN
            RAISE EXCEPTION '{retention_refusal}' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON {schema}retentions
    FOR EACH ROW EXECUTE FUNCTION {schema}keep_retention()
    """,
]


def triggers() -> list[str]:
    """Return the triggers with which the database itself protects the events."""
    if op.get_bind().dialect.name == "sqlite":
        return SQLITE
    quoted = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
    schema = f"{quoted}."
    given = {"schema": schema, "may_go": MAY_GO.format(schema=schema), "refusal": REFUSAL}
    return [it.format(**given, retention_refusal=RETENTION_REFUSAL) for it in POSTGRESQL]


def upgrade() -> None:
    op.create_table(
        "retentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retentions")),
    )
    op.create_table(
        "security_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_security_events_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_events")),
    )
    op.create_index(op.f("ix_security_events_at"), "security_events", ["at"], unique=False)
    op.create_index(
        op.f("ix_security_events_user_id_id"), "security_events", ["user_id", "id"], unique=False
    )
    for trigger in triggers():
        op.execute(trigger)


def downgrade() -> None:
    op.drop_table("security_events")
    op.drop_table("retentions")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_security_events")
        op.execute("DROP FUNCTION keep_retention")
