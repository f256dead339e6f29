"""Killed 25 times in the middle, an import ends with each row once, and so does its start."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, update

from portal.crm.models import Contact, ContactValue
from portal.extensions import db
from portal.imports.models import Import, ImportRefusal
from portal.imports.registry import TARGETS
from portal.jobs.models import Job
from portal.objects.base.models import DialerNumber
from portal.objects.numbers.models import NumberListEntry
from portal.wall.scope import unscoped
from tests import factories
from tests.access.browsers import browser
from tests.attacks.processes import all_rows, in_a_process_of_its_own, killed_before
from tests.imports.conftest import counts, imported, upload

ROWS = 1500
KILLS = 25
TARIFF = "Tariff \"<img src=x onerror=alert(1)>\" 'İş'"


@dataclass(frozen=True)
class Into:
    """A target: the choices of its first page, what it writes, and what each new row has of it."""

    target: str
    model: Any
    choices: dict[str, str]
    parts: tuple[Any, ...] = ()


INTO = {
    "numbers": Into("numbers", NumberListEntry, {"List": "Niechciane – Care PL"}),
    "base": Into("base", DialerNumber, {"Dialer": "Kampania – Care PL"}),
    "contacts": Into("contacts", Contact, {"Project": "Care PL"}, (Contact.Link, ContactValue)),
}


def table() -> str:
    rows = [f"512{n:06};Łucja {n};=1+{n}" if n % 10 else f"no number;{n};" for n in range(ROWS)]
    head = TARIFF.replace('"', '""')
    return "\n".join([f'number;name;"{head}"', *rows])


@pytest.fixture(params=INTO)
def into(request, app, centre):
    with factories.building(app, of=centre.admin):
        factories.make_object("dialers", "Kampania", centre.care)
        factories.make_object("contact-fields", TARIFF, centre.care)
    return INTO[request.param]


def state(app, centre, into):
    """Return how far the import says it is, and how many rows it has written."""
    with factories.building(app, of=centre.admin):
        one = db.session.scalars(select(Import)).one()
        new = db.session.scalar(select(func.count()).select_from(into.model))
        refused = db.session.scalar(select(func.count(ImportRefusal.id)))
        for part in into.parts:
            assert db.session.scalar(select(func.count()).select_from(part)) == new
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
    app, centre, jan, work, monkeypatch, into
):
    target = TARGETS[into.target]
    monkeypatch.setitem(TARGETS, into.target, replace(target, at_once=20))
    choices = {"target": into.target, **into.choices}
    page = upload(jan, table(), **choices).submit("Go on to the preview")
    page = page.submit("Import all rows")
    done = []
    for kill in range(KILLS):
        assert killed_at(app, 3 + kill * 7 % 41, work)
        said, there = state(app, centre, into)
        assert said == there, f"half a batch after kill {kill}"
        done.append(said[0])
        let_go(app)
    assert done == sorted(done)
    assert 0 < done[-1] < ROWS
    monkeypatch.setitem(TARGETS, into.target, target)
    work()
    assert counts(jan.get(page.path)) == [1350, 0, 0, 150]
    assert state(app, centre, into) == ((1500, 1350, 150), (1500, 1350, 150))
    assert counts(imported(jan, table(), work, **choices)) == [0, 0, 1350, 150]


def test_an_import_whose_start_is_killed_has_not_been_started(app, centre, jan, work, into):
    page = upload(jan, table(), target=into.target, **into.choices).submit("Go on to the preview")
    path, mine = page.path.removesuffix("/preview"), browser(app, centre.supervisor.email)

    def start():
        sent = mine.open("POST", f"{path}/start", data={"csrf_token": mine.token})
        assert sent.status_code == 303

    before, kills = all_rows(app), 0
    while killed_before(app, kills or None, start):
        assert all_rows(app) == before, f"half started before statement {kills}"
        kills += 1
    assert kills > 5
    work()
    assert counts(jan.get(path)) == [1350, 0, 0, 150]
