"""The figures of a report: one definition, one scope. What is read for them, :mod:`.plans` says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from flask import g
from sqlalchemy import bindparam, func, select

from portal.extensions import db
from portal.periods import Period
from portal.planning import plan_by_values
from portal.projects.models import Project
from portal.reports import keys, plans
from portal.reports.asked import Asked, Behind
from portal.reports.keys import Key
from portal.reports.terms import Dimension, Sum
from portal.wall.session import PLAIN

Gathered = dict[Key, dict[str, Any]]
# To name more costs more than to read the names of all that is seen.
_MOST_LOOKED_UP = 100
_COUNT_PROJECTS = select(func.count(Project.id))


def gathered(
    asked: Asked,
    by: Sequence[Dimension],
    period: Period,
    behind: Behind | None = None,
    *,
    names: bool = True,
) -> Gathered:
    """Return the sums of each group, by its keys.

    Without ``by`` it is one group, with no keys. Ids of what the viewer does not see are no keys:
    these rows are of the group None, with those that have none. ``behind``: only what is behind
    that figure. ``names``: whether names are yet to be read.
    """
    plan_by_values()
    report = asked.report
    if report.gather:
        return _with_names_only(asked, by, report.gather(asked, by, period, behind))
    table = None if behind else plans.rollup_for(asked, by, period)
    shape = plans.shape(asked, by, period, table, names=names)
    values = plans.values(asked, period)
    key_of = keys.reader(by, asked.zone, shape.stride)
    found: Gathered = {} if by else {(): combined(asked, ())}
    if plain := report.plain_sums:
        parts: dict[Key, list[Sequence[Any]]] = defaultdict(list)
        rows = db.session.execute(plans.sums(shape, asked, period, behind), values).all()
        for row in rows:
            parts[key_of(row)].append(row)
        if shape.named is not None:
            place = by.index(shape.named)
            _known(shape.named.model).update({row[place]: row[len(by)] for row in rows})
        found |= {group: _added(plain, rows) for group, rows in parts.items()}
    for one in report.valued_sums:
        counted: dict[Key, Counter[Any]] = defaultdict(Counter)
        query = plans.sums(shape, asked, period, behind, one)
        for *raw, value, number in db.session.execute(query, values).all():
            if value is not None:
                counted[key_of(raw)][value] += number
        found |= {group: combined(asked, ()) for group in counted.keys() - found.keys()}
        for group, cells in found.items():
            cells[one.name] = counted[group]
    if report.beside and not behind:
        _add_beside(asked, replace(asked, report=report.beside), by, period, found)
    return _with_names_only(asked, by, found)


def _add_beside(
    asked: Asked, beside: Asked, by: Sequence[Dimension], period: Period, found: Gathered
) -> None:
    """Add what another fact tells of the same groups; not from raw rows that cannot tell it."""
    needs = beside.report.fact.needs
    known = needs is None or plans.rollup_for(beside, by, period)
    told = known or db.session.scalar(needs) is not None
    more = gathered(beside, by, period, names=False) if told else {}
    found |= {group: combined(asked, ()) for group in more.keys() - found.keys()}
    nothing = combined(beside, ())
    for group, cells in found.items():
        cells |= more.get(group, nothing)


def _added(sums: Sequence[Sum], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Add up rows that end with the values of these sums."""
    if len(rows) == 1:
        values = rows[0][-len(sums) :]
        return {one.name: value or 0 for one, value in zip(sums, values, strict=True)}
    columns = list(zip(*rows, strict=True))[-len(sums) :]
    return {
        one.name: _whole(one, filter(None, values))
        for one, values in zip(sums, columns, strict=True)
    }


def combined(asked: Asked, parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the sums of groups."""
    several = list(parts)
    return {
        one.name: _whole(one, [part[one.name] for part in several]) for one in asked.report.sums
    }


def _whole(one: Sum, values: Iterable[Any]) -> Any:
    if one.how == "max":
        return max(values, default=0)
    if one.how == "sum":
        return sum(values)
    whole: Counter[Any] = Counter()
    for value in values:
        whole.update(value)
    return whole


def _with_names_only(asked: Asked, by: Sequence[Dimension], found: Gathered) -> Gathered:
    """Put the groups of what the viewer does not see to those without."""
    unseen: dict[int, set[Any]] = {}
    for place, one in enumerate(by):
        if one.model is not None:
            ids = {group[place] for group in found if group[place] is not None}
            names = _looked_up(one.model, ids)
            unseen[place] = {one for one in ids if names[one] is None}
    if not any(unseen.values()):
        return found
    kept: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for group, cells in found.items():
        mine = list(group)
        for place, ids in unseen.items():
            if mine[place] in ids:
                mine[place] = None
        kept[tuple(mine)].append(cells)
    return {group: combined(asked, parts) for group, parts in kept.items()}


def _known(model: Any) -> dict[Any, Any]:
    """Return the names that were read for this page, by id; None of what is not seen."""
    return g.setdefault("report_names", {}).setdefault(model, {})  # type: ignore[no-any-return]  # Flask's g has no types


def _looked_up(model: Any, ids: Iterable[Any]) -> dict[Any, Any]:
    """Return all names that are known now, those of these ids among them."""
    names = _known(model)
    if missing := set(ids) - names.keys():
        some = len(missing) <= _MOST_LOOKED_UP
        names |= dict.fromkeys(missing)
        given = {"ids": missing} if some else {}
        names.update(db.session.execute(_names(model, some), given).all())
    return names


def names_of(model: Any, ids: Iterable[Any]) -> dict[Any, str]:
    """Return the names of those of these ids that the viewer may see."""
    names = _looked_up(model, ids)
    return {one: name for one in ids if (name := names[one]) is not None}


@cache
def _names(model: Any, some: bool) -> plans.Query:
    query = select(model.id, model.name).execution_options(**{PLAIN: True})
    return query.where(model.id.in_(bindparam("ids", expanding=True))) if some else query


def projects_seen(asked: Asked) -> tuple[int, int]:
    """Return how many projects the figures are of, and how many the viewer sees."""
    all_of_them = db.session.scalar(_COUNT_PROJECTS) or 0
    return len(asked.chosen.get("project", ())) or all_of_them, all_of_them
