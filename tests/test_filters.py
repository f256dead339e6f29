"""How times, numbers and names are shown, in each language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from flask_babel import Babel
from markupsafe import Markup

from portal import filters

MOMENT = datetime(2026, 11, 22, 16, 5, 9, tzinfo=UTC)


@pytest.fixture
def speaking() -> Iterator[Callable[[str, str], None]]:
    """Give ``speaking("pl", "Europe/Warsaw")``: what the viewer speaks and where they are."""
    contexts: list[Any] = []

    def speak(language: str, zone: str = "Europe/Warsaw") -> None:
        app = Flask(__name__)
        Babel(app, locale_selector=lambda: language)
        contexts.append(app.test_request_context())
        contexts[-1].push()
        g.zone = ZoneInfo(zone)

    speak("en")
    yield speak
    for context in reversed(contexts):
        context.pop()


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ("22 Nov 2026", "22 Nov 2026, 17:05", "Sunday, 22 November 2026", "2,375", "86.9%")),
        (
            "pl",
            (
                "22 lis 2026",
                "22 lis 2026, 17:05",
                "niedziela, 22 listopada 2026",
                "2\xa0375",
                "86,9%",
            ),
        ),
        ("tr", ("22 Kas 2026", "22 Kas 2026 17:05", "22 Kasım 2026 Pazar", "2.375", "%86,9")),
    ],
)
def test_each_language_has_its_own_way(
    speaking: Callable[..., None], language: str, shown: tuple[str, ...]
) -> None:
    speaking(language)
    assert shown == (
        filters.show_date(MOMENT),
        filters.show_datetime(MOMENT),
        filters.show_day(MOMENT),
        filters.show_number(2375),
        filters.show_percent(0.8691),
    )


def test_times_are_the_viewers(speaking: Callable[..., None]) -> None:
    late = datetime(2026, 11, 22, 23, 30)  # noqa: DTZ001  # naive on purpose: it counts as UTC
    assert filters.show_time(MOMENT, seconds=True) == "17:05:09"
    assert filters.show_date(late) == "23 Nov 2026"
    assert filters.show_iso(late) == "2026-11-22T23:30:00Z"
    speaking("en", "America/New_York")
    assert filters.show_time(MOMENT) == "11:05"
    assert filters.show_date(late) == "22 Nov 2026"


def test_nothing_is_a_dash(speaking: Callable[..., None]) -> None:
    shows = (
        filters.show_ago,
        filters.show_date,
        filters.show_datetime,
        filters.show_day,
        filters.show_duration,
        filters.show_number,
        filters.show_percent,
        filters.show_size,
        filters.show_time,
    )
    assert {show(None) for show in shows} == {"–"}
    assert filters.show_iso(None) == ""


def test_near_moments_are_told_by_distance(speaking: Callable[..., None]) -> None:
    def ago(**passed: float) -> str:
        return filters.show_ago(MOMENT - timedelta(**passed), now=MOMENT)

    assert ago(hours=2) == "2 hours ago"
    assert ago(days=3) == "3 days ago"
    assert ago(days=9) == "13 Nov 2026"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (9.6, "0:10"), (75, "1:15"), (3599.4, "59:59"), (3600, "1:00:00"), (-5, "-0:05")],
)
def test_duration(seconds: float, shown: str) -> None:
    assert filters.show_duration(seconds) == shown
    assert filters.show_duration(timedelta(seconds=seconds)) == shown


def test_size(speaking: Callable[..., None]) -> None:
    sizes = [filters.show_size(size) for size in (0, 999, 1400, 14_200_000, 3_000_000_000)]
    assert sizes == ["0 B", "999 B", "1.4 kB", "14 MB", "3 GB"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Agnieszka Borkowska", "AB"),
        ("Łucja", "ŁU"),
        ("<img src=x onerror=alert(1)>", "I1"),
        ('=1+1 "quoted"', "1Q"),
        ("ışıl iyi", "II"),
        ("— …", "?"),
        ("", "?"),
    ],
)
def test_initials(speaking: Callable[..., None], name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_initials_keep_the_turkish_dot(speaking: Callable[..., None]) -> None:
    speaking("tr")
    assert filters.initials("ışıl iyi") == "Iİ"


def test_hue_is_one_of_eight_and_stays() -> None:
    names = [f"Name {number}" for number in range(500)]
    assert {filters.hue(name) for name in names} == set(range(8))
    assert filters.hue("Şeyma Yıldırım") == filters.hue("Şeyma Yıldırım")


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Şeyma Yıldırım", "yildirim", "Şeyma <mark>Yıldırım</mark>"),
        ("İstanbul", "ist", "<mark>İst</mark>anbul"),
        ("Łódź centrum", "LODZ", "<mark>Łódź</mark> centrum"),
        ("Straße 5", "sse 5", "Stra<mark>ße 5</mark>"),
        ("<b>bold</b>", "b>", "&lt;<mark>b&gt;</mark>bold&lt;/b&gt;"),
        ("<b>", "", "&lt;b&gt;"),
        ("Anna", "zoe", "Anna"),
    ],
)
def test_highlight_marks_what_was_searched(text: str, query: str, marked: str) -> None:
    assert filters.highlight(text, query) == Markup(marked)


def test_word_diff_cuts_at_words() -> None:
    was, now = filters.word_diff("This call is recorded now.", "This call is taped now.")
    assert was == [(False, "This call is"), (False, " "), (True, "recorded"), (False, " now.")]
    assert now == [(False, "This call is"), (False, " "), (True, "taped"), (False, " now.")]
