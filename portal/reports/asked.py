"""What somebody asks of a report: read from the address, never guessed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal import languages
from portal.access.identity import can
from portal.database import utcnow
from portal.digits import whole
from portal.errors import RefusedError
from portal.filters import show_datetime
from portal.periods import Period, period_from
from portal.reports import moments
from portal.reports.clock import parsed
from portal.reports.terms import Dimension, Filter, Measure, Report

MOST_VALUES = 2000
MOST_GROUPS = 2
# Hours and quarters of longer periods are more than anybody reads.
MOST_FINE_DAYS = {"hour": 62, "quarter": 31}
_SHARED = frozenset({"period", "from", "to", "by", "sort", "compare", "chart", "page"})
_BEHIND = frozenset({"measure", "key", "before"})


@dataclass(frozen=True)
class Asked:
    """A report as it is to be shown. ``chosen``: values by the name of a filter, never empty.

    ``sort``: the name of a measure or dimension, with a minus for the greatest first.
    """

    report: Report
    period: Period
    chosen: Mapping[str, tuple[Any, ...]]
    by: tuple[Dimension, ...]
    sort: str = ""
    compare: bool = False
    page: int = 1
    grouped: bool = False  # whether groups were asked for
    drawn: Measure | None = None  # in the chart, instead of what the report draws by itself

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the zone in which days are cut: the viewer's, or the company's."""
        return moments.cut_in() if self.report.fact.daily else languages.zone()

    @property
    def zones(self) -> str:
        """Say in which zone times are shown, and days if that is another."""
        zone = languages.timezone()
        if self.zone.key == zone:
            return _("Times in %(zone)s.", zone=zone)
        return _("Times in %(zone)s, days in %(days)s.", zone=zone, days=self.zone.key)

    @property
    def listed(self) -> bool:
        """Whether raw rows are shown instead of groups."""
        return self.report.lists and not self.grouped

    @property
    def span(self) -> str:
        """Return of which days the figures are, or which moment."""
        if self.report.fact.at is None:
            return _("As of %(moment)s", moment=show_datetime(utcnow()))
        return self.period.range_label

    @property
    def filters(self) -> list[tuple[Filter, tuple[Any, ...]]]:
        return [
            (one, self.chosen[one.name])
            for one in self.report.fact.filters
            if one.name in self.chosen
        ]


@dataclass(frozen=True)
class Behind:
    """One figure of a report, of which the rows are asked for: its measure and its group."""

    measure: Measure
    keys: tuple[Any, ...]


def read(report: Report, arguments: MultiDict[str, str], *, timezone: str) -> Asked:
    """Return what an address asks for; raise RefusedError, with its field, where it is nonsense."""
    filters = filters_of(report)
    if report.fact.daily:
        timezone = moments.cut_in().key
    known = _SHARED | _BEHIND | {one.name for one in filters}
    for name in arguments:
        if name not in known:
            raise RefusedError(_("This filter is not known."), field=name)
    period = period_from(arguments, timezone, default=report.default_period)
    chosen = {one.name: _values(one, arguments) for one in filters}
    by = _groups(report, arguments, period)
    if report.hourly and any(one.time == "hour" for one in by):
        report = report.hourly
        by = _groups(report, arguments, period)
    return Asked(
        report,
        period,
        {name: values for name, values in chosen.items() if values},
        by,
        _sort(report, by, arguments.get("sort", "")),
        _switch(arguments, "compare", usually=report.compared),
        _number(arguments, "page"),
        any(arguments.getlist("by")),
        _drawn(report, arguments.get("chart", "")),
    )


def _values(one: Filter, arguments: MultiDict[str, str]) -> tuple[Any, ...]:
    texts = list(dict.fromkeys(text for text in arguments.getlist(one.name) if text))
    if len(texts) > MOST_VALUES:
        raise RefusedError(_("Too many values are chosen at once."), field=one.name)
    if one.model is None:
        if not set(texts) <= set(one.words or ()):
            raise RefusedError(_("This filter is not understood."), field=one.name)
        return tuple(texts)
    try:
        return tuple(dict.fromkeys(uuid.UUID(text) for text in texts))
    except ValueError:
        raise RefusedError(_("This filter is not understood."), field=one.name) from None


