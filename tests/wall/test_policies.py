"""PostgreSQL's policies hold where the first wall is forgotten: here it is taken away."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from portal.wall import rls, telling
from portal.wall.scope import Scope, entered, unscoped
from portal.wall.walls import walls_by_table
from tests import databases
from tests.wall.models import ME, OURS, P11, P12, P21, QUEUE, STRANGER, Base, number

ALL = Scope(1, ME, sees_all=True)
USER = number(11, 5)
WALLED = sorted(t.name for t in Base.metadata.tables.values() if walls_by_table()[t])


@pytest.fixture
def engine(postgresql: databases.Postgresql) -> Iterator[Engine]:
    """Give an engine of the application's role, with policies and without proof."""
    engine = create_engine(postgresql.url, pool_size=1, max_overflow=0)
    telling.install(engine)
    with Flask("policies").app_context():
        yield engine
    engine.dispose()


def owners(connection: Connection, table: str = "queues") -> list[tuple[int, int]]:
    """Return company and project of whatever the connection shows."""
    rows = connection.execute(text(f"SELECT company_id, project_id FROM {table} ORDER BY 1, 2"))
    return [(company, project.int) for company, project in rows]


@pytest.mark.parametrize("table", WALLED)
def test_without_a_scope_nothing_shows(engine: Engine, table: str) -> None:
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT * FROM {table}")).all() == []


@pytest.mark.parametrize("table", WALLED)
def test_nothing_of_another_company_shows(engine: Engine, table: str) -> None:
    column = "id" if table == "companies" else "company_id"
    for scope in (OURS, ALL, Scope(1, ME, project_ids=(P11, P12, P21))):
        with entered(scope), engine.connect() as connection:
            companies = connection.execute(text(f"SELECT DISTINCT {column} FROM {table}"))
            assert companies.scalars().all() == [1]


@pytest.mark.parametrize(
    "table", sorted(t.name for t in Base.metadata.tables.values() if "project_id" in t.columns)
)
def test_nothing_of_another_project_shows(engine: Engine, table: str) -> None:
    with entered(OURS), engine.connect() as connection:
        assert set(owners(connection, table)) == {(1, 11)}


def test_every_table_of_a_company_is_behind_a_policy(engine: Engine) -> None:
    with engine.connect() as connection:
        forced = connection.execute(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).scalars()
        assert sorted(forced) == WALLED


def test_scopes_follow_each_other_on_one_connection(engine: Engine) -> None:
    seen = []
    with engine.connect() as connection:
        seen.append(owners(connection))
        for scope in (OURS, ALL, Scope(2, STRANGER, project_ids=(P21,)), OURS):
            with entered(scope):
                seen.append(owners(connection))
        seen.append(owners(connection))
        with unscoped("the test looks at both sides of the wall"):
            seen.append(owners(connection))
        seen.append(owners(connection))
    both = [(1, 11), (1, 12)]
    assert seen == [[], [(1, 11)], both, [(2, 21)], [(1, 11)], [], [*both, (2, 21)], []]


def test_the_next_one_on_the_connection_starts_with_nothing(engine: Engine) -> None:
    with entered(ALL), engine.connect() as connection:
        assert len(owners(connection)) == 2
        connection.commit()
        assert len(owners(connection)) == 2
    with engine.connect() as connection:
        assert owners(connection) == []


def test_a_savepoint_does_not_bring_an_old_scope_back(engine: Engine) -> None:
    with engine.connect() as connection, entered(OURS):
        assert owners(connection) == [(1, 11)]
        savepoint = connection.begin_nested()
        with entered(ALL):
            assert len(owners(connection)) == 2
            savepoint.rollback()
            assert len(owners(connection)) == 2
        assert owners(connection) == [(1, 11)]


WRITES = {
    "into another company": f"INSERT INTO queues VALUES (2, '{P21}', '{ME}', 'new', 1, '')",
    "into another project": f"INSERT INTO queues VALUES (1, '{P12}', '{ME}', 'new', 1, '')",
    "move to another project": f"UPDATE queues SET project_id = '{P12}'",
    "move to another company": "UPDATE queues SET company_id = 2",
    "a membership": f"INSERT INTO project_users VALUES (1, '{P12}', '{ME}')",
    "a company": "INSERT INTO companies VALUES (3, 'new')",
    "switch off": "ALTER TABLE queues DISABLE ROW LEVEL SECURITY",
    "become the owner": f"SET ROLE {databases.OWNER}",
    "truncate": "TRUNCATE queues",
    "go around": "SET row_security = off; SELECT * FROM queues",
}


@pytest.mark.parametrize("write", WRITES)
def test_is_refused(engine: Engine, write: str) -> None:
    with (
        entered(OURS),
        engine.connect() as connection,
        pytest.raises(DBAPIError, match=r"row-level|row security|permission denied|must be owner"),
    ):
        connection.execute(text(WRITES[write]))


def test_hidden_rows_are_not_changed(engine: Engine) -> None:
    with entered(OURS), engine.connect() as connection:
        assert connection.execute(text("UPDATE queues SET n = 9")).rowcount == 1
        assert connection.execute(text("DELETE FROM calls")).rowcount == 1


def test_a_new_project_can_be_made(engine: Engine) -> None:
    new, ids = uuid.uuid4(), (P11,)
    with entered(OURS), engine.connect() as connection:
        connection.execute(text(f"INSERT INTO projects VALUES (1, '{new}', 'new')"))
        with entered(Scope(1, ME, project_ids=(*ids, new))):
            connection.execute(text(f"INSERT INTO project_users VALUES (1, '{new}', '{USER}')"))
            names = connection.execute(text("SELECT name FROM projects ORDER BY name"))
            assert names.scalars().all() == ["c1p11", "new"]


def test_threads_on_one_pool_keep_their_scopes(postgresql: databases.Postgresql) -> None:
    engine, wrong = create_engine(postgresql.url, pool_size=2, max_overflow=0), []
    telling.install(engine)

    def work(company: int, project: uuid.UUID) -> None:
        for _ in range(100):
            scope = Scope(company, ME, project_ids=(project,))
            with Flask("thread").app_context(), entered(scope), engine.connect() as connection:
                found = owners(connection)
                if found != [(company, project.int)]:
                    wrong.append(found)

    threads = [threading.Thread(target=work, args=a) for a in ((1, P11), (2, P21), (1, P12))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert wrong == []


def test_which_roles_are_safe(
    engine: Engine, postgresql: databases.Postgresql, superuser_url: str
) -> None:
    verdicts = []
    for url in (postgresql.url, postgresql.owner_url, superuser_url):
        other = create_engine(url)
        with other.connect() as connection:
            verdicts.append(rls.role_is_safe(connection))
        other.dispose()
    assert verdicts == [True, False, False]


def test_ids_of_thousands_of_projects(engine: Engine) -> None:
    many = (*(uuid.uuid4() for _ in range(2_000)), P11)
    with entered(Scope(1, ME, project_ids=many)), engine.connect() as connection:
        assert owners(connection) == [(1, 11)]
        found = connection.execute(text(f"SELECT count(*) FROM queues WHERE id = '{QUEUE}'"))
        assert found.scalar() == 1
        assert number(11, 0) == QUEUE
