"""Taking in what is new in the tables of a source's database."""

from __future__ import annotations

from sqlalchemy import select, update

from portal.calls.evidence import CallSource, EvidenceFile
from portal.calls.feeding import feed
from portal.calls.following.tables import Tables
from portal.connections import only_reading
from portal.extensions import db


def take(tables: Tables, source: CallSource) -> bool:
    """Take in what is new; tell whether there was anything. Commits batch by batch."""
    own = (EvidenceFile.company_id == source.company_id, EvidenceFile.source_id == source.id)
    query = select(EvidenceFile.name, EvidenceFile.position).where(*own)
    found = False
    with only_reading():  # nobody waits for us while the exchange's database is read
        positions = {row.name: row.position for row in db.session.execute(query) if row.position}
    for batch in tables.new(positions):
        feed(source, batch.kind, batch.table, batch.rows, reread=True)
        db.session.execute(
            update(EvidenceFile)
            .where(*own, EvidenceFile.kind == batch.kind, EvidenceFile.name == batch.table)
            .where(EvidenceFile.fingerprint == "")
            .values(position=batch.position)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        found = True
    return found
