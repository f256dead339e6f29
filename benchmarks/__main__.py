"""``python -m benchmarks [visits]``: the call log against SQL written by hand, in one run.

Ratios are the result: CPU of the client and of the database's backend, medians of several rounds
that are interleaved at random, results compared row by row.
"""

from __future__ import annotations

import os
import sys

from benchmarks import figures, pages, stores

SIZES = {"": 1_000_000, "large": 10_000_000}


def main(size: int) -> None:
    world, opened = stores.opened(size)
    for store in opened:
        print(f"\n## {store.name}, {size:,} visits: pages\n")
        print("| viewer | page | ours, µs | by hand, µs | ratio |\n|---|---|---|---|---|")
        for case in pages.measure(store, world):
            hand = case.median(case.best())
            row = (case.viewer.name, case.page.name, f"{case.median('ours'):.0f}", f"{hand:.0f}")
            print("|", " | ".join((*row, f"{case.ratio():.2f}")), "|", flush=True)
        print(f"\n## {store.name}: totals\n\n| viewer | total | µs |\n|---|---|---|")
        for total in figures.measure(store, world):
            print(f"| {total.viewer} | {total.what} | {total.ours:.0f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SIZES[os.environ.get("BENCH", "")])
