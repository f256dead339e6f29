"""What holds for every report: one definition, one scope, nothing guessed."""

from __future__ import annotations

import itertools
import json

import pytest
from werkzeug.datastructures import MultiDict

from portal import languages
from portal.reports import asked as asking
from portal.reports import cells, plans, raw_rows, tables
from portal.reports.asked import Behind
from portal.reports.registry import REPORTS
from tests.factories import never_existed, query
from tests.reports.conftest import PERIOD

VIEWERS = ("admin", "ours", "both", "far", "nowhere")


def ways(report):
    """Yield what a report can be grouped by, one and two at a time, and some filters."""
    yield {}
    for one in report.groups:
        yield {"by": one.name}
    for first, second in zip(report.groups, report.groups[1:], strict=False):
        yield {"by": [first.name, second.name]}


def asked(report, **arguments):
    pairs = [
        (name, value)
        for name, values in {**PERIOD, **arguments}.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return asking.read(report, MultiDict(pairs), timezone=languages.timezone())


def figures(table):
    """Return what a table says, by the keys of its rows."""
    measures = table.asked.report.measures
    rows = {row.keys: [one.of(row.sums) for one in measures] for row in table.rows}
    return rows | {(): [one.of(table.total.sums) for one in measures]}


@pytest.mark.parametrize("name", VIEWERS)
def test_roll_ups_and_raw_rows_say_the_same(acting, monkeypatch, name):
    def read():
        return {
            (report.name, str(way)): figures(tables.make(asked(report, **way), compare=True))
            for report in REPORTS.values()
            for way in ways(report)
            if report.fact.rollups
        }

    from_tables = acting(name, read)
    monkeypatch.setattr(plans, "rollup_for", lambda *_arguments: None)
    assert acting(name, read) == from_tables


@pytest.mark.parametrize("name", VIEWERS)
def test_rows_behind_a_figure_are_as_many_as_it_says(acting, name):
    """Of counts: the total, and each group of the first division."""

    def check():
        for report in REPORTS.values():
            mine = asked(report)
            table = tables.make(mine)
            counted = [
                one
                for one in report.measures
                if one.value is None and one.unit == "count" and one.sums[0].how == "sum"
            ]
            for measure in counted:
                for row in (*table.rows[:6], table.total):
                    pages = raw_rows.pages(mine, Behind(measure, row.keys))
                    behind = [one for page in pages for one in page]
                    said = (report.name, measure.name, row.labels)
                    assert (said, len(behind)) == (said, measure.of(row.sums))

    acting(name, check)


def test_projects_add_up_to_the_total(acting, centre):
    """What adds up: sums over both projects and what is in none are those of everything."""

    def check():
        for report in REPORTS.values():
            if "project" not in {one.name for one in report.fact.filters}:
                continue
            names = [one for each in report.measures for one in each.sums if one.how == "sum"]
            whole = tables.make(asked(report)).total.sums
            parts = [
                tables.make(asked(report, project=str(centre.ids[one]))).total.sums
                for one in ("ours", "theirs")
            ]
            assert {one.name: whole[one.name] for one in names} == {
                one.name: sum(part[one.name] for part in parts) for one in names
            }, report.name

    acting("both", check)


def test_groups_of_the_days_before_are_compared_with_too(acting):
    """Also those of which nothing is left: what they were is what the day before says of itself."""

    def check():
        gone = 0
        for report in REPORTS.values():
            for group in [one for one in report.groups if report.fact.at is not None]:
                if group.time:
                    continue
                today, yesterday = (
                    asked(report, by=group.name, **{"from": day, "to": day})
                    for day in ("2026-10-28", "2026-10-27")
                )
                table = tables.make(today, compare=True)
                shows = report.shows or bool
                then = {
                    row.keys: [one.of(row.before) for one in report.measures]
                    for row in table.rows
                    if shows(row.before) and any(one.of(row.before) for one in report.measures)
                }
                assert then == {
                    row.keys: [one.of(row.sums) for one in report.measures]
                    for row in tables.make(yesterday).rows
                }, (report.name, group.name)
                now = {row.keys for row in tables.make(today).rows}
                assert now <= {row.keys for row in table.rows}
                gone += len(then.keys() - now)
        assert gone

    acting("both", check)


def test_page_and_exports_say_the_same(centre):
    for name in ("admin", "ours"):
        person = centre[name]
        for report in REPORTS.values():
            url = f"/reports/{report.name}"
            page = person.get(f"{url}?{query(**PERIOD)}")
            exported = json.loads(person.get(f"{url}/export.json?{query(**PERIOD)}").text)
            table = page.rows("table.figures") if not report.lists else None
            if table is not None and exported:
                assert len(table) == min(len(exported) - 1, 100), report.name
            assert person.get(f"{url}/print?{query(**PERIOD)}").status == 200


NONSENSE = (
    {"period": "yesteryear"},
    {"period": "custom", "from": "2020-01-01", "to": "2026-01-01"},
    {"period": "custom", "from": "2026-02-30"},
    {"by": "moon"},
    {"sort": "moon"},
    {"sort": "-"},
    {"page": "0"},
    {"page": "²"},
    {"compare": "yes"},
    {"chart": "moon"},
    {"moon": "full"},
    {"project": "not-an-id"},
)


@pytest.mark.parametrize("wrong", NONSENSE, ids=str)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # none is asked for this
def test_nonsense_is_refused_with_its_field(centre, wrong):
    """422 and what it was about: never 500, never a guess. Each report is asked in another way."""
    paths = itertools.cycle(("", "/print", "/rows", "/export.csv"))
    turn = itertools.islice(paths, NONSENSE.index(wrong), None)
    for report, path in zip(REPORTS.values(), turn, strict=False):
        if "project" in wrong and "project" not in {one.name for one in report.fact.filters}:
            continue
        url = f"/reports/{report.name}{path}?{query(**wrong)}"
        page = centre["both"].get(url, status=422)
        assert page.one("[data-field]").attributes["data-field"] in wrong, url


def test_what_one_may_not_see_answers_as_if_it_never_existed(centre):
    for report in REPORTS.values():
        for one in report.fact.filters:
            foreign = {"project": "theirs", "queue": "queue theirs", "operator": "nowhere"}
            if one.name not in foreign:
                continue
            answers = [
                centre["ours"].get(
                    f"/reports/{report.name}?{query(**{one.name: str(value)})}", status=404
                )
                for value in (centre.ids[foreign[one.name]], never_existed())
            ]
            assert answers[0].body == answers[1].body, report.name


def test_a_row_of_what_one_may_not_see_answers_as_if_it_never_existed(centre):
    for report in REPORTS.values():
        for one in report.groups:
            foreign = {"project": "theirs", "queue": "queue theirs", "operator": "nowhere"}
            if one.model is None or one.name not in foreign:
                continue
            asked = {**PERIOD, "by": one.name, "measure": report.measures[0].name}
            for path in ("rows", "export.csv"):
                answers = [
                    centre["ours"].get(
                        f"/reports/{report.name}/{path}?{query(**asked, key=str(key))}", status=404
                    )
                    for key in (centre.ids[foreign[one.name]], never_existed())
                ]
                assert answers[0].body == answers[1].body, (report.name, one.name)


@pytest.mark.parametrize(
    ("report", "by", "key", "status"),
    [
        ("queue-summary", "hour", "0001-01-01T00:00:00+23:59", 422),
        ("concurrent-calls", "quarter", "9999-12-31T23:59:59-23:59", 422),
        ("numbers-dialled-in", "did", "\0", 422),
        ("form-answers", "question", "what?", 200),
    ],
)
def test_a_row_that_cannot_be_is_none(centre, report, by, key, status):
    asked = {**PERIOD, "by": by, "measure": REPORTS[report].measures[0].name, "key": key}
    centre["both"].get(f"/reports/{report}/rows?{query(**asked)}", status=status)


def test_operators_and_strangers_get_no_reports(centre):
    assert centre["operator"].get("/reports", status=403).status == 403
    for report in REPORTS.values():
        centre["operator"].get(f"/reports/{report.name}", status=403)


def test_every_definition_is_a_sentence(acting):
    def check():
        for report in REPORTS.values():
            for measure in report.measures:
                assert str(measure.definition).endswith("."), (report.name, measure.name)
                assert str(measure.label)
                assert cells.figure(measure, None)

    acting("admin", check)
