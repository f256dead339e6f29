"""``python -m benchmarks [visits]``: the call log against SQL written by hand, in one run.

Ratios are the result: CPU of the client and of the database's backend, medians of several rounds
that are interleaved at random, results compared row by row. Then all other pages, in a company of
10 projects and in one of 300: ``python -m benchmarks.portal_pages`` measures only these,
``python -m benchmarks.reports`` and ``python -m benchmarks.exports`` only the reports and their
downloads, ``python -m benchmarks.imports`` the imports of tables,
``python -m benchmarks.formats`` the formats of calls, ``python -m benchmarks.bank`` the import of
all calls of a bank, and ``python -m benchmarks.receiving`` the intake of calls by HTTP.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

from benchmarks import (
    exports,
    figures,
    formats,
    intake,
    pages,
    portal_pages,
    receiving,
    reports,
    stores,
    wall,
    whole,
)
from benchmarks.stores import Store
from benchmarks.world import World

SIZES = {"": 1_000_000, "large": 10_000_000}


def main(size: int) -> None:
    world, opened = stores.opened(size)
    for store in opened:
        title = f"{store.name}, {size:,} visits"
        _table(f"{title}: the query of a page", _PAGES, _pages(store, world))
        _table(f"{title}: the whole page", _WHOLE, _whole(store, world))
        _table(f"{title}: totals", _TOTALS, _totals(store, world))
        _table(f"{title}: reports", reports.HEAD, reports.rows(reports.measure(store, world)))
        _table(f"{title}: downloads", exports.HEAD, exports.rows(store, world))
        _table(f"{store.name}: import", _IMPORT, _import(store))
        _table(f"{store.name}: one row by its key", _WALL, _wall(store))
        for table in portal_pages.tables(store):
            _table(*table)
    _table("Formats of calls", formats.HEAD, formats.rows())
    _table("Calls sent by HTTP", receiving.HEAD, receiving.rows())


_PAGES = "viewer | page | ours, µs | by hand, µs | ratio | with policies | naive | buffers"


def _pages(store: Store, world: World) -> Iterable[tuple[Any, ...]]:
    for case in pages.measure(store, world):
        hand = case.median(case.best())
        behind = f"{case.ratio('walled'):.2f}" if store.name == "PostgreSQL" else "–"
        read = f"{case.buffers['ours']} : {case.buffers['floor']}" if case.buffers else "–"
        ours, naive = case.median("ours"), case.median("naive")
        ratio, times = f"{case.ratio():.2f}", f"{naive / hand:.1f}"
        yield case.viewer.name, case.page.name, _us(ours), _us(hand), ratio, behind, times, read


_WHOLE = (
    "viewer | period | only its rows, µs | all its queries, µs | page, µs | ratio to all | to rows"
)


def _whole(store: Store, world: World) -> Iterable[tuple[Any, ...]]:
    for viewer, periods in whole.measure(store, world).items():
        for period, (rows, queries, page) in periods.items():
            ratios = f"{page / queries:.2f}", f"{page / rows:.2f}"
            yield viewer, period, _us(rows), _us(queries), _us(page), *ratios


_TOTALS = "viewer | total | from roll-ups, µs | from the visits by hand, µs | ratio"


def _totals(store: Store, world: World) -> Iterable[tuple[Any, ...]]:
    for one in figures.measure(store, world):
        raw = (_us(one.raw), f"{one.raw / one.ours:.1f}") if one.raw else ("–", "–")
        yield one.viewer, one.what, _us(one.ours), *raw


_IMPORT = "visits | rows a CPU second | bare rows a CPU second | ratio"


def _import(store: Store) -> Iterable[tuple[Any, ...]]:
    visits, ours, bare = intake.measure(store)
    yield visits, _us(ours), _us(bare), f"{ours / bare:.2f}"


_WALL = "viewer | without the wall, µs | with it, µs | more, µs"


def _wall(store: Store) -> Iterable[tuple[Any, ...]]:
    for viewer, without, walled in wall.measure(store):
        yield viewer, _us(without), _us(walled), _us(walled - without)


def _us(value: float) -> str:
    return f"{value:,.0f}"


def _table(title: str, head: str, rows: Iterable[tuple[Any, ...]]) -> None:
    print(f"\n## {title}\n\n| {head} |\n|{'---|' * (head.count('|') + 1)}")
    for row in rows:
        print("|", " | ".join(map(str, row)), "|", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SIZES[os.environ.get("BENCH", "")])
