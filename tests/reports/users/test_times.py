"""Operators' time: each sees that of their projects, and for the rest that somebody worked."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.calls.recounting import recount
from portal.company.models import Company
from portal.extensions import db
from portal.statuses.queries import journal
from tests.factories import building
from tests.reports.users.conftest import moment
from tests.statuses.test_seen import WHOLE

ADA, BO, WORD = "Ada 'Ł' \"x\"", "Boğaç <img src=x>", "Nobody, or somebody else"
STATUSES = {
    "ready": "Ready",
    "talk": "Talk",
    "after_call": "After-call work",
    "away": "Away",
    "n/a": "N/A",
}
VIEWERS = ("admin", "acme", "globex", "third", "both", "nowhere", "far")


@pytest.fixture
def told(week):
    """Return the seconds of each operator and status as the journal has them, for a viewer."""

    def read(name):
        found = Counter()
        for one in week.acting(name, lambda: journal(*WHOLE)):
            found[week.names.get(one.operator_id, WORD), STATUSES[one.status]] += one.seconds
        return +found

    return read


def seconds(rows):
    return {(row["Operator"], row["Status"]): row["Total (s)"] for row in rows[:-1]}


@pytest.mark.parametrize("name", VIEWERS)
def test_time_in_statuses_is_that_of_the_journal(week, told, name):
    rows = week(name, "time-in-statuses")
    found = told(name)
    assert seconds(rows) == found
    if found:
        assert rows[-1]["Total (s)"] == sum(found.values())
        assert rows[-1]["Share"] == 1.0


def test_nothing_but_that_they_worked_is_told_of_other_projects(week):
    """No status, no reason, no count and no length of what was for others."""
    rows = week("globex", "time-in-statuses")
    assert [row for row in rows if row["Status"] == "N/A"] == [
        {
            "Operator": ADA,
            "Status": "N/A",
            "Total (s)": 17 * 3600,
            "Share": round(17 / 55.5, 4),
            "Times": 0,
            "Average (s)": None,
            "Longest (s)": 0,
        }
    ]
    behind = week("globex", "time-in-statuses", measure="total", status="n/a")
    assert {(row["Reason"], row["Times"], row["Longest (s)"]) for row in behind} == {(None, 0, 0)}
    assert len(behind) == 7
    for report in ("time-in-statuses", "operator-summary", "away-reasons"):
        text = str(week("globex", report)) + str(week("globex", report, by="operator"))
        assert "ACW" not in text


@pytest.mark.parametrize("name", VIEWERS)
def test_statuses_are_the_time_online(week, told, name):
    parts = [f"{one} (s)" for one in STATUSES.values()]
    for row in week(name, "operator-summary"):
        assert sum(row[part] for part in parts) == row["Online (s)"]


def test_summary_of_operators(week):
    ada, total = week("acme", "operator-summary")
    assert total == {**ada, "Operator": "Total"}
    assert ada == {
        "Operator": ADA,
        "Online (s)": 55.5 * 3600,
        "Online since": moment(0, 0),
        "Online until": moment(6, 8),
        "Ready (s)": 34.5 * 3600,
        "Talk (s)": 3.5 * 3600,
        "After-call work (s)": 3.5 * 3600,
        "Away (s)": 7 * 3600,
        "N/A (s)": 7 * 3600,
        "Calls": 7,
        "AHT (s)": 3600.0,
    }


def test_away_reasons(week):
    lunch = {"Away (s)": 7 * 3600, "Times": 7, "Average (s)": 3600.0, "Longest (s)": 3600}
    away = 24_000
    pause = {"Away (s)": 7 * away, "Times": 7, "Average (s)": float(away), "Longest (s)": 20_400}
    assert week("acme", "away-reasons")[:-1] == [{"Reason": "Lunch", **lunch}]
    for name in ("admin", "both", "globex"):
        rows = week(name, "away-reasons")[:-1]
        assert rows == [{"Reason": "Break", **pause}, {"Reason": "Lunch", **lunch}]
    assert [row["Operator"] for row in week("globex", "away-reasons", by="operator")[:-1]] == [
        BO,
        ADA,
    ]


def test_what_is_listed_of_a_status_does_not_tell_for_how_many_projects(week):
    """Ada was ready for both projects and then for one: that is one line to whoever sees it."""
    rows = week("acme", "time-in-statuses", measure="total", status="ready")
    assert [(row["Total (s)"], row["Times"]) for row in rows][-1] == (5 * 3600, 3)
    assert len(rows) == 7
    assert len(week("both", "time-in-statuses", measure="total", status="ready")) == 14


def test_occupancy_by_project_and_day(week):
    rows = {row["Project"]: row for row in week("both", "occupancy", by="project")}
    assert rows["Acme Żółć"]["Occupancy"] == round(7 / (7 + 34.5), 4)
    chosen = week("both", "occupancy", project=week.ids["acme"])[-1]
    assert (chosen["Occupancy"], chosen["Idle (s)"]) == (round(7 / 41.5, 4), 34.5 * 3600)
    first = week("acme", "occupancy")[0]
    assert first == {
        "Day": "23 Nov 2026",
        "Occupancy": round(1 / 6, 4),
        "Utilisation": round(1 / 8, 4),
        "Idle (s)": 5 * 3600,
        "Online (s)": 8 * 3600,
    }


def test_days_are_those_of_the_company(week):
    assert [row["Day"] for row in week("far", "occupancy")] == [
        row["Day"] for row in week("both", "occupancy")
    ]
    page = week.visit("far").get("/reports/occupancy")
    assert "Times in America/Los_Angeles, days in Europe/Warsaw." in page.text
    assert "days in" not in week.visit("both").get("/reports/occupancy").text


def test_days_are_cut_anew_with_those_of_calls(week):
    before = week("both", "operator-summary", by="day")
    with building(week.app, of=week.admin):
        company = week.people["admin"][0]
        db.session.get(Company, company).timezone = "Pacific/Auckland"
        db.session.commit()
        recount(company)
        db.session.commit()
    after = week("both", "operator-summary", by="day")
    assert [row["Online (s)"] for row in after] != [row["Online (s)"] for row in before]
    assert after[0]["Online (s)"] == 3 * 3600 + 2.5 * 3600
