"""Fixtures of the wall's tests: its own models on both databases, with rows of two companies.

On PostgreSQL the statement shapes run as a superuser, whom no policy binds: they try the first wall
alone. The tests of the policies run as the application's role, with the first wall taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from portal import connections
from portal.extensions import db
from portal.wall import rls
from portal.wall.scope import entered, unscoped
from tests import databases
from tests.conftest import FOLDER, server_url
from tests.wall.models import OURS, Base, plant


def make(url: str, owner_url: str) -> None:
    """Create the tables and their policies as the owner, and plant the rows."""
    engine = create_engine(owner_url)
    around = unscoped("plants rows of two companies")
    with Flask("planting").app_context(), around, engine.begin() as connection:
        Base.metadata.create_all(connection)
        with Session(connection) as session:
            plant(session)
            session.commit()
        if engine.dialect.name == "postgresql":
            for statement in rls.policies(Base.metadata) + rls.grants(databases.APPLICATION):
                connection.exec_driver_sql(statement)
    engine.dispose()


def portal_on(url: str) -> Flask:
    """Make the least of an app: the database of the portal, behind the wall."""
    app = Flask("shapes")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        connections.prepare(db.engine)
    return app


@pytest.fixture(scope="session")
def wall_folder(pytestconfig: pytest.Config) -> Path:
    folder = pytestconfig.stash[FOLDER]
    mine = folder / f"wall-{folder.name.rpartition('-')[2].lower()}wall"
    mine.mkdir(exist_ok=True)
    return mine


@pytest.fixture(scope="session")
def sqlite_url(wall_folder: Path, worker_id: str) -> str:
    return databases.Sqlite(wall_folder, worker_id, make).url


@pytest.fixture(scope="session")
def postgresql(
    pytestconfig: pytest.Config, wall_folder: Path, worker_id: str
) -> databases.Postgresql:
    server = server_url(pytestconfig.stash[FOLDER])
    return databases.Postgresql(wall_folder, worker_id, make, server)


@pytest.fixture(scope="session")
def superuser_url(postgresql: databases.Postgresql) -> str:
    url = make_url(postgresql.server).set(database=postgresql.database)
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shapes_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    name = "sqlite_url" if request.param == "sqlite" else "superuser_url"
    app = portal_on(request.getfixturevalue(name))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(shapes_app: Flask) -> Iterator[Session]:
    """Give the session of somebody who is in project 11 of company 1; undone at the end."""
    with shapes_app.app_context(), entered(OURS):
        yield db.session()
        db.session.rollback()
        with unscoped("a refused statement may not show in the next test"):
            db.session.remove()


@pytest.fixture
def on_postgresql(shapes_app: Flask) -> bool:
    return shapes_app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
