"""``python -m benchmarks.exports [visits] [database]``: the memory that downloads of raw rows take.

The call log as a report, written as the background job writes it, each format in a process of its
own: by how much its memory grew beyond that of the portal at rest. A download of fewer rows shows
whether it grows with them.
"""

from __future__ import annotations

import itertools
import resource
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice

from werkzeug.datastructures import MultiDict

from benchmarks import stores
from benchmarks.stores import Store
from benchmarks.viewers import viewers
from benchmarks.world import END, World
from portal import languages
from portal.access.identity import assume, identity_by_id
from portal.reports import asked as asking
from portal.reports import downloads
from portal.reports.registry import REPORTS

HEAD = "format | rows | file, MB | memory beyond the base, MB"
ROWS = (50_000, 1_000_000)
_MB = 1024 * 1024


def written(url: str, viewer_id: str, format: str, most: int) -> str:
    """Write a file of rows in this process; return what it took."""
    store = Store("", url, "")
    days = {"from": END.date().replace(year=END.year - 2), "to": END.date()}
    arguments = MultiDict({"period": "custom", **{name: str(day) for name, day in days.items()}})
    app = store.portal()
    with app.app_context():
        identity = identity_by_id(1, uuid.UUID(viewer_id))
    assert identity is not None
    with app.test_request_context("/"), tempfile.TemporaryFile() as file:
        assume(identity)
        asked = asking.read(REPORTS["call-log"], arguments, timezone=languages.timezone())
        base = _highest()
        headings, lines = downloads.of_rows(asked, None)

        downloads.write(format, file, headings, islice(lines, most))
        return f"{file.tell() / _MB:,.0f} | {(_highest() - base) / _MB:,.0f}"


def _highest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def rows(store: Store, world: World) -> Iterator[tuple[str, str, str]]:
    """Yield each format, how many rows were written, and what they took."""
    viewer = next(one for one in viewers(world) if one.sees_all)
    for format, most in itertools.product(downloads.FORMATS, ROWS):
        given = ", ".join(map(repr, (store.url, viewer.id, format, most)))
        call = f"from benchmarks import exports; print(exports.written({given}))"
        made = subprocess.run(
            [sys.executable, "-c", call], capture_output=True, text=True, check=True
        )
        yield format, f"{most:,}", made.stdout.strip()


def main(size: int, names: Sequence[str] = ()) -> None:
    world, opened = stores.opened(size, *names)
    for store in opened:
        print(f"\n## {store.name}, {size:,} visits: downloads\n\n| {HEAD} |\n|---|---|---|---|")
        for row in rows(store, world):
            print("|", " | ".join(row), "|", flush=True)


if __name__ == "__main__":
    main(*stores.asked(sys.argv[1:]))
