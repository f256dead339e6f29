"""Keeping the roll-ups with the visits: what a change of visits changes in hours and days."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from portal.calls import adding, costs
from portal.calls.figures import FIGURES, ROLL_UPS, RollUp
from portal.calls.models import Visit
from portal.calls.stamping import Row, chunks
from portal.company.models import Company
from portal.extensions import db
from portal.periods import day_of

_SUMS = {name: figure for name, figure in FIGURES.items() if not figure.most}
_LONGEST = FIGURES["longest_wait_s"]
# The columns by whose values the figures tell which visits they are of.
_VALUED = tuple(dict.fromkeys(name for figure in _SUMS.values() for name in figure.values))
_DIMENSIONS = tuple(dict.fromkeys(name for table in ROLL_UPS for name in table.dimensions))
# What a visit must be given with to be counted.
COLUMNS = tuple(
    dict.fromkeys(
        (
            "started_at",
            *_DIMENSIONS,
            *(name for figure in FIGURES.values() for name in figure.values),
            *(figure.of for figure in FIGURES.values() if figure.of),
            *costs.COLUMNS,
        )
    )
)
Key = tuple[Any, ...]  # when the hour or day begins, and its dimensions
_HOUR = dt.timedelta(hours=1)


@dataclass(slots=True)
class _Change:
    """By what the sums of one key change, and how many visits of which wait came or went."""

    sums: list[int] = field(default_factory=lambda: [0] * len(_SUMS))
    waits: Counter[int] = field(default_factory=Counter)

    def add(self, other: _Change) -> None:
        self.sums = [one + more for one, more in zip(self.sums, other.sums, strict=True)]
        for wait, number in other.waits.items():
            self.waits[wait] += number

    def __bool__(self) -> bool:
        return any(self.sums) or any(self.waits.values())

    def longest(self, sign: int) -> int:
        """Return the longest wait that came (1) or went (-1)."""
        return max((wait for wait, number in self.waits.items() if number * sign > 0), default=0)


Changes = dict[Key, _Change]


def hold(company_id: int, *, alone: bool = False) -> None:
    """Until the end of the transaction let nobody rebuild the roll-ups; ``alone``: nor change them.

    On SQLite who writes is alone anyway.
    """
    if db.engine.dialect.name == "postgresql":
        digest = hashlib.blake2b(b"figures %d" % company_id, digest_size=8).digest()
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        db.session.execute(select(lock(int.from_bytes(digest, "big", signed=True))))


class Totals:
    """Collects visits that came and went; ``write`` changes the roll-ups by them.

    The visits themselves have been written before that. Days are cut in ``zone``: that in which
    those in the tables are, if none is given.
    """

    def __init__(self, company_id: int, zone: ZoneInfo | None = None) -> None:
        self.company_id = company_id
        if zone is None:
            hold(company_id)  # before one asks: it must stay so
            cut = select(Company.figures_timezone).where(Company.id == company_id)
            zone = ZoneInfo(db.session.scalar(cut) or "UTC")
        self.zone = zone
        self._changes: Changes = defaultdict(_Change)
        self._costs = costs.Costs(company_id, zone)

    def add(self, visits: Iterable[Mapping[str, Any]]) -> None:
        self._count(visits, 1)

    def take(self, visits: Iterable[Mapping[str, Any]]) -> None:
        self._count(visits, -1)

    def _count(self, visits: Iterable[Mapping[str, Any]], sign: int) -> None:
        for visit in visits:
            at = visit["started_at"]
            hour = at.replace(minute=0, second=0, microsecond=0)
            day, _ = day_of(at, self.zone)
            change = self._changes[(hour, day, *[visit[name] for name in _DIMENSIONS])]
            sums = change.sums
            for place, amount in _amounts(*[visit[name] for name in _VALUED]):
                sums[place] += sign * amount(visit)
            if wait := _LONGEST.amount(visit):
                change.waits[wait] += sign
            self._costs.count(visit, sign)

    def write(self) -> None:
        """Add the collected changes to the tables and forget them."""
        kept = {key: change for key, change in self._changes.items() if change}
        for table in ROLL_UPS:
            self._write(table, _gathered(kept, table))
        self._changes.clear()
        self._costs.write()

    def _write(self, table: Any, changes: Changes) -> None:
        named = {
            adding.row_id(table, self.company_id, key[0], key[1:]): key
            for key, change in changes.items()
            if change
        }
        if not named:
            return
        rows = [
            {
                "company_id": self.company_id,
                "id": row_id,
                **_named(table, named[row_id]),
                **dict(zip(_SUMS, changes[named[row_id]].sums, strict=True)),
                "longest_wait_s": changes[named[row_id]].longest(1),
            }
            for row_id in named
        ]
        adding.add(table, rows, tuple(_SUMS), "longest_wait_s")
        went = {row_id: changes[key].longest(-1) for row_id, key in named.items()}
        went = {
            row["id"]: went[row["id"]] for row in rows if went[row["id"]] > row["longest_wait_s"]
        }
        for part in chunks(list(went)):
            self._measure_again(table, {row_id: (named[row_id], went[row_id]) for row_id in part})

    def _measure_again(
        self, table: type[RollUp], rows: Mapping[uuid.UUID, tuple[Key, int]]
    ) -> None:
        """Look for the longest wait among the visits, where the longest was one that went."""
        own = (table.company_id == self.company_id, table.id.in_(list(rows)))
        for row_id, kept in db.session.execute(select(table.id, table.longest_wait_s).where(*own)):
            key, went = rows[row_id]
            if kept <= went:
                longest = db.session.scalar(self._longest(table, key))
                db.session.execute(
                    update(table)
                    .where(table.company_id == self.company_id, table.id == row_id)
                    .values(longest_wait_s=longest)
                    .execution_options(synchronize_session=False)
                )

    def _longest(self, table: type[RollUp], key: Key) -> Any:
        start = key[0]
        end = start + _HOUR if table.unit == "hour" else day_of(start, self.zone)[1]
        given = zip(table.dimensions, key[1:], strict=True)
        return select(_LONGEST.total(Visit)).where(
            Visit.company_id == self.company_id,
            Visit.started_at >= start,
            Visit.started_at < end,
            *(getattr(Visit, name) == value for name, value in given),
        )


@cache
def _amounts(*values: Any) -> list[tuple[int, Callable[[Mapping[str, Any]], int]]]:
    """Return the figures that visits with these values of ``_VALUED`` can add something to."""
    given = dict(zip(_VALUED, values, strict=True)).items()
    return [
        (place, figure.amount)
        for place, figure in enumerate(_SUMS.values())
        if figure.values.items() <= given
    ]


def _gathered(changes: Changes, table: type[RollUp]) -> Changes:
    """Sum up by the columns of one table; visits without one that it needs are none of its."""
    start = 0 if table.unit == "hour" else 1
    places = [start, *(2 + _DIMENSIONS.index(name) for name in table.dimensions)]
    columns = table.__table__.c  # type: ignore[attr-defined]  # mapped
    needed = [2 + _DIMENSIONS.index(n) for n in table.dimensions if not columns[n].nullable]
    coarser: Changes = defaultdict(_Change)
    for key, change in changes.items():
        if all(key[place] is not None for place in needed):
            coarser[tuple(key[place] for place in places)].add(change)
    return coarser


def _named(table: type[RollUp], key: Key) -> Row:
    return dict(zip(("starts_at", *table.dimensions), key, strict=True))
