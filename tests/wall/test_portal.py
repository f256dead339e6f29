"""Every table of the portal itself is behind the walls that its columns ask for."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import aliased

from portal.database import MaybeOwned, ProjectRow, ProjectShared
from portal.extensions import db
from portal.wall import rls
from portal.wall.scope import Scope, entered, unscoped
from portal.wall.walls import Wall, WallError, tables_of_models, walled_classes, walls_by_table

SCOPES = {
    "one project": Scope(1, uuid.uuid4(), project_ids=(uuid.uuid4(),)),
    "no project": Scope(1, uuid.uuid4()),
    "picks people": Scope(1, uuid.uuid4(), sees_people=True),
    "sees all": Scope(1, uuid.uuid4(), sees_all=True),
}


def tables() -> dict[Table, frozenset[Wall]]:
    return {t: w for t, w in walls_by_table().items() if t.metadata is db.metadata}


def models() -> list[type]:
    return [cls for cls in walled_classes() if issubclass(cls, db.Model)]


def test_every_table_of_a_company_has_a_model(app: Flask) -> None:
    walled = {table for table, walls in tables().items() if walls}
    assert walled == {t for t in tables() if "company_id" in t.columns or t.name == "companies"}
    assert walled <= tables_of_models()


def test_every_row_of_a_project_is_behind_the_projects_wall(app: Flask) -> None:
    by_column = {cls for cls in models() if "project_id" in cls.__table__.columns}
    assert by_column == {cls for cls in models() if issubclass(cls, (ProjectRow, MaybeOwned))}
    for cls in models():
        if issubclass(cls, (ProjectRow, MaybeOwned, ProjectShared)):
            assert Wall.PROJECT in walls_by_table()[cls.__table__], cls


def test_every_key_begins_with_the_company(app: Flask) -> None:
    odd = [t.name for t, walls in tables().items() if walls and t.name != "companies"]
    odd = [n for n in odd if next(iter(db.metadata.tables[n].primary_key)).name != "company_id"]
    assert odd == []


@pytest.mark.parametrize("scope", SCOPES)
def test_every_model_can_be_asked(app: Flask, scope: str) -> None:
    with app.app_context(), entered(SCOPES[scope]):
        for cls in models():
            assert db.session.scalars(select(cls)).all() == [], cls
            assert db.session.scalar(select(func.count()).select_from(aliased(cls))) == 0, cls


def test_no_model_answers_nobody(app: Flask) -> None:
    with app.app_context():
        for cls in models():
            with pytest.raises(WallError):
                db.session.execute(select(cls))


def test_no_table_answers_around_its_model(app: Flask) -> None:
    with app.app_context(), entered(SCOPES["sees all"]):
        for table, walls in tables().items():
            if walls:
                with pytest.raises(WallError):
                    db.session.execute(select(table))


def test_postgresql_holds_a_policy_for_every_table(app: Flask) -> None:
    with app.app_context(), unscoped("the test reads the catalogue"):
        if db.engine.dialect.name != "postgresql":
            return
        walled = sorted(table.name for table, walls in tables().items() if walls)
        forced = db.session.scalars(
            text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        )
        assert sorted(forced) == walled
        held = db.session.execute(text("SELECT tablename, cmd FROM pg_policies ORDER BY 1"))
        assert [tuple(row) for row in held] == [(name, "ALL") for name in walled]
        assert rls.role_is_safe(db.session.connection())
