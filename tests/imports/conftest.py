"""A company with two projects, lists in each of them, and people who import."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from portal.jobs import worker
from tests import factories
from tests.page import Page

ROWS = "Telefon;Nazwa;Ważny do\n512 345 460;Łucja Żółć;31.12.2026\n+90 532 123 45 67;=1+1;\n"


@pytest.fixture
def centre(app):
    with factories.building(app):
        admin = factories.company()
        care, shop = factories.project("Care PL"), factories.project("Sklep Żabka")
        blocked = factories.make_object("lists", "Niechciane", care)
        vip = factories.make_object("lists", "VIP", care, shop)
        theirs = factories.make_object("lists", "Kara liste", shop)
        supervisor = factories.user("Jan Kowalski", role="supervisor", projects=[care])
        other = factories.user("Ayşe Işık", role="supervisor", projects=[shop])
        operator = factories.user("Ola", role="operator", projects=[care])
        team = factories.group("Zespół Ś")
    return SimpleNamespace(**locals())


@pytest.fixture
def work(app):
    """Do what waits, as the worker does."""
    return lambda: worker.run_waiting(app)


@pytest.fixture
def jan(visitor, centre):
    return visitor(centre.supervisor.email)


def upload(who, content: bytes | str, *, name="numery.csv", target="numbers", status=200, **fields):
    """Upload a file; return the page of its columns, or the page that refuses it."""
    content = content.encode() if isinstance(content, str) else content
    page = who.get(f"/imports/{target}/new")
    return page.submit("Upload", {"File": (name, content), **fields}, status=status)


def imported(who, content, work, *, columns=None, **options) -> Page:
    """Take a file through the whole wizard; return the page of its result."""
    page = upload(who, content, **options).submit("Go on to the preview", columns)
    page = page.submit("Import all rows")
    work()
    return who.get(page.url)


def counts(page: Page) -> list[int]:
    """Return how many rows were added, changed, there already and refused."""
    return [int(text.replace(",", "")) for text in page.texts(".kpi dd")]
