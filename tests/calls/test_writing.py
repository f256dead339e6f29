"""Rows of imports are written by statements of their own: what these refuse is told as ever."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Throttle
from portal.calls.writing import insert_rows
from portal.database import utcnow
from portal.extensions import db
from portal.wall.scope import unscoped


def _rows(numbers: range) -> list[dict[str, object]]:
    return [{"key": b"%032d" % n, "count": n, "last_at": utcnow()} for n in numbers]


@pytest.mark.parametrize("twice", [3, 120, 249])
def test_a_row_that_is_there_already_is_refused_wherever_it_comes(app: Flask, twice: int) -> None:
    with app.app_context(), unscoped("the test writes past every model"):
        insert_rows(Throttle, _rows(range(twice, twice + 1)))
        with pytest.raises(IntegrityError):
            insert_rows(Throttle, _rows(range(250)))
        db.session.rollback()
        insert_rows(Throttle, _rows(range(250)))
        assert db.session.scalar(select(func.count()).select_from(Throttle)) == 250
        db.session.rollback()
