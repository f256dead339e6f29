"""All calls of three months of a bank, where its data are at hand.

On one database, as it takes a minute; ``benchmarks/bank.py`` holds the same totals on both.
"""

from __future__ import annotations

import gzip

import pytest
from sqlalchemy import func, select

from portal.calls.importing import Upload, import_files
from portal.calls.layouts import arrival
from portal.calls.layouts.models import CallLayout
from portal.calls.models import Call, Visit
from portal.calls.operations import create_source
from portal.database import name_key
from portal.extensions import db
from portal.wall.scope import current
from tests.calls.logs import SHARED
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.factories import building, company

BANK = SHARED / "anonymousbank" / "calls_1999_01_02_10.csv.gz"
HEADER = (
    "month,line_no,vru_line,call_id,customer,priority,type,date,vru_entry,vru_exit,vru_time,"
    "q_start,q_exit,q_time,outcome,ser_start,ser_exit,ser_time,server"
)
COLUMNS = HEADER.split(",")
SETTINGS = {
    "timezone": "Asia/Jerusalem",
    "header": COLUMNS,
    "width": len(COLUMNS),
    "date_order": "ymd",
    "columns": {
        "date": COLUMNS.index("date"),
        "start": COLUMNS.index("vru_entry"),
        "answer": COLUMNS.index("ser_start"),
        "end": COLUMNS.index("ser_exit"),
        "wait": COLUMNS.index("q_time"),
        "talk": COLUMNS.index("ser_time"),
        "outcome": COLUMNS.index("outcome"),
        "queue": COLUMNS.index("type"),
        "agent": COLUMNS.index("server"),
        "id": COLUMNS.index("date"),
        "id_2": COLUMNS.index("vru_line"),
        "id_3": COLUMNS.index("call_id"),
    },
    "outcomes": {"agent": "answered", "hang": "abandoned", "phantom": "leave_out"},
}


@pytest.mark.skipif(not BANK.exists(), reason="the data of the bank are not at hand")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_all_calls_of_a_bank(app, tmp_path):
    path = tmp_path / "bank.csv"
    with gzip.open(BANK) as packed:
        path.write_bytes(packed.read())
    with building(app):
        company()
        source = create_source(current().company_id, "Bank", "Asia/Jerusalem")
        layout = CallLayout(
            company_id=source.company_id,
            source_id=source.id,
            name="Bank",
            name_key=name_key("Bank"),
            versions=[SETTINGS],
        )
        db.session.add(layout)
        db.session.commit()
        arrival.write_rows(path, path, ",", "utf-8-sig")
        run = import_files(source, [Upload(path, "bank.csv", layout.kind)])
        assert (run.lines_read, run.lines_ok, run.lines_blank) == (99_567, 99_566, 1)
        assert run.calls_new == 98_901
        query = select(Visit.result, func.count(Visit.id)).group_by(Visit.result)
        assert dict(db.session.execute(query).all()) == {"answered": 85_083, "abandoned": 13_818}
        assert db.session.scalar(select(func.count(Call.id))) == 98_901
        waits = select(func.avg(Visit.wait_s)).where(Visit.wait_s > 0)
        assert round(db.session.scalar(waits)) == 73
        talks = select(func.avg(Visit.talk_s)).where(Visit.result == "answered")
        assert round(db.session.scalar(talks)) == 180
        assert_totals_are_of_the_visits()
