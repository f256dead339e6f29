"""Nonsense in every parameter and every field is refused or ignored: never a bug, never a leak."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest

from tests.access.browsers import Browser, browser
from tests.access.markers import content_of, marks_in
from tests.databases import Postgresql, Sqlite
from tests.page import FRAGMENT_HEADERS


def cursor(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


# As they stand in an address or in the body of a form.
NONSENSE = {
    "empty": "",
    "brackets": "[]",
    "negative": "-1",
    "zero": "0",
    "huge": "1" + "0" * 20,
    "very huge": "9" * 400,
    "exponent": "1e309",
    "not a number": "NaN",
    "sentinel": "-ALL",
    "wildcard": quote("%_*"),
    "null": "null",
    "NUL": "a%00b",
    "bad UTF-8": "%ff%fe",
    "surrogate": "%ed%a0%80",
    "year 0": "0000-01-01",
    "year 9999": "9999-12-31",
    "no such day": "2026-02-30",
    "100 kB": "x" * 100_000,
    "100 kB of words": "ab+" * 33_000,
    "SQL": quote("'\") OR 1=1; DROP TABLE users;--"),
    "template": quote("{{7*7}}${7*7}"),
    "path": quote("../../../../etc/passwd"),
    "digits of elsewhere": quote("١٢٣²"),
    "direction": quote("a\u202eb"),
    "dotless": quote("İıŞ"),
    "cursor with NUL": cursor(bytes(16) + b"a\0b"),
    "cursor of ones": cursor(b"\xff" * 24),
    "cursor of zeros": cursor(bytes(24)),
    "cursor beyond time": cursor(b"\x7f" + b"\xff" * 23),
    "id of nothing": "00000000-0000-0000-0000-000000000000",
    "id in braces": quote("{01900000-0000-7000-8000-000000000000}"),
}
# One of these in turn is tried in each parameter and field alone.
ALONE = ("brackets", "huge", "NUL", "bad UTF-8", "year 0", "100 kB", "SQL", "digits of elsewhere")
# What PostgreSQL may take in another way than SQLite; the rest is refused before either is asked.
ASKED_OF_BOTH = {
    *("brackets", "huge", "very huge", "not a number", "wildcard", "NUL", "bad UTF-8", "surrogate"),
    *("year 0", "year 9999", "100 kB of words", "SQL", "digits of elsewhere", "cursor with NUL"),
    *("cursor beyond time", "id in braces"),
}
EVERYWHERE = ("page", "limit", "sort", "order", "before", "after", "lang", "period")
PERIODS = ["from=0000-01-01&to=9999-12-31", "from=1990-01-01&to=2200-12-31", "from=%00", "to=-1"]
WHO = "manager of a"


def sets(
    names: list[str], place: int, database: Sqlite | Postgresql, more: Sequence[str] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Yield which nonsense goes into which of the names of the page or form at ``place``.

    Neighbours take turns: one gets half of the nonsense in all its names at once and in ``more``,
    the next one the other half. PostgreSQL is asked about every second name alone.
    """
    everything = database.name == "sqlite"
    for label in list(NONSENSE)[place % 2 :: 2]:
        if everything or label in ASKED_OF_BOTH:
            yield label, [*names, *more]
    for number, name in enumerate(names, start=place):
        if everything or number % 2:
            yield ALONE[number % len(ALONE)], [name]


def faulty(app, world, who: str, name: str, response) -> list[str]:
    with response:
        text = content_of(response.mimetype, response.get_data()) + repr(response.headers)
        status = response.status_code
    person = world.people[who]
    foreign = {mark.text for mark in marks_in(text, world.ids) if not person.may_know(mark)}
    bug = [f"{name}: {status}"] if status >= 500 else []
    return bug + [f"{name} shows {mark}" for mark in sorted(foreign)]


