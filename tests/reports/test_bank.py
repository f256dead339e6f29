"""Reports on ten days of a bank's calls of 1999 against the plain table that they came from.

The table is published by others and no part of this project: where its folder is not beside the
project's own, these tests are not collected (see ``conftest.py``). A row is a call; it is written
as the lines that a queue of an exchange would have logged, and imported as any log is.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections import Counter
from itertools import pairwise
from statistics import median_low
from zoneinfo import ZoneInfo

import pytest

from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source
from portal.extensions import db
from tests.factories import building, company, make_object, project, query
from tests.reports.conftest import BANK

ZONE = ZoneInfo("Asia/Jerusalem")
NEVER = "0:00:00"
# Times of a queue log have ten digits, as all since 2001: told as of a year with the same days.
YEAR = 2010
PERIOD = {"period": "custom", "from": f"{YEAR}-01-01", "to": f"{YEAR}-01-10"}
# The services of the bank; who got an operator without waiting is told apart by a queue's name.
SERVICES = ("PS", "PE", "IN", "NE", "NW", "TT")
QUEUES = tuple(f"{service} {way}" for way in ("waited", "at once") for service in SERVICES)


@pytest.fixture(scope="module")
def rows():
    with gzip.open(BANK, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_table_is_the_one_described(rows):
    """Its own totals, as they are published with it: for all three months."""
    assert Counter(row["outcome"] for row in rows) == {
        "AGENT": 85_083,
        "HANG": 13_818,
        "PHANTOM": 665,
    }
    waits = [int(row["q_time"]) for row in rows if row["q_start"] != NEVER]
    talks = [int(row["ser_time"]) for row in rows if row["outcome"] == "AGENT"]
    assert round(sum(waits) / len(waits)) == 73
    assert round(sum(talks) / len(talks)) == 180


def test_reports_say_what_the_table_says(app, visitor, tmp_path, rows):
    told = [row for row in rows if row["date"] <= "1999-01-10" and row["outcome"] != "PHANTOM"]
    waited = [row for row in told if row["q_start"] != NEVER]
    served = [row for row in told if is_served(row)]
    at_once = [row for row in served if row["q_start"] == NEVER]
    left = [row for row in waited if not is_served(row)]
    entered = waited + at_once
    # Who hung up in the menu, or was given to an operator who never began, was in no queue.
    assert len(told) - len(entered) == 499
    path = tmp_path / "queue_log"
    lines = sorted(line for row in entered for line in logged(row))
    path.write_text("".join(f"{at}|{line}\n" for at, _, line in lines))
    bank = imported(app, visitor, path)

    groups, total = bank("queue-summary", "queue")
    figures = ("Offered", "Answered", "Abandoned", "ASA (s)", "AHT (s)", "Longest wait (s)")
    assert [total[name] for name in figures] == [
        len(entered),
        len(served),
        len(left),
        average(waits(served)),
        average(talks(served)),
        max(waits(entered)),
    ]
    assert {name: row["Offered"] for name, row in groups.items()} == Counter(map(queue_of, entered))

    of_services, _ = bank("waiting-time", "queue")
    for name, row in of_services.items():
        mine = waits(one for one in entered if queue_of(one) == name)
        assert (row["Calls"], row["Average (s)"]) == (len(mine), average(mine))
        assert (row["Longest (s)"], row["Median (s)"]) == (max(mine), median_low(mine))
        bounds = [-1, 10, 20, 30, 60, 120, 86_400]
        assert list(row.values())[1:7] == [
            sum(low < wait <= high for wait in mine) for low, high in pairwise(bounds)
        ]

    _, total = bank("talk-time", "operator")
    assert (total["Calls"], total["Average (s)"], total["Longest (s)"]) == (
        len(served),
        average(talks(served)),
        max(talks(served)),
    )

    days, _ = bank("service-level", "day")
    for number, row in enumerate(days.values(), start=1):
        mine = [one for one in entered if day_of(one) == number]
        soon = [wait for wait in waits(filter(is_served, mine)) if wait <= 20]
        assert row["Offered"] == len(mine)
        assert row["Service level"] == (round(len(soon) / len(mine), 4) if mine else None)

    hours, _ = bank("load", "hour_of_day")
    began = Counter(began_at(row).hour for row in entered)
    assert [row["Calls"] for row in hours.values()] == [began[hour] for hour in range(24)]


def is_served(row):
    """Some calls were given to an operator who never began: if they had waited, they gave up."""
    return row["outcome"] == "AGENT" and row["ser_start"] != NEVER


def queue_of(row):
    return f"{row['type']} {'at once' if row['q_start'] == NEVER else 'waited'}"


def began_at(row):
    """Return when a call came to its queue; who did not wait came when the service began."""
    start = row["ser_start"] if row["q_start"] == NEVER else row["q_start"]
    day = dt.datetime.fromisoformat(row["date"]).replace(year=YEAR, tzinfo=ZONE)
    hour, minute, second = map(int, start.split(":"))
    return day.replace(hour=hour, minute=minute, second=second)


def day_of(row):
    return began_at(row).day


def logged(row):
    """Yield the lines of one call, each with its time and its place among those of one second.

    Waits and talks are the seconds given: where a clock passed midnight or was set back, the ends
    do not tell them. Who is listed without a server was served by somebody.
    """
    call, queue = f"bank.{row['line_no']}", queue_of(row)
    at, wait, talk = int(began_at(row).timestamp()), waited_for(row), int(row["ser_time"])
    caller, server = row["customer"].removeprefix("C"), f"Server {row['server'] or 'unknown'}"
    yield at, 0, f"{call}|{queue}|NONE|ENTERQUEUE||{caller}|1"
    if not is_served(row):
        yield at + wait, 1, f"{call}|{queue}|NONE|ABANDON|1|1|{wait}"
        return
    yield at + wait, 1, f"{call}|{queue}|{server}|CONNECT|{wait}|{call}.1|0"
    yield at + wait + talk, 2, f"{call}|{queue}|{server}|COMPLETECALLER|{wait}|{talk}|1"


def waited_for(row):
    return 0 if row["q_start"] == NEVER else int(row["q_time"])


def waits(rows):
    return [waited_for(row) for row in rows]


def talks(rows):
    return [int(row["ser_time"]) for row in rows]


def average(values):
    return round(sum(values) / len(values), 2)


def imported(app, visitor, path):
    """Import the log; return how the figures of a report are read by one of its groups."""
    with building(app):
        admin = company()
        admin.timezone, email = ZONE.key, admin.email
        bank = project("Bank")
        source = create_source(admin.company_id, "ACD", ZONE.key)
        for name in QUEUES:
            queue = make_object("queues", name, bank)
            key = {"company_id": admin.company_id, "source_id": source.id}
            db.session.add(Identity(**key, kind="queue", raw=name, queue_id=queue.id))
        db.session.commit()
        import_files(source, [path])
    person = visitor(email)

    def read(report, by):
        answer = person.get(f"/reports/{report}/export.json?{query(**PERIOD, by=by)}").response
        *groups, total = json.loads(answer.get_data(as_text=True))
        heading = next(iter(total))
        return {row.pop(heading): row for row in groups}, total

    return read
