"""Characters that cannot be seen, or that make a text look like another, are kept nowhere."""

from __future__ import annotations

import itertools
import logging
import unicodedata

import pytest
from sqlalchemy import String, select

from portal.extensions import db
from portal.objects.registry import KINDS
from portal.wall.scope import unscoped
from tests import factories as make
from tests.access.browsers import browser
from tests.access.forms import found_by

CHARACTERS = {
    "NUL": "\0", "bell": "\x07", "escape": "\x1b[31m", "delete": "\x7f", "next line": "\x85",
    "override": "\u202e", "isolate": "\u2066", "mark": "\u200f", "line": "\u2028",
}  # fmt: skip
BAD = {"\u202e", "\u2066", "\u200f", "\u2028"}


@pytest.fixture
def admin(app):
    """Make something of each sort, so that there is a form of each sort."""
    with make.building(app):
        admin = make.company()
        care = make.project("Care")
        make.group("Early shift", make.user("Ewa", projects=[care]))
        make.role("Own role")
        for slug in KINDS:
            make.make_object(slug, f"Some {slug}", care)
    return admin


def kept(app) -> list[str]:
    """Return every text in the database that holds such a character."""
    found = []
    with app.app_context(), unscoped("all texts are looked at"):
        for mapper in db.Model.registry.mappers:
            texts = [a.key for a in mapper.column_attrs if isinstance(a.columns[0].type, String)]
            for row in db.session.scalars(select(mapper.class_)):
                values = {key: getattr(row, key) or "" for key in texts}
                found += [f"{mapper.local_table.name}.{key}: {value!r}"
                          for key, value in values.items() if is_bad(value)]  # fmt: skip
    return found


def is_bad(text: str) -> bool:
    return any(c in BAD or (unicodedata.category(c) == "Cc" and c not in "\n\r\t") for c in text)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # no database is asked for this
def test_no_form_keeps_them(app, admin):
    mine = browser(app, admin.email)
    _parameters, forms = found_by(app, admin.email)
    asked, characters = 0, itertools.cycle(CHARACTERS.values())
    for form in forms:
        for name in form.names:
            for character in itertools.islice(characters, 2):
                fields = {**dict(form.sent), name: f"a{character}b", "csrf_token": mine.token}
                answer = mine.open("POST", form.action, data=fields)
                assert answer.status_code < 500, (form.endpoint, name, character)
                asked += 1
    assert kept(app) == []
    assert asked > 200


def test_a_log_line_is_one_line(app, admin, caplog, monkeypatch):
    """What a request says cannot forge a line of the log, nor colour a terminal."""
    app.config["PROPAGATE_BUGS"] = app.config["PROPAGATE_EXCEPTIONS"] = False
    mine = browser(app, admin.email)

    monkeypatch.setattr("portal.accounts.views.links.queries", None)
    with caplog.at_level(logging.DEBUG):
        url = "/choose-password/x%0d%0aforged%1b[31m"
        assert browser(app, None).open("GET", url).status_code == 500
        mine.open("GET", "/nothing%0d%0aforged%1b%5b31m")
    assert caplog.records
    for record in caplog.records:
        assert not is_bad(record.getMessage())
        assert "\n" not in record.getMessage()
