"""CPU time, which other programs on the machine do not disturb, and buffers read."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Clock:
    """Counts the CPU time of this process and of a backend of PostgreSQL, in microseconds."""

    def __init__(self, backend: int | None = None) -> None:
        self._schedstat = Path(f"/proc/{backend}/schedstat") if backend else None

    def __call__(self, work: Callable[[], Any]) -> tuple[float, Any]:
        """Return how long ``work`` was on a CPU, and what it returned."""
        start = self._now()
        result = work()
        return (self._now() - start) / 1000, result

    def _now(self) -> int:
        other = int(self._schedstat.read_text().split()[0]) if self._schedstat else 0
        return time.process_time_ns() + other


def buffers(cursor: Any, statement: str, parameters: Any) -> int:
    """Return how many pages PostgreSQL touches for a statement."""
    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
    plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
