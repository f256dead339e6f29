"""Rows of tables: each of them is one call with one visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from portal.calls.built import BuiltCall, BuiltVisit
from portal.calls.layouts.settings import LEFT_OUT
from portal.calls.sources.cells import Moments
from portal.calls.sources.layout import TableRow
from portal.calls.sources.records import Told


def build(told: Sequence[Told], zone: ZoneInfo) -> list[BuiltCall]:
    """Build the calls of some rows. A row that later versions of its layout read is as they say."""
    threads: dict[str, dict[int, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for one in told:
        threads[one.thread][one.facts.version].append(one)
    return [
        _call(one, f"{thread}#{number}" if number > 1 else thread)
        for thread, versions in threads.items()
        for number, one in enumerate(_newest(versions.values()), 1)
        if one.facts.result != LEFT_OUT
    ]


def _newest(versions: Iterable[list[Told]]) -> list[Told]:
    """Return each of equal rows once, as the newest version that has it reads it."""
    newest: list[Told] = []
    for rows in sorted(versions, key=lambda rows: -rows[0].facts.version):
        newest += sorted(rows, key=lambda one: one.at)[len(newest) :]
    return newest


def _call(told: Told, key: str) -> BuiltCall:
    row: TableRow = told.facts
    answer = _since(told.at, row.answers)
    end = _since(told.at if answer is None else answer, row.ends)
    result = row.result or _result(row, answer)
    answered = result == "answered"
    waited_until = row.answers if answered else row.ends
    wait = row.wait if row.wait is not None else _between(row.starts, waited_until)
    talk = row.talk if row.talk is not None else _between(row.answers, row.ends)
    if answered and answer is None:
        answer = told.at + (wait or 0)
    if end is None:
        end = (answer or 0) + (talk or 0) if answered else told.at + (wait or 0)
    visit = BuiltVisit(
        key=key,
        kind="queue" if row.queue else "direct",
        started=told.at,
        queue=row.queue or None,
        agent=row.agent or None,
        answered=answer if answered else None,
        ended=end,
        result=result,
        wait=wait,
        talk=talk if answered else None,
        tags={row.tag} if row.tag else set(),
    )
    visit.put_in_order()
    return BuiltCall(
        key=key,
        threads=frozenset({told.thread, key}),
        started=told.at,
        ended=visit.ended,
        direction=row.direction,
        number=row.number,
        caller_name=row.name,
        did=row.did or None,
        trunk=None,
        account=row.account,
        context="",
        user_field=row.external_id[:255],
        result=result,
        wait=visit.wait,
        talk=visit.talk,
        visits=[visit],
    )


def _result(row: TableRow, answer: int | None) -> str:
    if answer is not None or row.talk:
        return "answered"
    return "abandoned" if row.queue and row.direction == "in" else "no_answer"


def _since(begun: int, moments: Moments) -> int | None:
    """Return the first of the instants that is not before ``begun``; if none is, the last."""
    return next((at for at in moments if at >= begun), moments[-1]) if moments else None


def _between(first: Moments, last: Moments) -> int | None:
    """Return the time between two instants, where the local clock told each of them once."""
    if len(first) == len(last) == 1 and 0 <= last[0] - first[0] < 86_400:
        return last[0] - first[0]
    return None
