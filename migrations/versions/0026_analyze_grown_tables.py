"""Letting tables be analysed by the portal's role, which does not own them."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FUNCTION = """CREATE FUNCTION analyze_grown_tables() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    DECLARE grown regclass;
    BEGIN
        FOR grown IN SELECT oid FROM pg_class
            WHERE relkind = 'r' AND relnamespace <> 'pg_catalog'::regnamespace
            AND pg_table_is_visible(oid)
            AND pg_relation_size(oid) > 4 * 8192 * greatest(relpages, 8)
        LOOP EXECUTE 'ANALYZE (SKIP_LOCKED) ' || grown; END LOOP;
    END $$"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION analyze_grown_tables()")
