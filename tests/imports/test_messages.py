"""The list of a gateway: what it has sent, read once and shown to whom it belongs."""

from __future__ import annotations

import json

import pytest

from tests import factories
from tests.imports.conftest import counts, imported

EVIL = "=1+1 <img src=x onerror=alert(1)> Żółć İ"
PERIOD = {"period": "custom", "from": "2026-10-22", "to": "2026-10-28"}
CSV = f"""Data wysyłki;Odbiorca;Szablon;Status;Części;Koszt;ID
2026-10-24 14:05;+48500100200;Przypomnienie;Dostarczono;2;0,14;a1
24.10.2026 14:06:07;{"x" * 20}@example.org;PRZYPOMNIENIE;sent;;;a2
2026-10-24T23:30:00+02:00;+48500100201;{EVIL};failed;1;0.07;a3
2026-10-25 01:00;+48500100202;;DELIVRD;1;0,07;
2026-10-25 01:00;+48500100202;;DELIVRD;1;0,07;
yesterday;+48500100203;;sent;1;;a5
2026-10-25 01:00;+48500100203;;on its way;1;;a6
2026-10-25 01:00;+48500100203;;sent;1;much;a7
2026-10-25 01:00;+48500100203;;sent;²;;a8
"""
TABLE = [
    ["Other templates", 2, 1, 0.5, 1, 2, 0.14],
    ["Przypomnienie", 2, 1, 0.5, 0, 3, 0.14],
    ["Total", 4, 2, 0.5, 1, 5, 0.28],
]
NOTHING = [["Total", 0, 0, None, 0, 0, None]]


@pytest.fixture
def template(app, centre):
    with factories.building(app, of=centre.admin):
        return factories.make_object("templates", "Przypomnienie", centre.care)


def table(who, **asked):
    url = f"/reports/notifications/export.json?{factories.query(**PERIOD, **asked)}"
    return [list(row.values()) for row in json.loads(who.get(url).text)]


def take_in(jan, centre, work, content=CSV):
    options = {"target": "messages", "Project": "Care PL", "Currency": "PLN"}
    return imported(jan, content, work, **options)


def test_what_was_sent_is_read_once_and_reported(app, centre, template, jan, work):
    assert counts(take_in(jan, centre, work)) == [4, 0, 0, 5]
    assert table(jan) == TABLE
    assert counts(take_in(jan, centre, work)) == [0, 0, 4, 5]
    later = CSV.replace(";sent;;;a2", ";delivered;;;a2")
    assert counts(take_in(jan, centre, work, later)) == [0, 1, 3, 5]
    assert [row[:3] for row in table(jan, by="channel")] == [
        ["SMS", 3, 2],
        ["E-mail", 1, 1],
        ["Total", 4, 3],
    ]
    assert [row[:2] for row in table(jan, by="day") if row[1]] == [
        ["24 Oct 2026", 3],
        ["25 Oct 2026", 1],
        ["Total", 4],
    ]


def test_strangers_see_none_of_it(app, centre, template, jan, visitor, work):
    take_in(jan, centre, work)
    assert table(visitor(centre.other.email)) == NOTHING
    operator = visitor(centre.operator.email)
    operator.get("/reports/notifications", status=403)
    operator.get("/imports/messages/new", status=403)
