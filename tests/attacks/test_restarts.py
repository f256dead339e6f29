"""A database that is restarted: 503 while it is away, and everything as before when it is back."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import pytest

from tests import databases
from tests import factories as make
from tests.access.browsers import browser
from tests.conftest import let_go, make_portal, migrate
from tests.page import FRAGMENT_HEADERS

BACK_WITHIN = 1.0  # seconds


@pytest.fixture
def server():
    """Give the folder of a server of our own, which may be stopped and started again."""
    folder = Path(tempfile.mkdtemp(prefix="bulkhead-", dir="/tmp"))
    try:
        yield folder
    finally:
        databases.stop_server_in(folder)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_restart_of_the_database_is_over_when_it_is_over(server, request):
    url = databases.start_server_in(server)
    database = databases.Postgresql(server, "restarted", migrate, url)
    app = make_portal(database.url, database.owner_url, PROPAGATE_BUGS=False)
    request.addfinalizer(lambda: let_go(app))
    with make.building(app):
        admin = make.company()
    mine = browser(app, admin.email)

    def answers():
        new = {"name": "While it was away", "csrf_token": mine.token}
        return [
            mine.open("GET", "/projects"),
            mine.open("GET", "/groups", headers=FRAGMENT_HEADERS),
            mine.open("GET", "/activity/export.csv"),
            mine.open("GET", "/sign-in"),
            mine.open("POST", "/groups/new", data=new),
        ]

    databases.stop_server_in(server)
    away = answers()
    assert [answer.status_code for answer in away] == [503] * len(away)
    assert {answer.headers["Retry-After"] for answer in away} == {"2"}
    assert all("not ready" in answer.text for answer in away)
    databases.start_server_in(server)
    began = time.monotonic()
    while (back := mine.open("GET", "/projects")).status_code == 503:
        assert time.monotonic() - began < BACK_WITHIN
    assert [back.status_code, *(answer.status_code for answer in answers())] == [
        200, 200, 200, 200, 303, 303
    ]  # fmt: skip
    page = mine.open("GET", "/groups").text
    assert page.count("While it was away") >= 1