def _groups(
    report: Report, arguments: MultiDict[str, str], period: Period
) -> tuple[Dimension, ...]:
    names = list(dict.fromkeys(text for text in arguments.getlist("by") if text))
    known = {one.name: one for one in report.groups}
    if not set(names) <= known.keys():
        raise RefusedError(_("This report is not grouped by that."), field="by")
    if len(names) > MOST_GROUPS:
        raise RefusedError(_("A report is grouped by two things at most."), field="by")
    by = tuple(known[name] for name in names) or report.groups[: report.grouped]
    days = (period.last_day - period.first_day).days + 1
    for one in by:
        if days > MOST_FINE_DAYS.get(one.time, days):
            most = MOST_FINE_DAYS[one.time]
            raise RefusedError(
                _("So fine a division is for at most %(most)d days.", most=most), field="by"
            )
    return by


def _sort(report: Report, by: Sequence[Dimension], text: str) -> str:
    names = {one.name for one in report.measures} | {one.name for one in by}
    if text and text.removeprefix("-") not in names:
        raise RefusedError(_("This report is not sorted by that."), field="sort")
    return text


def _switch(arguments: MultiDict[str, str], name: str, *, usually: bool) -> bool:
    """Tell whether a box is ticked. One that usually is sends "0" along, for when it is not."""
    texts = [text for text in arguments.getlist(name) if text]
    if not set(texts) <= {"0", "1"}:
        raise RefusedError(_("This filter is not understood."), field=name)
    return texts[-1] == "1" if texts else usually


def _drawn(report: Report, text: str) -> Measure | None:
    found = {one.name: one for one in report.drawable}
    if text and text not in found:
        raise RefusedError(_("This report does not draw that."), field="chart")
    return found.get(text)


def _number(arguments: MultiDict[str, str], name: str) -> int:
    number = whole(arguments.get(name) or "1", 6)
    if number is None or not 0 < number <= 100_000:
        raise RefusedError(_("There is no such page."), field=name)
    return number


def behind(asked: Asked, arguments: MultiDict[str, str]) -> tuple[Asked, Behind]:
    """Return the figure that an address names, and whose rows it counts; a total has no keys."""
    name = arguments.get("measure", "")
    beside = asked.report.beside
    if beside and name in {one.name for one in beside.measures}:
        asked = replace(asked, report=beside)
    measure = next((one for one in asked.report.measures if one.name == name), None)
    if measure is None:
        raise RefusedError(_("This report has no such figure."), field="measure")
    # Known now: when rows are sent as a file, nobody is signed in any more.
    measure = replace(measure, behind=measure.rows)
    texts = arguments.getlist("key")
    if texts and len(texts) != len(asked.by):
        raise RefusedError(_("This report has no such row."), field="key")
    keys = tuple(_key(one, text) for one, text in zip(asked.by, texts, strict=False))
    return asked, Behind(measure, keys)


def _key(dimension: Dimension, text: str) -> Any:
    try:
        if dimension.time:
            return parsed(dimension.time, text)
        if not text:
            return None
        if dimension.model is not None:
            return uuid.UUID(text)
        if dimension.read is not None:
            text = dimension.read(text)
    except ValueError:
        raise RefusedError(_("This report has no such row."), field="key") from None
    known = {text: text} if dimension.words is None else {str(key): key for key in dimension.words}
    if text not in known or "\0" in text:  # which no text of a database has
        raise RefusedError(_("This report has no such row."), field="key")
    return known[text]


def filters_of(report: Report) -> list[Filter]:
    """Return the filters of a report that the person who is asking may use."""
    return [
        one
        for one in report.fact.filters
        if (one.permission is None or can(one.permission))
        and (one.name != "project" or g.identity.company.walled)
    ]