def test_nonsense_in_parameters(app, world, undone, database, found):
    app.config["PROPAGATE_BUGS"] = False
    mine = browser(app, world.people[WHO].email)
    parameters, _forms = found(WHO)
    names: dict[str, set[str]] = {}
    for (_endpoint, name), path in parameters.items():
        names.setdefault(path, set()).add(name)
    names["/calls/choices/queue"] = {"seek"}  # what is typed into a filter
    queries = [
        (path, label, tried)
        for place, (path, known) in enumerate(names.items())
        for label, tried in sets(sorted(known), place, database, EVERYWHERE)
    ]
    faults = []
    for path, label, tried in queries:
        query = "&".join(f"{name}={NONSENSE[label]}&{name}={NONSENSE[label]}" for name in tried)
        part = FRAGMENT_HEADERS if len(label) % 2 else {}
        answer = mine.open("GET", f"{path}?{query}", headers=part)
        faults += faulty(app, world, WHO, f"{path}?{'&'.join(tried)}={label}", answer)
    for path in names:
        for period in PERIODS:
            answer = mine.open("GET", f"{path}?period=custom&{period}")
            faults += faulty(app, world, WHO, f"{path}?{period}", answer)
    assert not faults, "\n".join(faults)
    assert len(parameters) > 30


@pytest.mark.parametrize(
    ("database", "who"),
    [("sqlite", WHO), ("sqlite", "admin"), ("postgresql", WHO)],
    indirect=["database"],
)
def test_nonsense_in_fields(app, world, undone, database, found, who):
    """The administrator tries the forms that the other does not have."""
    app.config["PROPAGATE_BUGS"] = False
    mine = browser(app, world.people[who].email)
    _parameters, forms = found(who)
    if who != WHO:
        known = {form.endpoint for form in found(WHO)[1]}
        forms = [form for form in forms if form.endpoint not in known]
    bodies = [
        (form, label, tried)
        for place, form in enumerate(forms)
        for label, tried in sets(list(form.names), place, database)
    ]
    faults = []
    for form, label, tried in bodies:
        sent = [f"{quote(k)}={quote(v)}" for k, v in form.sent if k not in tried]
        sent += [f"{quote(name)}={NONSENSE[label]}" for name in tried]
        answer = _post(mine, form.action, "&".join([f"csrf_token={mine.token}", *sent]), label)
        faults += faulty(app, world, who, f"{form.endpoint} {'&'.join(tried)}={label}", answer)
    assert not faults, "\n".join(faults)
    assert len(forms) > 5


def _post(mine: Browser, action: str, body: str, label: str):
    return mine.open(
        "POST",
        action,
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers=FRAGMENT_HEADERS if len(label) % 2 else {},
    )


def test_nonsense_in_headers(app, world, undone):
    app.config["PROPAGATE_BUGS"] = False
    mine = browser(app, world.people[WHO].email)
    names = (
        "Accept-Language", "HX-Target", "HX-Current-URL", "HX-Request-Type", "HX-Trigger",
        "Referer", "User-Agent", "If-None-Match", "If-Modified-Since", "Range", "Accept",
    )  # fmt: skip
    values = ("\x7f", "\xff" * 50, "[]", "//", "http://[", "x" * 8000, "bytes=-1", "*", "; q=x,,")
    project = f"/projects/{world.projects['A'].id}/panel"
    faults = []
    for url in (project, "/calls", "/users", "/language"):
        for name in names:
            for value in values:
                sent = {**(FRAGMENT_HEADERS if len(value) % 2 else {}), name: value}
                answer = mine.open("POST" if url == "/language" else "GET", url, headers=sent)
                faults += faulty(app, world, WHO, f"{url} {name}: {value[:10]!r}", answer)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "cookie", ["", "x", "x" * 5000, "\xff", "a=b; c", "'; DROP TABLE users;--"]
)
def test_nonsense_in_cookies(app, world, cookie):
    names = ("bulkhead", "bulkhead_form", "bulkhead_step", "bulkhead_language", "language")
    line = "; ".join(f"{name}={cookie}" for name in names)
    client = app.test_client(use_cookies=False)
    for url in ("/", "/sign-in", "/sign-in/code", "/sign-in/company", "/projects"):
        assert client.get(url, headers={"Cookie": line}).status_code < 400
