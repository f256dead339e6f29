"""Tables of calls of any other system, read as a layout says: which column is what, and how.

The layout is part of the kind that evidence is kept with, ``layout:<its id>-<version>``: what was
read once is read the same way for ever. A row is one line; ends of lines within a cell have become
blanks before (:mod:`portal.calls.layouts.arrival`).
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from portal.calls.layouts.settings import IDS, LEFT_OUT, PREFIX, Settings
from portal.calls.sources import cells
from portal.calls.sources.cells import CellError, Moments
from portal.calls.sources.records import Parsed, Told, Verdict

FAMILY = "layout"
_KEY_LENGTH = 140
_NEAR_S = 1800
_LAST = 1 << 40


class TableRow(NamedTuple):
    """What one row says. Times are UTC seconds: one, or two where the local clock went back."""

    version: int
    starts: Moments
    answers: Moments
    ends: Moments
    result: str  # one of RESULTS, LEFT_OUT, or "": to be told from the times
    direction: str
    queue: str
    agent: str
    number: str
    name: str
    did: str
    account: str
    tag: str
    external_id: str
    wait: int | None
    talk: int | None


class TableFormat:
    """One version of one layout, as a format."""

    LABEL = "CSV"
    TELLS_OF_OPERATORS = False

    def __init__(self, layout: str, version: int, settings: Settings) -> None:
        self.layout, self.version, self.settings = layout, version, settings
        self._encoding = settings.encoding.removesuffix("-sig")
        self.KIND = f"{PREFIX}{layout}-{version}"

    def recognises(self, lines: list[bytes]) -> bool:
        return False  # a table is read as somebody says, never as it looks

    def parse(self, raw: bytes) -> Parsed:
        """Judge and read one row, without its line feed."""
        raw = raw.removesuffix(b"\r")
        try:
            texts = self.split(raw)
            if self.is_header(texts) or not any(map(str.strip, texts)):
                return Parsed(Verdict.BLANK)
            row, reason = self._row(texts)
        except CellError as error:
            return Parsed(Verdict.MALFORMED, str(error))
        own, of_row = self._keys(row, raw)
        told = Told(FAMILY, f"{self.layout}:{own}", None, self._start(row), row)
        # A row that is read anew by a later version of the layout counts anew.
        key = f"{self.KIND}\0{own}".encode()
        verdict = Verdict.UNKNOWN if reason else Verdict.OK
        if of_row:
            return Parsed(verdict, reason, told, content=key)
        return Parsed(verdict, reason, told, key)

    def split(self, raw: bytes) -> list[str]:
        text = raw.decode(self._encoding, "backslashreplace")
        if '"' not in text:
            return text.split(self.settings.delimiter)
        text = text.replace("\r", " ")
        try:
            return next(csv.reader([text], delimiter=self.settings.delimiter, strict=True), [])
        except csv.Error:
            raise CellError("quotes do not match") from None

    def is_header(self, texts: list[str]) -> bool:
        header = self.settings.header
        if not header or cells.clean(texts[0]) != header[0]:
            return False
        return header == tuple(map(cells.clean, texts))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    def _row(self, texts: list[str]) -> tuple[TableRow, str]:
        """Read a row; the reason tells what in it is not understood."""
        settings, columns = self.settings, self.settings.columns
        if max(columns.values(), default=0) >= len(texts) or any(texts[settings.width :]):
            raise CellError(f"{len(texts)} columns, not {settings.width}")

        def text(role: str) -> str:
            return cells.clean(texts[columns[role]]) if role in columns else ""

        times = self._times(text)
        outcome, direction, reason = text("outcome").casefold(), text("direction").casefold(), ""
        result = settings.outcomes.get(outcome, "")
        if "outcome" in columns and outcome not in settings.outcomes:
            reason = _at(columns["outcome"], "the layout does not say what this outcome means")
        if "direction" in columns and direction not in settings.directions:
            reason = _at(columns["direction"], "the layout does not say what this direction means")
        number = text("number")
        if cells.is_rounded(number) and result != LEFT_OUT:
            number, reason = "", _at(columns["number"], "a spreadsheet has rounded this number")
        row = TableRow(
            version=self.version,
            **times,
            result=result,
            direction=settings.directions.get(direction, settings.direction),
            queue=text("queue"),
            agent=text("agent"),
            number=cells.number(number)[:128],
            name=text("name")[:255],
            did=cells.number(text("did"))[:128],
            account=text("account")[:100],
            tag=text("tag")[:100],
            external_id=self._id(text),
            wait=self._lasting("wait", text("wait"), settings.wait_unit),
            talk=self._lasting("talk", text("talk"), settings.talk_unit),
        )
        return row, reason

    def _times(self, text: Any) -> dict[str, Moments]:
        """Read the three times; those without a day are of the day of the start, or of the next."""
        day = self._in("date", cells.day_of, text("date"), self.settings.date_order)
        start = self._local("start", text("start") or ("" if day is None else text("date")), day)
        if start is None:
            raise CellError(_at(self.settings.columns.get("start"), "no start time"))
        found = {"starts": self._utc("start", start)}
        for role, name in (("answer", "answers"), ("end", "ends")):
            local = self._local(role, text(role), day, after=start)
            found[name] = () if local is None else self._utc(role, local)
        return found

    def _local(
        self, role: str, text: str, day: int | None, after: cells.Local | None = None
    ) -> cells.Local | None:
        settings = self.settings
        return self._in(role, cells.moment, text, settings.date_order, settings.clock, day, after)

    def _utc(self, role: str, local: cells.Local) -> Moments:
        return self._in(role, cells.utc, local, self._zone)

    def _lasting(self, role: str, text: str, unit: str) -> int | None:
        return self._in(role, cells.seconds, text, unit, self.settings.decimal_comma)

    def _id(self, text: Any) -> str:
        columns = self.settings.columns
        parts = {columns[role]: text(role) for role in IDS if role in columns}
        for column, part in parts.items():
            if cells.is_rounded(part):
                raise CellError(_at(column, "a spreadsheet has rounded this number"))
        return "/".join(parts.values()) if any(parts.values()) else ""

    def _in(self, role: str, read: Any, *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except CellError as error:
            raise CellError(_at(self.settings.columns.get(role), str(error))) from None

    def _keys(self, row: TableRow, raw: bytes) -> tuple[str, bool]:
        """Return by what a row is known again, and whether that is the whole of it."""
        if row.external_id and len(row.external_id) < _KEY_LENGTH - 40:
            return f"={row.external_id}", False
        content = row.external_id.encode("utf-8", "surrogatepass") or raw
        return hashlib.blake2b(content, digest_size=16).hexdigest(), not row.external_id

    @staticmethod
    def _start(row: TableRow) -> int:
        """Return when a call began; where the clock told that time twice, its end may tell."""
        lasting = (row.wait or 0) + (row.talk or 0)
        if len(row.starts) == 2 and len(row.ends) == 1 and lasting:
            fits = [start for start in row.starts if _fits(row, start, lasting)]
            return fits[0] if len(fits) == 1 else row.starts[0]
        return row.starts[0]


def _fits(row: TableRow, start: int, lasting: int) -> bool:
    return abs(row.ends[0] - start - lasting) < _NEAR_S


def _at(column: int | None, reason: str) -> str:
    return reason if column is None else f"column {column + 1}: {reason}"


def settled(parsed: list[Parsed]) -> list[Parsed]:
    """Tell the hour that comes twice by the order of rows, where they are in order of time."""
    places = [place for place, one in enumerate(parsed) if isinstance(one.record, Told)]
    times = [_told(parsed[place]).at for place in places]
    if all(len(_told(parsed[place]).facts.starts) == 1 for place in places):
        return parsed
    sure = [
        _told(parsed[place]).facts.starts[0]
        for place in places
        if len(_told(parsed[place]).facts.starts) == 1
    ]
    if sure != sorted(sure):
        places.reverse()
        times.reverse()
        if sure[::-1] != sorted(sure):
            return parsed
    result, before = list(parsed), 0
    for place, at in zip(places, times, strict=True):
        told = _told(parsed[place])
        latest = max(told.facts.ends, default=_LAST)
        after = [start for start in told.facts.starts if max(before, at) <= start <= latest]
        before = after[0] if after else at
        if before != told.at:
            result[place] = replace(parsed[place], record=replace(told, at=before))
    return result


def _told(parsed: Parsed) -> Told:
    return cast(Told, parsed.record)
