"""How figures and the cells of raw rows are shown, and how they are downloaded."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _

from portal import filters, languages
from portal.calls.log import numbers
from portal.reports.terms import Column, Measure

_SHOW = {
    "count": filters.show_number,
    "decimal": lambda value: filters.show_number(None if value is None else round(value, 1)),
    "duration": filters.show_duration,
    "money": filters.show_money,
    "price": lambda value: filters.show_money(value, "#,##0.0000"),
    "percent": filters.show_percent,
    "moment": lambda value: filters.show_datetime(value, seconds=True),
    "day": filters.show_date,
    "word": lambda value: value or filters.NOTHING,
    "phone": lambda value: numbers.shown(value or ""),
}


def figure(measure: Measure, value: Any) -> str:
    """Return a figure as it is read: 2,375 or 1:05 or 86.9%."""
    if measure.unit == "moment":
        value = None if value is None else dt.datetime.fromtimestamp(value, dt.UTC)
    return _SHOW[measure.unit](value)


def change(measure: Measure, value: float | None) -> str:
    """Return by how much a figure has changed: +12.4%, or points of a percentage."""
    if value is None:
        return ""
    if measure.unit == "percent":
        return _(
            "%(points)s points", points=_signed(filters.show_number(round(value * 100, 1)), value)
        )
    return _signed(filters.show_percent(value), value)


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0 else text


def difference(measure: Measure, value: float | None) -> str:
    """Return how far a figure is from its target."""
    if value is None:
        return filters.NOTHING
    if measure.unit == "percent":
        return _signed(filters.show_number(round(value * 100, 1)), value)
    return _signed(figure(measure, value), value)


def verdict(measure: Measure, value: float | None) -> str:
    """Return 'ok' or 'bad' where a change is one for the better or worse."""
    if not value or not measure.better:
        return ""
    return "ok" if (value > 0) == (measure.better > 0) else "bad"


def cell(column: Column, value: Any) -> str:
    """Return the cell of a raw row as it is read."""
    if column.text is not None:
        return column.text(value)
    if value is None:
        return ""
    if column.words is not None:
        return str(column.words.get(value, value))
    show = _SHOW.get(column.shown)
    return show(value) if show else str(value)


def plain(column: Column, value: Any) -> Any:
    """Return the cell of a raw row as it is downloaded: times in the viewer's zone."""
    if column.text is not None:
        return column.text(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(languages.zone()).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return value.isoformat()
    if column.words is not None or column.shown == "phone":
        return cell(column, value)
    return round(value, 4) if isinstance(value, float) and column.shown == "percent" else value


def plain_figure(measure: Measure, value: Any) -> Any:
    """Return a figure as it is downloaded: shares from 0 to 1, durations in seconds."""
    if measure.unit == "moment" and value is not None:
        return dt.datetime.fromtimestamp(value, languages.zone()).replace(tzinfo=None)
    if isinstance(value, float):
        return round(value, 4 if measure.unit in ("percent", "price") else 2)
    return value


def heading(one: Measure | Column) -> str:
    """Return the heading of a column that is downloaded, with its unit."""
    unit = one.unit if isinstance(one, Measure) else one.shown
    if unit == "duration":
        return _("%(name)s (s)", name=one.label)
    return str(one.label)
