"""How long waits and talks took: in bands, and their average, median and 90th percentile."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_

from portal.calls.models import Visit
from portal.reports.terms import Measure, Sum

WAIT_BANDS = (10, 20, 30, 60, 120)
TALK_BANDS = (30, 60, 180, 300, 600)


def _mean(values: Counter[int]) -> float | None:
    number = values.total()
    return sum(value * times for value, times in values.items()) / number if number else None


def _percentile(values: Counter[int], percent: int) -> int | None:
    """Return the smallest value that so many percent of all do not exceed (nearest rank)."""
    rank, passed = -(-values.total() * percent // 100), 0
    for value in sorted(values):
        passed += values[value]
        if passed >= rank:
            return value
    return None


def _bands(name: str, column: Any, among: Any, bounds: tuple[int, ...]) -> list[Measure]:
    """Return a count for each band: (…10], (10…20] and so on, and what is longer than all."""
    measures = []
    for low, high in zip((None, *bounds), (*bounds, None), strict=True):
        limits = ([column > low] if low else []) + ([column <= high] if high else [])
        where = and_(among, column.is_not(None), *limits)
        label = _l("≤ %(num)d s", num=high) if high else _l("> %(num)d s", num=low)
        told = (
            _l("Calls of at most %(num)d seconds, above the band before.", num=high)
            if high
            else _l("Calls of more than %(num)d seconds.", num=low)
        )
        one = Sum(f"{name}_{high or 'more'}", where)
        measures.append(Measure(f"{name}_{high or 'more'}", label, told, (one,)))
    return measures


def _measures(name: str, column: Any, among: Any, bounds: tuple[int, ...]) -> tuple[Measure, ...]:
    values = Sum(f"{name}_values", and_(among, column.is_not(None)), column, how="values")
    every = Sum(f"{name}_all", and_(among, column.is_not(None)))

    def told(key: str, label: Any, definition: Any, value: Any) -> Measure:
        return Measure(
            f"{name}_{key}",
            label,
            definition,
            (values,),
            unit="duration",
            value=lambda sums: value(sums[values.name]),
            behind=every,
        )

    return (
        Measure(f"{name}_all", _l("Calls"), _l("Calls whose length is known."), (every,)),
        *_bands(name, column, among, bounds),
        told("mean", _l("Average"), _l("All lengths together, divided by the calls."), _mean),
        told(
            "median",
            _l("Median"),
            _l("Half of the calls took at most so long."),
            lambda found: _percentile(found, 50),
        ),
        told(
            "p90",
            _l("90th percentile"),
            _l("Nine of ten calls took at most so long."),
            lambda found: _percentile(found, 90),
        ),
        told(
            "longest",
            _l("Longest"),
            _l("The longest of all."),
            lambda found: max(found, default=None),
        ),
    )


def _named(name: str, bounds: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"{name}_{bound}" for bound in (*bounds, "more"))


WAITS = _measures("wait", Visit.wait_s, Visit.kind == "queue", WAIT_BANDS)
TALKS = _measures("talk", Visit.talk_s, Visit.result == "answered", TALK_BANDS)
BANDS_OF_WAITS, BANDS_OF_TALKS = _named("wait", WAIT_BANDS), _named("talk", TALK_BANDS)
