"""The chain: each entry of a company carries a hash that covers the entry before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from portal.audit.models import AuditEntry, AuditHead
from portal.database import insert_for, new_id

_FIRST = "0" * 64
_ENTRIES, _HEADS = AuditEntry.__table__, AuditHead.__table__
# A fixed list: a column that is added one day is not covered by the hashes from before it.
_HASHED = (
    "company_id", "id", "project_id", "seq", "at", "actor_id", "actor_name", "on_behalf_of",
    "address", "request_id", "action", "kind", "object_id", "object_name", "change_id", "before",
    "after", "detail", "search", "prev_hash",
)  # fmt: skip


def append(connection: Connection, company_id: int, rows: list[dict[str, Any]]) -> None:
    """Add ``rows`` behind the company's last entry; the next writer waits until the commit."""
    seq, last = _head(connection, company_id)
    written = []
    for row in rows:
        seq += 1
        entry = {**row, "company_id": company_id, "id": new_id(), "seq": seq, "prev_hash": last}
        last = entry["hash"] = entry_hash(entry)
        written.append(entry)
    connection.execute(insert(AuditEntry.__table__), written)
    connection.execute(
        update(_HEADS).where(_HEADS.c.company_id == company_id).values(seq=seq, hash=last)
    )


def _head(connection: Connection, company_id: int) -> tuple[int, str]:
    """Return the last entry's number and hash, locked; make the head of a new company."""
    locked = (
        select(_HEADS.c.seq, _HEADS.c.hash)
        .where(_HEADS.c.company_id == company_id)
        .with_for_update()
    )
    found = connection.execute(locked).first()
    if found is None:
        first = insert_for(connection.dialect.name, _HEADS)
        first = first.values(company_id=company_id, seq=0, hash=_FIRST)
        connection.execute(first.on_conflict_do_nothing())
        found = connection.execute(locked).one()
    return found.seq, found.hash


def entry_hash(entry: Mapping[Any, Any]) -> str:
    """Return the SHA-256 of an entry without its own hash."""
    values = [entry["at"].isoformat() if name == "at" else entry[name] for name in _HASHED]
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(connection: Connection, company_id: int) -> tuple[int, str | None]:
    """Go along a company's chain: return how many entries are sound, and the first fault."""
    last, seq = _FIRST, 0
    chain = select(_ENTRIES).where(_ENTRIES.c.company_id == company_id).order_by(_ENTRIES.c.seq)
    with connection.execute(chain.execution_options(yield_per=1000)) as rows:
        for row in rows.mappings():
            if row["seq"] != seq + 1:
                return seq, f"entry {seq + 1} is missing"
            if row["prev_hash"] != last or entry_hash(row) != row["hash"]:
                return seq, f"entry {seq + 1} was changed"
            seq, last = seq + 1, row["hash"]
    head = connection.execute(
        select(_HEADS.c.seq, _HEADS.c.hash).where(_HEADS.c.company_id == company_id)
    ).first()
    if (tuple(head) if head else (0, _FIRST)) != (seq, last):
        return seq, f"entries after {seq} are missing, or the head was changed"
    return seq, None
