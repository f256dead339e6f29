"""Cells as people and spreadsheets write them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from portal.calls.builders.layout import build
from portal.calls.layouts import arrival
from portal.calls.layouts.settings import Settings
from portal.calls.sources import cells
from portal.calls.sources.cells import CellError
from portal.calls.sources.layout import TableFormat
from portal.calls.sources.records import Told

WARSAW = ZoneInfo("Europe/Warsaw")
DAY = cells.day_of("2026-02-05", "ymd")


def instant(text, order="ymd", clock="24", day=None):
    local = cells.moment(text, order, clock, day)
    return None if local is None else [at.isoformat() for at in map(_utc, cells.utc(local, WARSAW))]


def _utc(second):
    return dt.datetime.fromtimestamp(second, dt.UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("text", "options", "result"),
    [
        ("2026-02-05 09:00:01", {}, ["2026-02-05T08:00:01"]),
        ("2026-02-05T09:00:01.999", {}, ["2026-02-05T08:00:01"]),
        ("2026-02-05T09:00:01+03:00", {}, ["2026-02-05T06:00:01"]),
        ("2026-02-05T09:00Z", {}, ["2026-02-05T09:00:00"]),
        ("5.2.2026 9:00", {"order": "dmy"}, ["2026-02-05T08:00:00"]),
        ("2/5/26 9:00 PM", {"order": "mdy", "clock": "12"}, ["2026-02-05T20:00:00"]),
        ("12:00:00 a.m.", {"clock": "12", "day": DAY}, ["2026-02-04T23:00:00"]),
        ("1770282000", {}, ["2026-02-05T09:00:00"]),
        ("1770282000123", {}, ["2026-02-05T09:00:00"]),
        ("0000-00-00 00:00:00", {}, None),
        ("-", {}, None),
        ("2025-10-26 02:30", {}, ["2025-10-26T00:30:00", "2025-10-26T01:30:00"]),
    ],
)
def test_times(text, options, result):
    assert instant(text, **options) == result


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("09:00", {}, "the time has no day"),
        ("2026-02-05 24:00", {}, "there is no such time"),
        ("2026-02-05 9:00 AM", {}, "the time says before or after noon"),
        ("2026-02-05 9:00", {"clock": "12"}, "the time does not say before or after noon"),
        ("2026-03-29 02:30", {}, "there is no such time in this time zone"),
        ("05/02/2026", {"order": ""}, "which comes first, the day or the month?"),
        ("05/02/2026", {}, "the day is written in another order"),
        ("31/02/2026", {"order": "dmy"}, "there is no such day"),
        ("2026-02-05 09:00 x", {}, "the time cannot be read"),
        (",", {}, "the time cannot be read"),
        ("١٢:٠٠", {"day": DAY}, None),
    ],
)
def test_times_that_are_none(text, options, reason):
    if reason is None:  # digits of other scripts are digits
        assert instant(text, **options) == ["2026-02-05T11:00:00"]
        return
    with pytest.raises(CellError) as error:
        instant(text, **options)
    assert str(error.value) == reason


def test_durations():
    read = [("12,9", "s", True), ("1.234,5", "s", True), ("1,234.5", "s", False)]
    read += [("1500", "ms", False), ("2:05", "m:ss", False), ("61:00", "m:ss", False)]
    read += [("1:00:05", "h:mm:ss", False), ("00:02:23.9", "h:mm:ss", False), ("", "s", False)]
    found = [12, 1234, 1234, 1, 125, 3660, 3605, 143, None]
    assert [cells.seconds(*one) for one in read] == found
    for text, unit in (
        ("-1", "s"),
        ("1e9", "s"),
        ("2:05", "h:mm:ss"),
        ("1:60", "m:ss"),
        ("x", "s"),
        ("999999999999", "s"),  # a call so long would end in the year 33715
        ("9999999999999", "ms"),
        ("999999:59:59", "h:mm:ss"),
    ):
        with pytest.raises(CellError):
            cells.seconds(text, unit, False)


def test_numbers_of_spreadsheets():
    assert cells.number("4.8600100200E+10") == "48600100200"
    assert not cells.is_rounded("4.8600100200E+10")
    assert cells.is_rounded("4.93055E+11")
    endless = f"1E+{'9' * 5000}"  # more digits than Python reads
    assert (cells.number(endless), cells.is_rounded(endless)) == (endless, False)
    assert cells.clean('="0048"') == "0048"
    assert cells.number("48600100200.0") == "48600100200"


def test_orders():
    assert cells.orders_of({"01/02/2026", "02/01/2026"}) == {"dmy", "mdy"}
    assert cells.orders_of({"01/02/2026", "13/01/2026"}) == {"dmy"}
    assert cells.orders_of({"01/13/2026", "13/01/2026"}) == set()
    assert cells.orders_of({"2026-01-02"}) == {"ymd"}


def test_rows_that_go_over_lines():
    text = 'a,"b\nc"\r\nd,"e ""f""\n\ng"\nh,"never\n' + "x,y\n" * 300 + 'z,12" wide'
    rows = list(arrival.rows(text.encode().splitlines(True), ",", "utf-8"))
    assert rows[:3] == [b'a,"b c"\n', b'd,"e ""f""  g"\n', b'h,"never\n']
    assert rows[3:] == [b"x,y\n"] * 300 + [b'z,12" wide\n']


def called(lines, **settings):
    said = Settings("Europe/Warsaw", width=5, date_order="ymd", **settings)
    parsed = [TableFormat("0" * 32, 1, said).parse(line.encode()) for line in lines]
    return build([one.record for one in parsed if isinstance(one.record, Told)], WARSAW)


def test_parts_of_an_id_need_not_begin_with_the_first():
    said = Settings("UTC", width=2, date_order="ymd", columns={"start": 0, "id_3": 1})
    rounded = TableFormat("0" * 32, 1, said).parse(b"2026-02-05 09:00,4.9E+11")
    assert rounded.reason == "column 2: a spreadsheet has rounded this number"
    calls = called(["2026-02-05 09:00,a,b,,"], columns={"start": 0, "id": 2, "id_3": 1})
    assert [call.user_field for call in calls] == ["b/a"]


def test_results_are_told_from_times_where_no_column_tells_them():
    columns = {"start": 0, "answer": 1, "end": 2, "queue": 3, "direction": 4}
    ways = {"in": "in", "out": "out"}
    lines = [
        "2026-02-05 23:59:00,2026-02-05 23:59:10,2026-02-06 00:00:10,q,in",
        "2026-02-05 23:59:00,,2026-02-06 00:00:00,q,in",
        "2026-02-05 23:59:00,,,,out",
        "2025-10-26 02:50:00,2025-10-26 02:55:00,2025-10-26 02:05:00,q,in",
    ]
    calls = called(lines, columns=columns, directions=ways)
    told = [(c.result, c.wait, c.talk, c.visits[0].kind, c.ended - c.started) for c in calls]
    assert told == [
        ("answered", 10, 60, "queue", 70),
        ("abandoned", 60, None, "queue", 60),
        ("no_answer", None, None, "direct", 0),
        ("answered", None, None, "queue", 900),
    ]


def test_later_times_without_a_day_may_be_of_the_next():
    columns = {"date": 0, "start": 1, "answer": 2, "end": 3, "talk": 4}
    calls = called(["2026-02-05,23:59:00,00:00:00,00:01:00,5"], columns=columns)
    assert [(c.ended - c.started, c.visits[0].answered - c.started) for c in calls] == [(120, 0)]
