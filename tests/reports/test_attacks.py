"""Attempts to make two figures of one report disagree."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.database import utcnow
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project, ProjectUser
from portal.reports import asked as asking
from portal.reports import raw_rows, tables
from portal.reports.registry import REPORTS
from tests.factories import building, group, project, query, role, user
from tests.reports.conftest import EVIL, PERIOD, WARSAW
from tests.reports.test_every_report import asked, ways


@pytest.fixture
def mixed(app, centre):
    """Somebody in four groups, an operator who left, a queue that moved, an archived project."""
    with building(app, of=SimpleNamespace(company_id=centre.people["admin"][0])):
        both = _one(User, centre.ids["both"])
        for name in (f"Grupa {EVIL}", "Gizli 1", "Gizli 2"):
            group(name, both)
        gone = select(ProjectUser).where(ProjectUser.user_id == centre.people["theirs"][1])
        for row in db.session.scalars(gone).all():
            db.session.delete(row)
        # Its calls stay in the project where they were.
        _one(Queue, centre.ids["queue theirs"]).project_id = centre.ids["ours"]
        _one(Project, centre.ids["theirs"]).archived_at = utcnow()
    return centre


def _one(model, identifier):
    return db.session.scalars(select(model).where(model.id == identifier)).one()


@pytest.mark.parametrize(("name", "turn"), [("admin", 0), ("ours", 1)])
def test_figures_agree_however_they_are_grouped(acting, mixed, database, name, turn):
    """Of counts: the sum of the rows, the rows behind each, and what these say of themselves.

    The two take turns at some ways of grouping: all for both, on both databases, takes minutes.
    """
    turns = 5 if database.name == "sqlite" else 12

    def check():
        for report in REPORTS.values():
            for way in list(ways(report))[turn::turns]:
                _agree(report, asked(report, **way))

    acting(name, check)


def _agree(report, mine):
    table = tables.make(mine)
    several = any(one.several for one in mine.by)
    said = (report.name, [one.name for one in mine.by])
    shown = [*table.rows[:2], *(row for row in table.rows[2:] if None in row.keys), table.total]
    for measure in report.measures:
        if measure.value is not None or measure.unit != "count":
            continue
        whole = measure.of(table.total.sums)
        if measure.sums[0].how == "sum" and report.shows is None:
            added = sum(measure.of(row.sums) for row in table.rows)
            assert (*said, measure.name, added >= whole) == (*said, measure.name, True)
            assert several or (*said, measure.name, added) == (*said, measure.name, whole)
        for row in shown:
            keys = [("key", text) for text in row.texts]
            mine, behind = asking.behind(mine, MultiDict([("measure", measure.name), *keys]))
            listed = sum(len(page) for page in raw_rows.pages(mine, behind))
            of_these = measure.of(tables.make(mine, behind=behind).total.sums)
            figure = measure.of(row.sums)
            found = (*said, measure.name, row.labels)
            assert (*found, listed, of_these) == (*found, figure, figure)
            assert figure <= whole, found  # also of who is in several groups unseen here


def test_the_period_before_says_what_it_says_by_itself(acting, mixed):
    """Also where it has the day of 25 hours."""

    def check():
        for report in REPORTS.values():
            mine = asked(report, **{"from": "2026-10-26"})
            table = tables.make(mine, compare=True)
            if table.previous is None:
                continue
            before = tables.make(replace(mine, period=table.previous))
            assert [table.total.value_before(one) for one in report.measures] == [
                before.total.value(one) for one in report.measures
            ], report.name
            then = {row.keys: row.sums for row in before.rows}
            for row in table.rows:
                if not any(one.time for one in mine.by) and row.keys in then:
                    assert row.before == then[row.keys], (report.name, row.labels)

    acting("ours", check)


def test_hours_and_months_are_compared_with_their_like(acting):
    """Also when clocks change, and where as many days before touch one more month."""

    def check():
        hours = asked(REPORTS["queue-summary"], by="hour", **{"from": "2026-10-25"})
        table = tables.make(hours, compare=True)
        before = {
            row.keys[0].astimezone(WARSAW).replace(tzinfo=None): row.sums
            for row in tables.make(replace(hours, period=table.previous)).rows
        }
        for row in table.rows:
            at = row.keys[0].astimezone(WARSAW)
            if not at.fold:
                then = before[at.replace(tzinfo=None) - dt.timedelta(days=4)]
                assert (at, row.before) == (at, then)
        december = {"from": "2026-12-01", "to": "2027-01-31"}  # after 30 September and two months
        months = asked(REPORTS["queue-summary"], by="month", **december)
        table = tables.make(months, compare=True)
        [row] = table.rows
        assert (row.keys, row.before) == ((dt.date(2026, 12, 1),), table.total.before)

    acting("both", check)


def test_headings_of_downloads_are_all_different(acting):
    """A row of a JSON file has one value for each."""

    def check():
        for report in REPORTS.values():
            figures = [str(one.label) for one in report.measures]
            for one in report.groups:
                headings = [str(one.label), *figures]
                assert len(set(headings)) == len(headings), report.name
            columns = [str(one.label) for one in report.row_columns]
            assert len(set(columns)) == len(columns), report.name

    acting("admin", check)


def test_addresses_of_rows_tell_no_number_to_who_may_not_see_it(app, centre, visitor):
    with building(app, of=SimpleNamespace(company_id=centre.people["admin"][0])):
        blind = role("Blind", Permission.VIEW_REPORTS, Permission.EXPORT)
        email = user("Rea Der", role=blind, projects=[_one(Project, centre.ids["ours"])]).email
    url = f"/reports/repeated-calls?{query(**PERIOD)}"
    blind, sees = visitor(email), centre["ours"]
    masked, plain = (person.get(url).rows("table.figures") for person in (blind, sees))
    assert [row[1:] for row in masked] == [row[1:] for row in plain]
    assert "4850000" in sees.get(url).text
    page = blind.get(url)
    assert "4850000" not in page.text
    links = [one.attributes["href"] for one in page.all("table.figures tbody tr td:nth-child(2) a")]
    for row, link in zip(masked[:3], links, strict=False):
        behind = blind.get(link)
        assert behind.texts("h1") == [f"Calls: {row[1]}"]
        assert row[0] in behind.one(".report-scope").text()
        assert "4850000" not in behind.text
    blind.get(url.replace("?", "/rows?") + "&measure=times&key=made-up", status=422)


def test_as_many_projects_as_an_address_takes(app, centre):
    with building(app, of=SimpleNamespace(company_id=centre.people["admin"][0])):
        more = [project(f"P{number} {EVIL}").id for number in range(1999)]
    admin = centre["admin"]

    def calls(path, ids, **options):
        pairs = [*PERIOD.items(), ("by", "project"), *(("project", str(one)) for one in ids)]
        return admin.get(f"/reports/queue-summary{path}?{urlencode(pairs)}", **options)

    def total(ids):
        return json.loads(calls("/export.json", ids).response.get_data(as_text=True))[-1]

    assert total([centre.ids["ours"], *more]) == total([centre.ids["ours"]])
    assert "2,000" in calls("", [centre.ids["ours"], *more]).text
    page = calls("", [centre.ids["ours"], centre.ids["theirs"], *more], status=422)
    assert page.one("[data-field]").attributes["data-field"] == "project"
