"""guard security events from the role of the site"""

from alembic import op

revision = "7c1d5a9e4b20"
down_revision = "4d0c6f1b92e7"
branch_labels = None
depends_on = None

REFUSAL = "security events are only added: they are not changed, and go once they are old"
LINE_REFUSAL = "only the owner of the tables may forget security events of the last 30 days"

# With the rights of its owner and names that nothing shadows, whoever runs the statement. pg_temp
# stands last: it would come first if it were not named (PostgreSQL, CREATE FUNCTION).
KEEP = """
    CREATE OR REPLACE FUNCTION {schema}.keep_security_events() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND (
            EXISTS (SELECT 1 FROM {schema}.retentions WHERE OLD.at < kept_since)
            OR (OLD.user_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM {schema}.users WHERE id = OLD.user_id))
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation';
    END $$
"""
# With the rights of who moves the line: the question is whether that is the owner.
KEEP_LINE = """
    CREATE FUNCTION {schema}.keep_retention() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF NEW.kept_since > now() - interval '30 days' AND NOT pg_has_role(
            current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
        ) THEN
            RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
"""
KEEP_LINE_TRIGGER = """
    CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON {schema}.retentions
    FOR EACH ROW EXECUTE FUNCTION {schema}.keep_retention()
"""
FORMER_KEEP = """
    CREATE OR REPLACE FUNCTION keep_security_events() RETURNS trigger
    LANGUAGE plpgsql SECURITY INVOKER AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND (
            EXISTS (SELECT 1 FROM retentions WHERE OLD.at < kept_since)
            OR (OLD.user_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM users WHERE id = OLD.user_id))
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation';
    END $$
"""


def upgrade() -> None:
    # SQLite has no roles: who can open the file can write anything into it.
    if op.get_bind().dialect.name == "postgresql":
        schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
        op.execute(KEEP.format(schema=schema, refusal=REFUSAL))
        op.execute(KEEP_LINE.format(schema=schema, refusal=LINE_REFUSAL))
        op.execute(KEEP_LINE_TRIGGER.format(schema=schema))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER keep ON retentions")
        op.execute("DROP FUNCTION keep_retention")
        op.execute(FORMER_KEEP.format(refusal=REFUSAL))
