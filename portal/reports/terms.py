"""What a report is made of: facts, sums, measures, dimensions, columns, charts.

* A :class:`Fact` is where figures come from: raw rows of a model, and roll-ups of them.
* A :class:`Sum` is counted over these rows. In a roll-up the column of the same name holds it.
* A :class:`Measure` is what is shown: made of sums after these were added up, so that a ratio over
  several projects is never the mean of ratios.
* A :class:`Dimension` is what rows are grouped by; those of time are cut in the viewer's zone.
* A :class:`Column` is how one raw row is listed: in reports that list rows, and behind each figure.

What statements are kept by is equal only to itself (``eq=False``): there is one of each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Subquery

from portal.access.permissions import Permission
from portal.company.models import Company

Label = Any  # a text that is translated when it is shown
Unit = Literal["count", "duration", "percent", "money", "price", "decimal", "moment", "word"]
Shown = Literal[
    "text", "count", "duration", "percent", "money", "decimal", "moment", "day", "phone", "person"
]
# Of time: columns, lines, areas. Of other groups: bars, or bars of one length (stack, progress).
# Their parts are piled up; within: the second measure counts some of what the first does.
ChartKind = Literal[
    "columns",
    "lines",
    "area",
    "bars",
    "stack",
    "progress",
    "within",
    "histogram",
    "heat",
    "funnel",
    "bullet",
    "spans",
    "none",
]
Sums = Mapping[str, Any]


@dataclass(frozen=True)
class Sum:
    """A figure over rows: those that satisfy ``where``, counted, or their ``of`` gathered.

    ``how``: 'sum', 'max' or 'values': how often each value occurs, for medians, bands and counts of
    different values. All add up: the sum of a whole is made of those of its parts.
    """

    name: str
    where: Any = None
    of: Any = None
    how: Literal["sum", "max", "values"] = "sum"


def share(part: Sum, whole: Sum) -> Callable[[Sums], float | None]:
    """Return the value of a measure: one sum divided by another, none where that is nothing."""
    return lambda sums: sums[part.name] / sums[whole.name] if sums[whole.name] else None


def part(one: Sum) -> Callable[[Sums], float | None]:
    """Return the value of a measure: a sum as a share of the first group's whole.

    Of a group that was not there before, or of a day on which nothing was, nobody tells the whole.
    """
    return lambda sums: sums[one.name] / whole if (whole := sums.get(f"whole_{one.name}")) else None


def different(one: Sum) -> Callable[[Sums], int]:
    """Return the value of a measure: how many different values a sum of 'values' has."""
    return lambda sums: len(sums[one.name])


@dataclass(frozen=True)
class Measure:
    """A figure as it is shown. ``definition``: one sentence that says what counts.

    ``better``: 1 if more is better, -1 if less is, 0 if neither. ``behind``: the sum whose rows
    are listed behind the figure, if it is not the first. ``alike``: in what figures must be alike
    to be drawn on one scale, such as their currency.
    """

    name: str
    label: Label
    definition: Label
    sums: tuple[Sum, ...]
    unit: Unit = "count"
    value: Callable[[Sums], Any] | None = None
    better: Literal[-1, 0, 1] = 0
    behind: Sum | Callable[[], Sum] | None = None
    whole: Sum | None = None  # ``value`` also gets it of all in the first group, as ``whole_…``
    kpi: str = ""  # the target of a project that it is held against
    alike: Callable[[Sums], str | None] | None = None

    def of(self, sums: Sums) -> Any:
        """Return the value, or None where there is nothing that it could be of."""
        return self.value(sums) if self.value else sums[self.sums[0].name]

    @property
    def rows(self) -> Sum:
        if isinstance(self.behind, Sum):
            return self.behind
        return self.behind() if self.behind else self.sums[0]


@dataclass(frozen=True, eq=False)
class Dimension:
    """What rows are grouped by.

    ``model``: of ids, where their names are. ``words``: of other values, what they are called;
    ``names``: the same, of values that are looked up.
    ``time``: the unit of a dimension of time. ``key``: the column that holds it, of the raw rows
    (or what they are joined with, see ``join``) and under the same name of roll-ups, where an
    expression has the dimension's name.
    ``several``: a row may count for several values, so the values do not add up to the total.
    ``written``, ``read``: a key as it stands in addresses, and what is read there, if that differs.
    """

    name: str
    label: Label
    key: Any = None
    model: Any = None
    words: Mapping[Any, Label] | None = None
    names: Callable[[Collection[Any]], Mapping[Any, str]] | None = None
    time: str = ""
    join: Any = None
    several: bool = False
    nothing: Label = ""
    shown: Callable[[Any], str] | None = None
    written: Callable[[Any], str] | None = None
    read: Callable[[str], Any] | None = None


@dataclass(frozen=True, eq=False)
class Filter:
    """What rows can be restricted to, in the column ``key``: ids of a ``model`` or ``words``.

    ``where``: of the column and the chosen values, where the values are not the column's own.
    """

    name: str
    label: Label
    key: Any
    model: Any = None
    words: Mapping[str, Label] | None = None
    where: Callable[[Any, Sequence[Any]], Any] | None = None
    permission: Permission | None = None


@dataclass(frozen=True)
class Column:
    """One cell of a raw row: an SQL expression, and how its value is shown.

    ``text``: how it is written, where that takes more than a kind or words.
    """

    name: str
    label: Label
    of: Any
    shown: Shown = "text"
    words: Mapping[Any, Label] | None = None
    text: Callable[[Any], str] | None = None


def columns_of(model: Any) -> Any:
    """Return what has the columns of an entity or a subquery as its attributes."""
    return model.c if isinstance(model, Subquery) else model


@dataclass(frozen=True, eq=False)
class RollUp:
    """A table of sums by hour or day. Days are those of the company's zone.

    ``model``: an entity, or a subquery of entities. ``holds``: whether it is as the rows are now.
    """

    model: Any
    grain: Literal["hour", "day"]
    holds: Callable[[Company], bool] = lambda company: True

    @property
    def columns(self) -> Any:
        return columns_of(self.model)


@dataclass(frozen=True)
class Fact:
    """Rows that happened at a time: visits, attempts, fillings, statuses.

    ``model``: an entity, or a subquery of entities with ``company_id`` and ``id``. Without ``at``
    the rows are as they are now: no period, listed by ``order``, which is never null. ``allowed``:
    makes the condition of what this viewer may know of rows that the wall lets through.
    ``during``: makes the condition of which rows are those of a stretch of time, where that is more
    or less than those that began in it, or takes a look at something else.
    ``source``: who supplies them, and how to connect it, for companies that have none.
    ``link``: the address of a raw row's own page, of its id; ``joins``: (model, on) of what columns
    or sums need beside the rows, as outer joins. ``daily``: ``at`` is when a day of the company's
    zone begins, so its days are shown to all. ``merged``: what rows of one id have in common; they
    are listed as one, by columns that are sums over them. ``needs``: a query that finds nothing
    where its figures cannot be known.
    """

    name: str
    model: Any
    at: Any
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    source: Label
    where: tuple[Any, ...] = ()
    joins: tuple[tuple[Any, Any], ...] = ()
    rollups: tuple[RollUp, ...] = ()
    link: Callable[[Any], str] | None = None
    masked: bool = False  # has numbers, which some see masked
    order: Any = None
    allowed: Callable[[], Any] | None = None
    during: Callable[[dt.datetime, dt.datetime], Any] | None = None
    daily: bool = False
    merged: tuple[Any, ...] = ()
    needs: Any = None

    @property
    def id(self) -> Any:
        return columns_of(self.model).id


@dataclass(frozen=True)
class Chart:
    """How the figures are drawn; ``measures``: the names of those that are, else the first.

    ``columns``: of spans, the columns of raw rows that tell their line, series, begin and end.
    """

    kind: ChartKind
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Report:
    """One question. ``groups``: what it can be grouped by, the first unless another is chosen.

    ``lists``: shows raw rows, with the figures above them; otherwise groups and their figures.
    ``gather``: takes the place of :func:`portal.reports.queries.gathered`, where figures are no
    sums over rows. ``rows``: returns all rows behind a figure, the newest first, where no statement
    does: each its ``id``, its ``at`` and then its cells. ``hourly``: takes its place where hours
    are asked for, of which its own rows know nothing. ``beside``: some of its measures, of another
    fact that has the same groups and filters; takes its place behind their figures.
    """

    name: str
    number: int
    section: str
    icon: str
    label: Label
    question: Label
    fact: Fact
    measures: tuple[Measure, ...]
    groups: tuple[Dimension, ...] = ()
    chart: Chart = field(default_factory=lambda: Chart("bars"))
    lists: bool = False
    targets: bool = False  # shows targets in columns of their own, and which part of them is met
    grouped: int = 1  # by how many of ``groups``, unless others are chosen
    permissions: tuple[Permission, ...] = ()
    columns: tuple[Column, ...] = ()  # where they differ from those of the fact
    default_period: str = "last_7_days"
    shows: Callable[[Sums], bool] | None = None  # which groups are shown; the total is of all
    where: tuple[Any, ...] = ()
    gather: Callable[..., dict[tuple[Any, ...], dict[str, Any]]] | None = None
    rows: Callable[..., list[Any]] | None = None
    hourly: Report | None = None
    beside: Report | None = None
    compared: bool = False  # with the days before, unless one says no

    @cached_property
    def sums(self) -> list[Sum]:
        """All sums of its measures, each once."""
        return list(dict.fromkeys(one for each in self.measures for one in each.sums))

    @property
    def drawable(self) -> list[Measure]:
        """The measures of which one can be chosen for the chart."""
        if self.chart.kind in ("none", "spans"):
            return []
        return [one for one in self.measures if one.unit not in ("moment", "word")]

    @cached_property
    def own_sums(self) -> list[Sum]:
        """Those over its own fact."""
        others = {one.name for one in self.beside.sums} if self.beside else ()
        return [one for one in self.sums if one.name not in others]

    @cached_property
    def plain_sums(self) -> list[Sum]:
        return [one for one in self.own_sums if one.how != "values"]

    @cached_property
    def valued_sums(self) -> list[Sum]:
        return [one for one in self.own_sums if one.how == "values"]

    @property
    def row_columns(self) -> tuple[Column, ...]:
        return self.columns or self.fact.columns
