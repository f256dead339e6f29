"""Published tables of other call centres, where they are at hand."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from itertools import islice

import pytest

from tests.calls.layouts.test_pages import SAVE, uploaded
from tests.calls.logs import SHARED
from tests.calls.test_intake import counted, finished

TABLES = SHARED / "generic-csv"
pytestmark = pytest.mark.skipif(not TABLES.exists(), reason="the tables are not at hand")


def test_yes_and_no_and_two_units(admin, calls):
    page = uploaded(admin, (TABLES / "call_center_5000.csv").read_bytes())
    said = {
        "Name of this layout": "Five thousand",
        "Day": "Date",
        "Start of the call": "Time",
        "Outcome": "Answered (Y/N)",
        "Waiting time": "Speed of answer in seconds",
        "Talk time": "AvgTalkDuration",
    }
    page = page.submit("Preview", said).submit(SAVE, {"Talk times are in": "Hours:minutes:seconds"})
    assert counted(finished(page)) == (5000, 1, 0, 0, 0, 5000, 0)
    rows = calls("result", "wait_s", "talk_s")
    assert Counter(result for result, _, _ in rows) == {"answered": 4054, "abandoned": 946}
    assert sum(wait or 0 for _, wait, _ in rows) == 273_729
    assert sum(talk or 0 for _, _, talk in rows) == 911_837


def test_twelve_hours(admin, calls):
    with gzip.open(TABLES / "simulated_call_centre.csv.gz", "rt") as file:
        lines = list(islice(file, 3001))
    page = uploaded(admin, "".join(lines))
    page = page.submit(
        "Preview",
        {
            "Name of this layout": "Simulated",
            "Day": "date",
            "Start of the call": "call_started",
            "Time of the answer": "call_answered",
            "End of the call": "call_ended",
            "Waiting time": "wait_length",
            "Talk time": "service_length",
            "Outcome": "Not in the file",
            "Id of the call": "call_id",
        },
    )
    assert page.one("#clock option[selected]").attributes["value"] == "12"
    assert counted(finished(page.submit(SAVE)))[-2:] == (3000, 0)
    told = [(int(row["wait_length"]), int(row["service_length"])) for row in csv.DictReader(lines)]
    assert sorted(calls("wait_s", "talk_s")) == sorted(told)
