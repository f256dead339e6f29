"""The marks of charts, beside what the pages that draw them are asked."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from portal import charts
from portal.charts import bars, lines


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], (1, 1)), ([0], (1, 1)), ([7], (8, 2)), ([148], (160, 40)), ([1001], (1200, 400))],
)
def test_axis_is_round_and_reaches_above_all(values: list[float], expected: object) -> None:
    assert charts.axis(values) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (7, (8, 2)),
        (100, (120, 30)),
        (3000, (3600, 900)),
        (5 * 3600, (6 * 3600, 2 * 3600)),
        (300 * 3600, (300 * 3600, 100 * 3600)),
    ],
)
def test_an_axis_of_times_is_round_on_a_clock(seconds: int, expected: object) -> None:
    assert charts.axis([seconds], seconds=True) == expected


def test_the_line_of_a_tile_goes_up_with_its_values() -> None:
    assert charts.FILTERS["spark"]([0, 2, 4]) == (
        '<path class="a" d="M0 100 L0 96.0 L1 51.0 L2 6.0 L2 100Z"/>'
        '<path class="l" d="M0 96.0 L1 51.0 L2 6.0"/>'
    )
    assert "L2 96.0" in charts.FILTERS["spark"]([0, 0, 0])


def test_hostile_labels_are_text_and_the_future_is_not_in_the_table(app) -> None:
    rows = [
        {"label": '"><img src=x onerror=alert(1)>', "values": [3, 0, 1], "tick": "<b>Łódź</b>"},
        {"label": "tomorrow", "values": [0, 0, 0], "future": True},
    ]
    with app.test_request_context():
        drawn, lines = charts.columns(rows, 132), charts.table(rows)
    assert isinstance(drawn, Markup)
    assert isinstance(lines, Markup)
    assert "<img" not in drawn + lines
    assert "<b>" not in drawn
    assert drawn.count("<g class=") == 2
    assert 'class="col future"' in drawn
    assert 'data-v="3|0|1"' in drawn
    assert lines.count("<tr>") == 1
    assert "tomorrow" not in lines


def test_stacked_parts_reach_from_the_axis_to_their_sum(app) -> None:
    with app.test_request_context():
        drawn = charts.columns([{"label": "x", "values": [4, 4]}], 128)
    # The axis is at 108 and 8 calls reach up to 8: 100 pixels, half of them each, a gap between.
    assert '<rect class="s1" x="16.000%" width="68.000%" y="58.0" height="50.0"/>' in drawn
    assert '<rect class="s2" x="16.000%" width="68.000%" y="8.0" height="49.0"/>' in drawn


def test_parts_within_their_whole_begin_where_it_begins() -> None:
    row = {"label": "x", "values": [8, 2], "texts": ["8", "2"], "behind": "8"}
    drawn = bars.within([row, {**row, "values": [4, None]}], 1)
    assert '<rect class="s1" x="30.000%" y="4" width="70.000%" height="16"/>' in drawn
    assert '<rect class="s2" x="30.000%" y="4" width="17.500%" height="16"/>' in drawn
    assert '<rect class="s1" x="30.000%" y="28" width="35.000%" height="16"/>' in drawn


def test_a_target_is_a_mark_and_no_length_of_the_bar() -> None:
    row = {"label": "x", "values": [50, 80], "texts": ["50%", "80%"], "behind": "50%"}
    drawn = bars.bullet([row, {**row, "values": [50, None]}], 100)
    assert drawn.count('class="s1"') == 2
    assert drawn.count('width="35.000%"') == 2
    assert drawn.count('class="s2"') == 1
    assert '<rect class="s2" x="86.000%" y="2" width="3" height="20"/>' in drawn
    assert '<text x="86.800%" y="16">50%</text>' in drawn  # behind both, over neither


def test_an_axis_of_percent_ends_at_a_hundred_unless_there_is_more() -> None:
    def marks(value: float) -> list[str]:
        drawn = lines.lines([{"label": "x", "values": [value], "texts": [""]}], 128, str, most=100)
        return re.findall(r"<text[^>]*>(\d+)<", drawn)

    assert marks(12) == ["0", "25", "50", "75", "100"]
    assert marks(140) == ["0", "40", "80", "120", "160"]


def test_a_lone_value_is_a_dot_and_a_gap_is_a_gap() -> None:
    rows = [{"label": "x", "values": [one], "texts": [""]} for one in (None, 2, None, 3, 4)]
    drawn = lines.lines(rows, 128, str)
    assert 'd="M1 2.000h0 M3 1.000h0 L4 0.000"' in drawn


def test_no_rows_draw_an_axis_only(app) -> None:
    with app.test_request_context():
        assert charts.columns([], 132).count("<line") == 2
