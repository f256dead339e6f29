"""What charts draw of a report's figures, and what they must not pile up."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.sip_provider import CURRENCIES, MILLION
from portal.projects.models import Project
from portal.reports import tables
from portal.reports.drawing import draw
from portal.reports.facts.times import STATUSES
from portal.reports.registry import REPORTS
from portal.reports.tables import Row, Table
from tests.factories import building, group, query
from tests.reports.conftest import EVIL, PERIOD
from tests.reports.test_every_report import asked, ways

PILES = ("columns", "bars", "stack", "progress")
DAYS = 7


class Chart:
    """A chart as it stands in a page: bars are as wide as percent of the room for them."""

    def __init__(self, page):
        svg = page.one("svg.chart")
        self.kind = (svg.attributes["class"] or "").removeprefix("chart ")
        self.series = json.loads(svg.attributes["data-series"])
        self.ticks = page.texts("svg.chart > text")
        self.told = page.rows("#chart-table table")
        self.bars = {
            bar.attributes["data-t"]: {
                part.attributes["class"]: float(part.attributes["width"].rstrip("%"))
                for part in bar.css("rect:not(.hit)")
            }
            for bar in page.all("svg.chart g.col")
        }


@pytest.fixture
def chart(centre):
    def show(report, who="both", **arguments):
        return Chart(centre[who].get(f"/reports/{report}?{query(**PERIOD | arguments)}"))

    return show


def hand_made(report, sums, **arguments):
    """Return the chart of groups with these sums, by their names."""
    empty = {one.name: 0 for one in REPORTS[report].sums}
    rows = [
        Row(keys, tuple(map(str, keys)), empty | each)
        for name, each in sums.items()
        for keys in [name if isinstance(name, tuple) else (name,)]
    ]
    return draw(Table(asked(REPORTS[report], **arguments), rows, Row((), ("Total",), empty)))


@pytest.mark.parametrize("compare", [False, True])
@pytest.mark.parametrize("name", ["admin", "ours"])
def test_only_what_adds_up_is_piled_up(acting, name, compare):
    """All that is drawn of one measure in parts makes the total of the table."""

    def check():
        seen = set()
        for report in REPORTS.values():
            for way in ways(report):
                table = tables.make(asked(report, **way), compare=compare)
                drawing = draw(table)
                if drawing is None or report.chart.kind in ("spans", "funnel", "histogram"):
                    continue
                seen.add(drawing.kind)
                said = (report.name, way, drawing.kind)
                assert all(len(row["values"]) == len(drawing.series) for row in drawing.rows), said
                assert all(len(row["texts"]) == len(drawing.series) for row in drawing.rows), said
                assert len(drawing.series) <= 6 or drawing.kind == "heat", said
                if drawing.kind not in PILES or len(drawing.series) < 2:
                    continue
                assert not {"Target", "Before"} & set(drawing.series), said
                if not drawing.title or drawing.left_out:  # of several measures, or of some rows
                    continue
                drawn = sum(value or 0 for row in drawing.rows for value in row["values"])
                [measure] = [one for one in report.measures if one.label == drawing.title]
                assert drawn == table.total.value(measure), said
        return seen

    assert acting(name, check) >= {"bars", "lines", "columns", "heat"}


@pytest.mark.parametrize("turn", range(3))
def test_every_figure_can_be_drawn(acting, turn):
    """One after the other by another group; a pile of one figure makes its total."""

    def check():
        for report in REPORTS.values():
            all_ways = itertools.cycle(ways(report))
            for measure in report.drawable:
                way = next(itertools.islice(all_ways, turn, None))
                table = tables.make(asked(report, chart=measure.name, **way), compare=turn == 1)
                drawing = draw(table)
                if drawing is None:
                    continue
                values = [value for row in drawing.rows for value in row["values"]]
                said = (report.name, measure.name, way, drawing.kind)
                assert all(value is None or math.isfinite(value) for value in values), said
                assert all(len(row["texts"]) == len(drawing.series) for row in drawing.rows), said
                if drawing.kind in PILES and len(drawing.series) > 1 and not drawing.left_out:
                    drawn = sum(value or 0 for value in values)
                    assert drawn == pytest.approx(table.total.value(measure)), said

    acting("admin", check)


def test_a_level_stands_against_its_target(app, centre, chart):
    """The bar is the level, of a hundred percent; the target is a mark, and lengthens nothing."""
    plain = chart("service-level")
    assert (plain.kind, plain.series) == ("bars", ["Service level"])
    with building(app, of=SimpleNamespace(company_id=centre.people["admin"][0])):
        project = db.session.scalars(select(Project).filter_by(id=centre.ids["theirs"])).one()
        project.target_service_level = 90
    held = chart("service-level")
    assert (held.kind, held.series) == ("bullet", ["Service level", "Target"])
    assert {name: bar["s1"] for name, bar in held.bars.items()} == {
        name: bar["s1"] for name, bar in plain.bars.items()
    }
    levels = {name: float(level.rstrip("%")) for name, level, _target in held.told}
    for name, bar in held.bars.items():
        assert bar["s1"] == pytest.approx(levels[name] * 0.7, abs=0.05)
    assert [name for name, bar in held.bars.items() if "s2" in bar] == ["Kuyruk"]
    assert held.told[[row[0] for row in held.told].index("Kuyruk")][2] == "90%"
    assert chart("service-level", who="ours").series == ["Service level"]  # not theirs


def test_what_was_before_stands_beside_what_is(chart):
    of_queues = chart("missed", compare="1")
    assert (of_queues.kind, of_queues.series) == ("bullet", ["Missed", "Before"])
    by_day = chart("missed", compare="1", by="day")
    assert (by_day.kind, by_day.series) == ("lines", ["Missed", "Before"])
    assert len(by_day.told) == DAYS
    assert chart("missed").series == chart("missed", by="day").series == ["Missed"]


def test_two_groups_are_bars_of_their_own_where_each_queue_has_one_project(chart):
    found = chart("queue-summary", by=["queue", "project"])
    assert (found.kind, found.series) == ("bars", ["Answered", "Abandoned"])
    assert set(found.bars) == {f"Kolejka {EVIL} · Ours {EVIL}", "Kuyruk · Theirs – İzmir"}


def test_figures_by_time_and_group_are_series_over_all_days(chart):
    levels = chart("service-level", by=["queue", "day"])
    assert levels.kind == "lines"
    assert set(levels.series) == {f"Kolejka {EVIL}", "Kuyruk"}
    calls = chart("queue-summary", by=["day", "project"], queue="")
    assert calls.kind == "columns"
    assert set(calls.series) == {f"Ours {EVIL}", "Theirs – İzmir"}
    assert [row[0] for row in calls.told] == [row[0] for row in levels.told]
    assert len(calls.told) == DAYS
    both = chart("service-level", by=["day", "hour_of_day"])
    assert (both.kind, len(both.series), len(both.told)) == ("heat", 24, DAYS)


def test_more_series_than_colours_are_one(app, acting, monkeypatch):
    def drawings():
        report = REPORTS["queue-summary"]
        yield draw(tables.make(asked(report, by=["day", "hour_of_day"])))
        for most in (6, 2):
            monkeypatch.setattr("portal.reports.drawing.crossed.MOST_SERIES", most)
            yield draw(tables.make(asked(report, by=["project", "day"])))

    heat, all_of_them, some = acting("admin", lambda: list(drawings()))
    assert heat.kind == "heat"
    assert len(all_of_them.series) == 3  # also calls of no project
    assert some.series == [all_of_them.series[0], "Others"]
    for whole, row in zip(all_of_them.rows, some.rows, strict=True):
        parts = [value or 0 for value in whole["values"]]
        assert [value or 0 for value in row["values"]] == [parts[0], sum(parts[1:])]
    assert some.left_out == 0


def test_statuses_have_one_order_everywhere(app, acting):
    """Whatever there is most of: colours mean the same in all charts."""
    day = dt.date(2026, 10, 22)
    sums = {(day, status): {"seconds": place} for place, status in enumerate(STATUSES)}
    drawing = acting("admin", lambda: hand_made("time-in-statuses", sums, by=["day", "status"]))
    assert drawing.series == list(map(str, STATUSES.values()))
    assert drawing.rows[0]["values"] == [0, 1, 2, 3, 4]


def test_a_heat_map_has_no_more_cells_than_can_be_seen(app, acting):
    """Not each of all hours beside each of all days: what is not drawn is told to be there."""

    def drawn():
        days = {"from": "2026-10-21"}  # the first without calls
        table = tables.make(asked(REPORTS["queue-summary"], by=["day", "hour"], **days))
        found = draw(table)
        assert (found.kind, len(found.series), len(found.rows)) == ("heat", 168, DAYS + 1)
        cells = sum(value is not None for row in found.rows for value in row["values"])
        return cells + found.left_out, len(table.rows), found.left_out

    told, rows, left_out = acting("admin", drawn)
    assert told == rows
    assert left_out > 0


def test_a_part_lies_within_its_whole(app, acting):
    """Overdue cases are among the cases; both one behind the other would be more than there are."""
    groups = {"open": {"cases": 8, "overdue": 2}, "new": {"cases": 4}}
    bars = acting("admin", lambda: hand_made("cases", groups))
    assert (bars.kind, bars.series) == ("within", ["Cases", "Overdue"])
    assert [row["behind"] for row in bars.rows] == ["8", "4"]
    assert {REPORTS[name].chart.kind for name in ("cases", "attempts", "forms-filled")} == {
        "within"
    }


def test_parts_of_a_whole_say_what_they_are_together(app, acting):
    times = {"Żak": {"ready_s": 3600, "talk_s": 60}, "İnan": {"ready_s": 5}}
    bars = acting("admin", lambda: hand_made("operator-summary", times))
    assert [row["behind"] for row in bars.rows] == ["1:01:00", "0:05"]
    done = acting("admin", lambda: hand_made("base-progress", {"a": {"done": 1, "left": 3}}))
    assert [(row["behind"], row["values"]) for row in done.rows] == [("25%", [1, 3])]


def test_any_figure_can_be_drawn(chart):
    handled = chart("trend", chart="aht", compare="0")
    assert (handled.kind, handled.series, len(handled.told)) == ("lines", ["AHT"], DAYS)
    taken = chart("kpi-scorecard", chart="offered")
    assert (taken.kind, taken.series) == ("bars", ["Offered"])
    assert chart("queue-summary", chart="abandoned", by="day").kind == "columns"
    assert chart("waiting-time", chart="wait_median", by="queue").kind == "bars"
    spread = chart("load", chart="service_level")
    assert (spread.kind, len(spread.series)) == ("heat", 24)


def test_a_trend_is_compared_unless_one_says_no(centre, chart):
    assert chart("trend").series == ["Service level", "Before"]
    assert chart("trend", compare="0").series == ["Service level"]
    assert chart("trend", compare=["0", "1"]).series == ["Service level", "Before"]
    page = centre["both"].get(f"/reports/trend?{query(**PERIOD)}")
    off = page.submit("Apply", {"Compare with the days before": False})
    assert Chart(off).series == ["Service level"]
    assert Chart(off.submit("Apply", {"Compare with the days before": True})).series[1:] == [
        "Before"
    ]


def test_nothing_is_no_bar(app, acting):
    drawing = acting("admin", lambda: hand_made("occupancy", {"a": {}, "b": {}}, by="operator"))
    assert (drawing.rows, drawing.left_out) == ([], 2)


def test_hours_of_many_days_are_told_by_their_days(chart):
    texts = ["0%", "25%", "50%", "75%", "100%"]
    days = [f"{day} Oct" for day in range(22, 29)]
    assert chart("service-level", by="hour").ticks == [*texts, *days]
    day = {"from": "2026-10-25", "to": "2026-10-25"}
    hours = chart("service-level", by="hour", **day)
    assert len({row[0] for row in hours.told}) == len(hours.told) == 25
    assert [row[0] for row in hours.told][2:4] == [
        f"25 Oct 2026, 02:00 CE{one}T" for one in ("S", "")
    ]
    assert hours.ticks[len(texts) :][:2] == ["00:00", "02:00"]  # the hour that is there twice


def test_quarters_without_calls_stand_where_they_were(chart):
    drawn = chart("concurrent-calls")
    assert len(drawn.told) == 4 * (24 * DAYS + 1)
    assert "0" in {peak for _quarter, peak in drawn.told}


def test_what_counts_in_several_groups_is_not_piled_up(app, centre, chart):
    """Somebody's calls are those of each of their groups, but only once those of the day."""
    with building(app, of=SimpleNamespace(company_id=centre.people["admin"][0])):
        group("Second", db.session.scalars(select(User).filter_by(id=centre.ids["both"])).one())
    by_day = chart("results-tags", by=["group", "day"])
    assert (by_day.kind, set(by_day.series)) == ("lines", {"Zespół 'A'", "Second", "No group"})
    by_result = chart("results-tags", by=["result", "group"])
    assert (by_result.kind, by_result.series) == ("bars", ["Calls"])
    assert "Answered · Second" in by_result.bars
    by_group = chart("results-tags", by=["group", "result"])
    assert (by_group.kind, set(by_group.bars)) == ("bars", {"Zespół 'A'", "Second", "No group"})
    assert by_group.series[0] == "Answered"


def test_days_with_costs_of_another_currency_are_told_to_be_in_the_table(app, acting):
    def drawing():
        days = [dt.date(2026, 10, day) for day in (22, 23, 24)]
        costs = dict(zip(days, (money("PLN"), money("PLN"), money("TRY")), strict=True))
        return hand_made("cost", costs, by="day")

    found = acting("admin", drawing)
    assert [row["values"] for row in found.rows] == [[5.0], [5.0], [None]]
    assert (found.title, found.left_out) == ("Sum, PLN", 1)


def money(currency):
    """Return the sums of a cost of 5 in a currency."""
    place = list(CURRENCIES).index(currency) + 1
    places = {"last_currency": place, "first_currency": len(CURRENCIES) + 1 - place}
    return {"calls": 1, "cost": 5 * MILLION, **places}
