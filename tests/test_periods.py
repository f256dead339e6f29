"""Periods: whole days of a time zone, as instants in UTC."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from flask_babel import Babel

from portal.errors import RefusedError
from portal.periods import period_from

NOW = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def context():
    app = Flask("periods")
    Babel(app)
    with app.test_request_context():
        yield


def cut(timezone="UTC", now=NOW, **arguments):
    arguments = {name.rstrip("_"): value for name, value in arguments.items()}
    period = period_from(arguments, timezone, now=now)
    assert (period.start.tzinfo, period.end.tzinfo) == (dt.UTC, dt.UTC)
    return f"{period.start:%Y-%m-%d %H:%M}", f"{period.end:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("today", ("2026-11-22 00:00", "2026-11-23 00:00")),
        ("yesterday", ("2026-11-21 00:00", "2026-11-22 00:00")),
        ("last_7_days", ("2026-11-16 00:00", "2026-11-23 00:00")),
        ("last_30_days", ("2026-10-24 00:00", "2026-11-23 00:00")),
        ("this_month", ("2026-11-01 00:00", "2026-11-23 00:00")),
        ("last_month", ("2026-10-01 00:00", "2026-11-01 00:00")),
        ("", ("2026-11-16 00:00", "2026-11-23 00:00")),
    ],
)
def test_presets(name, expected):
    assert cut(period=name) == expected


def test_the_day_is_that_of_the_zone():
    assert cut("Europe/Warsaw", period="today") == ("2026-11-22 23:00", "2026-11-23 23:00")
    assert cut("Asia/Kathmandu", period="today") == ("2026-11-22 18:15", "2026-11-23 18:15")


def test_days_on_which_the_clock_changes():
    autumn, spring = "2026-10-25", "2026-03-29"
    for day, expected in (
        (autumn, ("2026-10-24 22:00", "2026-10-25 23:00")),
        (spring, ("2026-03-28 23:00", "2026-03-29 22:00")),
    ):
        assert cut("Europe/Warsaw", period="custom", from_=day, to=day) == expected


def test_own_days():
    whole = {"period": "custom", "from_": "2026-01-05", "to": "2026-01-06"}
    assert cut(**whole) == ("2026-01-05 00:00", "2026-01-07 00:00")
    one = ("2026-01-05 00:00", "2026-01-06 00:00")
    assert cut(period="custom", from_="2026-01-05") == one
    assert cut(period="custom", to="2026-01-05") == one
    assert cut(period="custom") == ("2026-11-22 00:00", "2026-11-23 00:00")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"period": "forever"}, "period"),
        ({"period": "custom", "from": "yesterday"}, "from"),
        ({"period": "custom", "from": "0001-01-01"}, "from"),
        ({"period": "custom", "to": "9999-12-31"}, "to"),
        ({"period": "custom", "from": "2026-02-30"}, "from"),
        ({"period": "custom", "from": "2026-01-02", "to": "2026-01-01"}, "to"),
        ({"period": "custom", "from": "2020-01-01", "to": "2026-01-01"}, "to"),
        ({"period": "custom", "from": "1" * 100_000}, "from"),
    ],
)
def test_what_makes_no_sense(arguments, field):
    with pytest.raises(RefusedError) as refused:
        period_from(arguments, "Europe/Warsaw", now=NOW)
    assert refused.value.field == field
