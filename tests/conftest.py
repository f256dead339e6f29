"""Fixtures of all tests: a database of each kind, the portal on it, and visitors who browse it.

A test that asks for ``app`` or ``visitor`` runs twice, on SQLite and on PostgreSQL. Its database is
migrated and empty, and really committed to. No app context is open in a test: open one where rows
are made, ``with app.app_context(): …``, and close it before a visitor asks for a page, since a
request inside of it would share its ``g`` and its session.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import argon2
import flask_migrate
import pytest
from flask import Flask

pytest.register_assert_rewrite("tests.page")

from tests import databases  # noqa: E402  # after the line above
from tests.page import Visitor  # noqa: E402  # after the line above

FOLDER = pytest.StashKey[Path]()
MAKES_FOLDER = pytest.StashKey[bool]()
MIGRATIONS = str(Path(__file__).parents[1] / "migrations")

CONFIG = {
    "TESTING": True,
    "PROPAGATE_BUGS": True,
    "SECRET_KEY": "only-for-tests",
    "BASE_URL": "http://localhost",
    "DEMO": False,
}


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder; start PostgreSQL here when the tests run in several processes."""
    passed_on = getattr(config, "workerinput", {}).get("folder")
    config.stash[MAKES_FOLDER] = passed_on is None
    config.stash[FOLDER] = Path(passed_on or tempfile.mkdtemp(prefix="bulkhead-", dir="/tmp"))
    if passed_on is None and getattr(config.option, "numprocesses", None):
        start_server(config.stash[FOLDER])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the run's folder is."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not config.stash[MAKES_FOLDER]:
        return
    folder = config.stash[FOLDER]
    databases.clean_up(folder)
    shutil.rmtree(folder, ignore_errors=True)


def start_server(folder: Path) -> None:
    """Start PostgreSQL, or note for the tests why it cannot be had."""
    try:
        (folder / "server-url").write_text(databases.start_server(folder))
    except databases.MissingError as error:
        (folder / "server-missing").write_text(str(error))


def server_url(folder: Path) -> str:
    """Return the URL of the run's server, which is started when first asked for."""
    url, missing = folder / "server-url", folder / "server-missing"
    if not url.exists() and not missing.exists():
        start_server(folder)
    if missing.exists():
        pytest.fail(missing.read_text(), pytrace=False)
    return url.read_text()


def make_portal(url: str, owner_url: str, **config: Any) -> Flask:
    from portal import create_app
    from portal.accounts import passwords

    # argon2id's figures are for attackers; here they would only take time.
    passwords._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    uris = {"SQLALCHEMY_DATABASE_URI": url, "OWNER_DATABASE_URI": owner_url}
    return create_app({**CONFIG, **uris, **config})


def migrate(url: str, owner_url: str) -> None:
    """Bring an empty database up to date as its owner; let the portal's role work in it."""
    from portal.extensions import db
    from portal.wall import rls
    from portal.wall.scope import unscoped

    app = make_portal(owner_url, owner_url)
    with app.app_context(), unscoped("a schema is made for everybody"):
        flask_migrate.upgrade(MIGRATIONS)
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                for statement in rls.grants(databases.APPLICATION):
                    connection.exec_driver_sql(statement)
        db.engine.dispose()


class Stores:
    """The worker's database of each kind with its portal, made when first asked for."""

    def __init__(self, config: pytest.Config, worker: str) -> None:
        self.config, self.worker = config, worker
        self.databases: dict[str, databases.Sqlite | databases.Postgresql] = {}
        self.portals: dict[str, Flask] = {}

    def database(self, kind: str) -> databases.Sqlite | databases.Postgresql:
        if kind not in self.databases:
            self.databases[kind] = self._make(kind)
        return self.databases[kind]

    def portal(self, kind: str) -> Flask:
        if kind not in self.portals:
            database = self.database(kind)
            uploads = str(self.config.stash[FOLDER] / f"uploads-{self.worker}")
            urls = (database.url, database.owner_url)
            self.portals[kind] = make_portal(*urls, UPLOADS_FOLDER=uploads)
        return self.portals[kind]

    def _make(self, kind: str) -> databases.Sqlite | databases.Postgresql:
        folder = self.config.stash[FOLDER]
        if kind == "sqlite":
            return databases.Sqlite(folder, self.worker, migrate)
        return databases.Postgresql(folder, self.worker, migrate, server_url(folder))


@pytest.fixture(scope="session")
def stores(pytestconfig: pytest.Config, worker_id: str) -> Stores:
    return Stores(pytestconfig, worker_id)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, stores: Stores
) -> Iterator[databases.Sqlite | databases.Postgresql]:
    """Give an empty, migrated database with its ``name``, ``url`` and ``owner_url``."""
    store = stores.database(request.param)
    yield store
    store.reset()


@pytest.fixture
def app(database: databases.Sqlite | databases.Postgresql, stores: Stores) -> Iterator[Flask]:
    """Give the portal; what a test changes in its ``config`` is undone after it."""
    portal = stores.portal(database.name)
    config = dict(portal.config)
    yield portal
    portal.config.clear()
    portal.config.update(config)
    let_go(portal)


@pytest.fixture
def make_app(database: databases.Sqlite | databases.Postgresql) -> Iterator[Callable[..., Flask]]:
    """Make further portals on the test's database: ``make_app(DEMO=True)``."""
    portals: list[Flask] = []

    def make(**config: Any) -> Flask:
        portals.append(make_portal(database.url, database.owner_url, **config))
        return portals[-1]

    yield make
    for portal in portals:
        let_go(portal)


def let_go(portal: Flask) -> None:
    """Close the portal's connections, so that its database can be emptied."""
    from portal.extensions import db

    with portal.app_context():
        db.engine.dispose()


@pytest.fixture
def visitor(app: Flask) -> Callable[..., Visitor]:
    """Make people who browse the portal, each with cookies of their own.

    >>> someone = visitor("magda@example.org")   # signed in
    >>> nobody = visitor()
    """

    def make(email: str | None = None, password: str | None = None, **options: Any) -> Visitor:
        person = Visitor(app, **options)
        if email:
            person.sign_in(email, password)
        return person

    return make
