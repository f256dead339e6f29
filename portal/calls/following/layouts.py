"""Which tables tell of calls, by what time their rows stand, and how a row becomes a piece."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.calls.sources import (
    FORMATS,
    asterisk_cdr_row,
    asterisk_queue_log_row,
)
from portal.calls.sources.records import text_of
from portal.calls.sources.rows import canonical

# By table: the format of its rows, the columns that it must have, those it may stand in time by.
_VICIDIAL = ("vicidial_row", {"call_date"}, ("call_date",))
_TABLES: dict[str, tuple[str, set[str], tuple[str, ...]]] = {
    "cdr": (asterisk_cdr_row.KIND, asterisk_cdr_row.COLUMNS, ("calldate", "start")),
    "queue_log": (asterisk_queue_log_row.KIND, asterisk_queue_log_row.COLUMNS, ("time",)),
    "v_xml_cdr": ("fusionpbx_rows", {"xml_cdr_uuid"}, ("start_stamp", "start_epoch")),
    "vicidial_agent_log": ("vicidial_row", {"event_time"}, ("event_time",)),
    "vicidial_user_log": ("vicidial_row", {"event_epoch"}, ("event_date",)),
    **dict.fromkeys(("vicidial_log", "vicidial_closer_log", "vicidial_did_log"), _VICIDIAL),
    **dict.fromkeys(("vicidial_carrier_log", "vicidial_xfer_log"), _VICIDIAL),
}
STATUSES = ("vicidial_statuses", "vicidial_campaign_statuses")
# What a status means, as those tables say.
_MEANS = ("human_answered", "customer_contact", "sale")


@dataclass(frozen=True)
class Layout:
    """One table as it is in a database. Its times are texts here, to the second."""

    kind: str
    name: str
    clock: str
    columns: tuple[str, ...]
    as_text: bool  # its clock is text
    as_number: bool  # its clock counts seconds
    as_utc: bool  # its clock knows its zone

    @staticmethod
    def may_be(name: str) -> bool:
        known = _TABLES.get(name.lower())
        return known is not None and known[0] in FORMATS

    @property
    def of_vicidial(self) -> bool:
        return self.kind == _VICIDIAL[0]

    def rows_since(self, second: str) -> sa.Select[Any]:
        """Select all rows since a second, or all, in the order of their times."""
        clock: sa.ColumnElement[Any] = sa.column(self.clock)
        columns: list[Any] = [sa.column(name) for name in self.columns]
        query = sa.select(*columns).select_from(sa.table(self.name))
        query = query.where(clock.is_not(None)).order_by(clock)
        return query.where(clock >= self._bound(second)) if second else query

    def _bound(self, second: str) -> sa.ColumnElement[Any]:
        if self.as_number:
            return sa.literal(int(second), sa.BigInteger)
        if self.as_text or second.startswith("0000-"):
            return sa.literal(second, sa.String)
        return sa.literal(dt.datetime.fromisoformat(second), sa.DateTime(timezone=self.as_utc))

    def second(self, value: Any) -> str:
        """Return the time of a row to the second, as a text that sorts."""
        if isinstance(value, dt.datetime):
            return value.isoformat(" ", "seconds")
        text = _plain(value) if not isinstance(value, str) else value
        return str(text).partition(".")[0][:19]

    def shifted(self, second: str, by: int) -> str:
        """Return a time so many seconds later; "" for one that cannot be read."""
        try:
            if second.isdecimal():
                return f"{max(0, int(second) + by):0{len(second)}}"
            time = dt.datetime.fromisoformat(second) + dt.timedelta(seconds=by)
        except (ValueError, OverflowError):
            return ""
        return time.isoformat(second[10:11] or " ", "seconds")

    def now(self, zone: ZoneInfo) -> str:
        """Return what such a table would say now."""
        if self.as_number:
            return str(int(dt.datetime.now(dt.UTC).timestamp()))
        if self.as_utc:
            return dt.datetime.now(dt.UTC).isoformat(" ", "seconds")
        return dt.datetime.now(zone).replace(tzinfo=None).isoformat(" ", "seconds")


def layout_of(name: str, columns: Sequence[Mapping[str, Any]], dialect: str) -> Layout | None:
    """Tell how a table is read; None for one that only has such a name."""
    kind, needed, clocks = _TABLES[name.lower()]
    by_name = {column["name"].lower(): column for column in columns}
    clock = next((by_name[one] for one in clocks if one in by_name), None)
    if clock is None or not by_name.keys() >= needed:
        return None
    number = isinstance(clock["type"], sa.Numeric | sa.Integer)
    stamp = isinstance(clock["type"], sa.DateTime) and dialect != "sqlite"
    return Layout(
        kind=kind,
        name=name,
        clock=clock["name"],
        columns=tuple(column["name"] for column in columns),
        as_text=not number and not stamp,
        as_number=number,
        as_utc=stamp and bool(clock["type"].timezone),
    )


class Meanings:
    """What statuses mean, of a VICIdial: told with each row that has one."""

    def __init__(self, connection: sa.Connection, layouts: Sequence[Layout]) -> None:
        self._known: dict[tuple[str, str], dict[str, Any]] = {}
        if any(layout.of_vicidial for layout in layouts):
            inspector = sa.inspect(connection)
            for table in STATUSES:
                if inspector.has_table(table):
                    self._read(connection, table)

    def _read(self, connection: sa.Connection, table: str) -> None:
        query = sa.select(sa.text("*")).select_from(sa.table(table)).limit(100_000)
        for row in connection.execute(query).mappings():
            means = {name: _plain(row[name]) for name in _MEANS if name in row}
            self._known[str(row.get("campaign_id", "")), str(row["status"])] = means

    def of(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        status = str(row.get("status") or "")
        own = self._known.get((str(row.get("campaign_id")), status))
        return own or self._known.get(("", status), {})


def told(row: Mapping[str, Any], layout: Layout, zone: ZoneInfo, meanings: Meanings) -> bytes:
    """Return a row as canonical JSON."""
    fields = {name: _plain(value) for name, value in row.items()}
    if layout.kind == asterisk_queue_log_row.KIND:
        fields["zone"] = zone.key
    elif layout.of_vicidial:
        fields |= {"table": layout.name.lower(), **meanings.of(row)}
    return canonical(fields)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; a time has no zone where it had none."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return text_of(bytes(value))
    return value
