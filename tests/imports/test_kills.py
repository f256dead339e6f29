"""Killed 25 times in the middle, an import ends with each row once."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

from sqlalchemy import Engine, event, func, select, update

from portal.extensions import db
from portal.imports.models import Import, ImportRefusal
from portal.imports.registry import TARGETS
from portal.jobs.models import Job
from portal.objects.numbers.models import NumberListEntry
from portal.wall.scope import unscoped
from tests import factories
from tests.attacks.processes import in_a_process_of_its_own
from tests.imports.conftest import counts, imported, upload

LIST = {"List": "Niechciane – Care PL"}
ROWS = 1500
KILLS = 25


def table() -> str:
    rows = [f"512{n:06}" if n % 10 else "no number" for n in range(ROWS)]
    return "\n".join(["number", *rows])


def state(app, centre):
    """Return how far the import says it is, and how many rows it has written."""
    with factories.building(app, of=centre.admin):
        one = db.session.scalars(select(Import)).one()
        new = db.session.scalar(select(func.count(NumberListEntry.id)))
        refused = db.session.scalar(select(func.count(ImportRefusal.id)))
        return (one.rows_done, one.rows_new, one.rows_refused), (new + refused, new, refused)


def let_go(app):
    """Do as if the lease of the worker that died had lapsed."""
    with app.app_context(), unscoped("a test lets time pass for the job"):
        db.session.execute(update(Job).values(lease_until=None, attempts=0))
        db.session.commit()


def killed_at(app, number, work):
    """Work in another process, which dies before its statement ``number``."""
    left = [number]

    def strike(*arguments):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def work_and_die():
        event.listen(Engine, "before_cursor_execute", strike)
        work()

    return in_a_process_of_its_own(app, work_and_die) == -signal.SIGKILL


def test_an_import_that_is_killed_goes_on_without_losing_or_doubling_a_row(
    app, centre, jan, work, monkeypatch
):
    monkeypatch.setitem(TARGETS, "numbers", replace(TARGETS["numbers"], at_once=20))
    page = upload(jan, table(), **LIST).submit("Go on to the preview").submit("Import all rows")
    done = []
    for kill in range(KILLS):
        assert killed_at(app, 3 + kill * 7 % 41, work)
        said, there = state(app, centre)
        assert said == there, f"half a batch after kill {kill}"
        done.append(said[0])
        let_go(app)
    assert done == sorted(done)
    assert 0 < done[-1] < ROWS
    work()
    assert counts(jan.get(page.path)) == [1350, 0, 0, 150]
    assert state(app, centre) == ((1500, 1350, 150), (1500, 1350, 150))
    assert counts(imported(jan, table(), work, **LIST)) == [0, 0, 1350, 150]
