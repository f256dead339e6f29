"""Jinja filters: how times, numbers and names are shown to the viewer."""

import difflib
import functools
import re
import zlib
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from babel import Locale, dates, numbers
from flask import Flask, g, url_for
from flask_babel import get_locale
from markupsafe import Markup, escape

from portal import languages
from portal.database import search_key, utcnow

NOTHING = "–"
BRITISH = Locale("en", "GB")
HUES = 8
Moment = datetime | None


def register(app: Flask) -> None:
    """Make every filter of this module known to the templates of ``app``."""
    for name, function in FILTERS.items():
        app.jinja_env.filters[name] = function
    app.jinja_env.globals.update(
        page_language=page_language, page_zone=languages.timezone, sprite_url=sprite_url
    )


def page_language() -> str:
    """Value for ``<html lang>``: the language of the page in hand."""
    return _spoken().language


def sprite_url() -> str:
    """Address of the icons, built once for a page: lists have hundreds of them."""
    if "sprite_url" not in g:
        g.sprite_url = url_for("static", filename="icons.svg")
    return str(g.sprite_url)


def _spoken() -> Locale:
    return get_locale() or Locale("en")


def _locale() -> Locale:
    """English without a country would write dates in the American order."""
    spoken = _spoken()
    return BRITISH if spoken.language == "en" and spoken.territory is None else spoken


def _local(value: datetime) -> datetime:
    """``value`` (aware, or naive in UTC) in the viewer's time zone."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=dates.UTC)
    return value.astimezone(languages.zone())


def show_date(value: date | None) -> str:
    """22 Nov 2026"""
    if value is None:
        return NOTHING
    day = _local(value).date() if isinstance(value, datetime) else value
    return _date_text(day, "yMMMd", _locale())


def show_days(days: Iterable[date]) -> dict[date, str]:
    """Write many days as one date is; to find out the language takes longer than to write one."""
    locale = _locale()
    return {day: _date_text(day, "yMMMd", locale) for day in days}


def show_short_date(value: datetime | None) -> str:
    """22 Nov"""
    if value is None:
        return NOTHING
    return _date_text(_local(value).date(), "MMMd", _locale())


def show_day(value: date | None) -> str:
    """Sunday 22 November 2026"""
    if value is None:
        return NOTHING
    day = _local(value).date() if isinstance(value, datetime) else value
    return _date_text(day, "full", _locale())


@functools.lru_cache(maxsize=2000)
def _date_text(day: date, style: str, locale: Locale) -> str:
    """Lists show the same few days in hundreds of rows: each is written once."""
    if style == "full":
        return dates.format_date(day, style, locale=locale)
    return dates.format_skeleton(style, day, locale=locale)


def show_time(value: datetime | time | None, seconds: bool = False) -> str:
    """17:05, or 17:05:09 with seconds"""
    if value is None:
        return NOTHING
    clock = _local(value) if isinstance(value, datetime) else value
    return clock.strftime("%H:%M:%S" if seconds else "%H:%M")


def show_weekday(value: date) -> str:
    """Sun, 22 Nov"""
    return dates.format_skeleton("MMMEd", value, locale=_locale())


def show_datetime(value: Moment, seconds: bool = False) -> str:
    """22 Nov 2026, 17:05"""
    if value is None:
        return NOTHING
    pattern = str(dates.get_datetime_format("medium", locale=_locale()))
    return pattern.replace("{1}", show_date(value)).replace("{0}", show_time(value, seconds))


def show_iso(value: Moment) -> str:
    """For the ``datetime`` attribute of ``<time>``: UTC, to the second."""
    if value is None:
        return ""
    moment = value if value.tzinfo is None else value.astimezone(dates.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def show_ago(value: Moment, now: Moment = None) -> str:
    """2 hours ago, or the date when it is more than six days away."""
    if value is None:
        return NOTHING
    passed = _local(value) - _local(now or utcnow())
    if abs(passed) > timedelta(days=6):
        return show_date(value)
    return dates.format_timedelta(passed, add_direction=True, threshold=1, locale=_locale())


def show_moment(value: Moment, style: str = "datetime") -> Markup:
    """``<time>`` in the viewer's zone; style datetime, date, time, seconds or ago."""
    if value is None:
        return _NO_MOMENT
    full = f' title="{show_datetime(value, seconds=True)}"' if style in _SHORT else ""
    shown = _MOMENTS[style](value)
    return Markup(f'<time datetime="{show_iso(value)}"{full}>{shown}</time>')  # noqa: S704  # of times


