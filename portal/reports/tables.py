"""A report's table: its rows, its total, and what both were in the period before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from flask_babel import gettext as _

from portal.database import search_key
from portal.periods import Period
from portal.reports import clock, queries, targets
from portal.reports.asked import Asked, Behind
from portal.reports.targets import Targets
from portal.reports.terms import Dimension, Measure, Report, Sums

# Groups of time that are shown although nothing happened in them, up to so many.
MOST_FILLED = 3000


@dataclass(frozen=True)
class Row:
    """A group: its keys, what they are called, and its sums; ``before``: of the last period.

    ``by``: what the keys are of.
    """

    keys: tuple[Any, ...]
    labels: tuple[str, ...]
    sums: Sums
    before: Sums | None = None
    targets: Targets = field(default_factory=dict)
    by: Sequence[Dimension] = ()

    def value(self, measure: Measure) -> Any:
        return measure.of(self.sums)

    def value_before(self, measure: Measure) -> Any:
        return None if self.before is None else measure.of(self.before)

    def change(self, measure: Measure) -> float | None:
        """Return by which part a figure has grown; of percentages, by how many points."""
        now, before = self.value(measure), self.value_before(measure)
        if now is None or before is None or measure.unit in ("moment", "word"):
            return None
        if measure.unit == "percent":
            return float(now - before)
        return float(now - before) / float(before) if before else None

    def target(self, measure: Measure) -> float | None:
        return self.targets.get(measure.kpi)

    def beyond(self, measure: Measure) -> float | None:
        """Return by how much a figure differs from its target."""
        value, target = self.value(measure), self.target(measure)
        return None if value is None or target is None else value - target

    def met(self, measure: Measure) -> bool | None:
        """Tell whether a figure reaches its target; None without one."""
        return targets.met(measure, self.value(measure), self.target(measure))

    def met_share(self, measures: Iterable[Measure]) -> float | None:
        """Tell which part of the figures with a target reach it."""
        met = [one for one in map(self.met, measures) if one is not None]
        return sum(met) / len(met) if met else None

    @property
    def texts(self) -> list[str]:
        """The keys as they stand in addresses; what has none is an empty text."""
        pairs = zip(self.by, self.keys, strict=True)
        return ["" if key is None else (one.written or clock.written)(key) for one, key in pairs]


@dataclass(frozen=True)
class Table:
    """All groups in their order, and their total."""

    asked: Asked
    rows: Sequence[Row]
    total: Row
    previous: Period | None = field(default=None)

    @property
    def is_empty(self) -> bool:
        return not any(any(row.sums.values()) for row in (*self.rows, self.total))

    @property
    def untold(self) -> Report | None:
        """Return what stands beside its report, where this has no figures at all."""
        beside = self.asked.report.beside
        if beside is None or any(self.total.sums[one.name] for one in beside.sums):
            return None
        return beside


def make(asked: Asked, *, compare: bool = False, behind: Behind | None = None) -> Table:
    """Read the figures; with ``compare`` also those of as many days before."""
    by = () if behind else asked.by
    now = _gathered(asked, by, asked.period, behind)
    compare = compare and asked.report.fact.at is not None
    previous = asked.period.before(asked.zone) if compare else None
    before = _gathered(asked, by, previous, behind) if previous else None
    rows = _rows(asked, by, now, before, previous)
    total = _total(asked, by, asked.period, now, behind)
    earlier = (
        _total(asked, by, previous, before, behind) if previous and before is not None else None
    )
    found = targets.of_rows(asked, by, [row.keys for row in rows])
    rows = [replace(row, targets=found[row.keys]) if row.keys in found else row for row in rows]
    whole = Row((), (_("Total"),), total, earlier, found.get((), {}))
    return Table(asked, rows, whole, previous)


def _gathered(
    asked: Asked, by: Sequence[Dimension], period: Period, behind: Behind | None = None
) -> queries.Gathered:
    """Return the sums of each group, with those that belong to the whole of its first key."""
    found = queries.gathered(asked, by, period, behind)
    wholes = {one.whole.name for one in asked.report.measures if one.whole}
    if wholes and behind and behind.keys:
        first = Behind(behind.measure, behind.keys[: len(behind.keys) - 1])
        _add_wholes(wholes, found, queries.gathered(asked, (), period, first))
    elif wholes:
        firsts: dict[Any, list[Sums]] = {}
        for keys, sums in found.items():
            firsts.setdefault(keys[:1] if len(by) > 1 else (), []).append(sums)
        each = {keys: queries.combined(asked, parts) for keys, parts in firsts.items()}
        _add_wholes(wholes, found, each)
    return found


def _add_wholes(names: set[str], found: queries.Gathered, wholes: queries.Gathered) -> None:
    for keys, sums in found.items():
        whole = wholes[keys[:1]] if keys[:1] in wholes else wholes[()]
        sums.update({f"whole_{name}": whole[name] for name in names})


def _total(
    asked: Asked,
    by: Sequence[Dimension],
    period: Period,
    found: queries.Gathered,
    behind: Behind | None,
) -> Sums:
    if not by:
        return found[()]
    if any(one.several for one in by):
        return _gathered(asked, (), period, behind)[()]
    total = {(): queries.combined(asked, found.values())}
    _add_wholes({one.whole.name for one in asked.report.measures if one.whole}, total, total)
    return total[()]


def _rows(
    asked: Asked,
    by: Sequence[Dimension],
    now: queries.Gathered,
    before: queries.Gathered | None,
    previous: Period | None,
) -> list[Row]:
    if not by:
        return []
    then = _counterparts(asked, by, before, previous)
    keys = list(now | then) if then else list(now)
    kept: set[queries.Key] = set()  # whether or not they tell anything
    if len(by) == 1 and by[0].time and now:
        slots = clock.every(by[0].time, asked.period, asked.zone)
        if len(slots) <= MOST_FILLED:
            keys = [(slot,) for slot in slots]
            kept = set(keys)
    nothing = queries.combined(asked, ())
    labels = [names(one, [key[place] for key in keys]) for place, one in enumerate(by)]
    rows = [
        Row(
            key,
            tuple(of[one] for of, one in zip(labels, key, strict=True)),
            now.get(key, nothing),
            None if then is None else then.get(key, nothing),
            by=by,
        )
        for key in keys
    ]
    shows = asked.report.shows
    told = [row for row in rows if row.keys in kept or _tells(asked, row)]
    if shows is not None:
        told = [row for row in told if any(shows(each) for each in (row.sums, row.before) if each)]
    return _sorted(asked, by, told)


def _tells(asked: Asked, row: Row) -> bool:
    """Whether any figure of a group is more than nothing."""
    sums = (row.sums, row.before or {})
    return any(one.of(each) for each in sums if each for one in asked.report.measures)


def _counterparts(
    asked: Asked,
    by: Sequence[Dimension],
    before: queries.Gathered | None,
    previous: Period | None,
) -> queries.Gathered | None:
    """Return what each group is compared with: itself, or the day as far into the last period."""
    if before is None or previous is None:
        return None
    pairs: list[dict[Any, Any] | None] = []
    for one in by:
        if one.time and one.time not in ("weekday", "hour_of_day"):
            then, now = (
                clock.placed(one.time, each, asked.zone) for each in (previous, asked.period)
            )
            pairs.append({key: now[place] for place, key in then.items() if place in now})
        else:
            pairs.append(None)
    found = {}
    for key, sums in before.items():
        parts = list(zip(pairs, key, strict=True))
        if all(pair is None or part in pair for pair, part in parts):
            found[tuple(part if pair is None else pair[part] for pair, part in parts)] = sums
    return found


def names(one: Dimension, keys: Sequence[Any]) -> dict[Any, str]:
    """Return what keys are called."""
    if one.model is not None:
        found: dict[Any, str] = queries.names_of(
            one.model, [key for key in keys if key is not None]
        )
    elif one.time:
        found = clock.all_shown(one.time, keys)
    elif one.names:
        found = dict(one.names({key for key in keys if key is not None}))
    else:
        found = {
            key: str(one.words[key]) if one.words and key in one.words else _shown(one, key)
            for key in keys
            if key is not None
        }
    return {None: str(one.nothing) or _("None")} | found


def _shown(one: Dimension, key: Any) -> str:
    return one.shown(key) if one.shown else str(key)


def _sorted(asked: Asked, by: Sequence[Dimension], rows: list[Row]) -> list[Row]:
    """Sort as asked; else by time, or by the first measure with the greatest first."""
    descending, name = asked.sort.startswith("-"), asked.sort.removeprefix("-")
    if not name:
        if any(one.time for one in by) or not asked.report.measures:
            for place in reversed(range(len(by))):
                rows.sort(key=lambda row, place=place: _place(by[place], row, place))  # type: ignore[misc]  # bound now
            return rows
        descending, name = True, asked.report.measures[0].name
    rows.sort(key=lambda row: search_key(" ".join(row.labels)))
    for place, one in enumerate(by):
        if one.name == name:
            rows.sort(key=lambda row: _place(one, row, place), reverse=descending)
            return rows
    measure = next(one for one in asked.report.measures if one.name == name)
    valued = [(row, row.value(measure)) for row in rows]
    known = [(row, value) for row, value in valued if value is not None]
    known.sort(key=itemgetter(1), reverse=descending)
    rows = [row for row, _value in known] + [row for row, value in valued if value is None]
    if not asked.sort and len(by) > 1:  # what belongs together stays together
        rows.sort(key=lambda row: _place(by[0], row, 0))
    return rows


def _place(one: Dimension, row: Row, place: int) -> Any:
    key = row.keys[place]
    if one.time:
        return (key is None, key)
    if one.words:
        order = list(one.words)
        return (key not in one.words, order.index(key) if key in one.words else 0)
    return (key is None, search_key(row.labels[place]))