_SHORT = ("ago", "time", "seconds")
_NO_MOMENT = Markup('<span class="muted">–</span>')
_MOMENTS: dict[str, Callable[[datetime], str]] = {
    "ago": show_ago,
    "date": show_date,
    "datetime": show_datetime,
    "seconds": lambda value: show_time(value, seconds=True),
    "time": show_time,
}


def show_duration(value: float | timedelta | None) -> str:
    """Seconds as m:ss, from one hour on as h:mm:ss."""
    if value is None:
        return NOTHING
    total = round(value.total_seconds() if isinstance(value, timedelta) else value)
    sign, total = ("-", -total) if total < 0 else ("", total)
    minutes, seconds = divmod(total, 60)
    hours, rest = divmod(minutes, 60)
    return f"{sign}{hours}:{rest:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"


def show_number(value: float | None) -> str:
    """2,375"""
    return NOTHING if value is None else _number_text(value, _locale())


@functools.lru_cache(maxsize=5000)
def _number_text(value: float, locale: Locale) -> str:
    return numbers.format_decimal(value, locale=locale)


def show_money(value: float | None, pattern: str = "#,##0.00") -> str:
    """1,234.50; the currency stands elsewhere."""
    return NOTHING if value is None else numbers.format_decimal(value, pattern, _locale())


def show_percent(value: float | None) -> str:
    """86.9% from 0.869. The sign stands where the language wants it."""
    if value is None:
        return NOTHING
    return numbers.format_percent(round(value, 3), decimal_quantization=False, locale=_locale())


def show_size(value: float | None) -> str:
    """1.4 MB from bytes"""
    if value is None:
        return NOTHING
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{show_number(round(value, 0 if unit == 'B' or value >= 10 else 1))} {unit}"
        value /= 1000
    return f"{show_number(round(value, 1))} GB"


def hue(name: object) -> int:
    """Colour number of an avatar: the same for a name in every process."""
    return zlib.crc32(str(name).encode()) % HUES


def initials(name: object) -> str:
    """First letters of the first and the last word that begin with a letter or digit."""
    return _initials(str(name), _spoken().language)


@functools.lru_cache(maxsize=5000)
def _initials(name: str, language: str) -> str:
    words = re.findall(r"[^\W_]+", name)
    if not words:
        return "?"
    letters = words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]
    if language == "tr":
        letters = letters.replace("i", "İ")
    return letters.upper()[:2]


def highlight(text: object, query: str | None) -> Markup:
    """Mark the first place where ``query`` is found in ``text``."""
    shown, wanted = str(text), search_key(query)
    places = [place for place, letter in enumerate(shown) for _ in search_key(letter)]
    start = "".join(search_key(letter) for letter in shown).find(wanted) if wanted else -1
    if start < 0:
        return escape(shown)
    first, last = places[start], places[start + len(wanted) - 1] + 1
    return Markup("{}<mark>{}</mark>{}").format(shown[:first], shown[first:last], shown[last:])


def word_diff(before: object, after: object) -> tuple[list, list]:
    """Two lists of (changed, text), the old and the new wording, cut at words."""
    old, new = (re.findall(r"\s*\S+|\s+$", str(text)) for text in (before, after))
    was: list[tuple[bool, str]] = []
    now: list[tuple[bool, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        changed = kind != "equal"
        was.extend(_marked("".join(old[a:b]), changed))
        now.extend(_marked("".join(new[c:d]), changed))
    return was, now


def _marked(text: str, changed: bool) -> list[tuple[bool, str]]:
    """Keep the space before changed words out of what is marked: it may be at a line's end."""
    words = text.lstrip() if changed else ""
    parts = [(False, text[: len(text) - len(words)]), (True, words)] if words else [(changed, text)]
    return [part for part in parts if part[1]]


FILTERS = {
    "ago": show_ago,
    "date": show_date,
    "datetime": show_datetime,
    "day": show_day,
    "duration": show_duration,
    "filesize": show_size,
    "highlight": highlight,
    "hue": hue,
    "initials": initials,
    "iso": show_iso,
    "moment": show_moment,
    "number": show_number,
    "percent": show_percent,
    "short_date": show_short_date,
    "weekday": show_weekday,
    "time": show_time,
    "word_diff": word_diff,
}
