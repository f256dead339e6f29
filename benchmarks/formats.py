"""Lines a CPU second for each format, from bytes to calls, against bare inserts of the same rows.

``python -m benchmarks.formats [name of a format]``. Bare is COPY on PostgreSQL and executemany on
SQLite of what the import wrote, in as many transactions: once of its lines alone, once of the rows
of all tables that it fills, with their indexes and references. The import's first transaction is
not counted, in which a process makes its statements; after it PostgreSQL looks how full its tables
are. At the end the roll-ups are held against a recount.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks import bare
from benchmarks.clock import Clock
from benchmarks.intake import _lines as queue_log_lines
from benchmarks.pages import backend
from benchmarks.stores import Store, empty, fresh
from portal.calls.evidence import CallSource, EvidenceLine
from portal.calls.feeding import feed
from portal.calls.layouts.models import CallLayout
from portal.calls.operations import create_source
from portal.calls.reading import BATCH_LINES
from portal.calls.sources import detect
from portal.calls.sources.freeswitch_document import document_of
from portal.company.models import Company
from portal.database import name_key
from portal.extensions import db
from portal.wall.scope import Scope, entered, unscoped
from tests.calls.freeswitch import scenes
from tests.calls.freeswitch.documents import T0, as_json, as_xml
from tests.calls.sums import assert_totals_are_of_the_visits

LINES, AT_ONCE = 8000, BATCH_LINES
HEAD = (
    "store | format | lines | calls | lines a second | bare: lines | ratio | bare: all rows | ratio"
)
_SHIFT_S = 8 * 3600
_CDR = {
    "clid": '"Łukasz" <48600100200>',
    "src": "48600100200",
    "dst": "700",
    "dcontext": "from-trunk",
    "lastapp": "Dial",
    "lastdata": "PJSIP/101,20",
    "duration": 60,
    "billsec": 50,
    "disposition": "ANSWERED",
    "amaflags": "DOCUMENTATION",
    "accountcode": "",
    "userfield": "",
}
_AMI = {
    "clid": "CallerID",
    "src": "Source",
    "dst": "Destination",
    "dcontext": "DestinationContext",
    "dstchannel": "DestinationChannel",
    "lastapp": "LastApplication",
    "lastdata": "LastData",
    "start": "StartTime",
    "answer": "AnswerTime",
    "end": "EndTime",
    "billsec": "BillableSeconds",
}
_ORDER = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
    *("uniqueid", "userfield"),
)
_LAYOUT = {
    "timezone": "UTC",
    "header": [],
    "width": 6,
    "date_order": "ymd",
    "columns": {"id": 0, "start": 1, "wait": 2, "talk": 3, "queue": 4, "agent": 5},
}


def _at(number: int, more: int = 0) -> dt.datetime:
    return dt.datetime.fromtimestamp(T0 + 100 * number + more, dt.UTC)


def _cdr(number: int) -> dict[str, Any]:
    start, answer, end = (f"{_at(number, more):%Y-%m-%d %H:%M:%S}" for more in (0, 10, 60))
    own = f"{T0 + 100 * number}.{number}"
    channels = {"channel": f"PJSIP/trunk-{number:08x}", "dstchannel": f"PJSIP/101-{number:08x}"}
    return _CDR | channels | {"start": start, "answer": answer, "end": end, "uniqueid": own}


def _master(number: int) -> list[bytes]:
    row = _cdr(number)
    texts = (str(row[name]).replace('"', '""') for name in _ORDER)
    return [",".join(f'"{text}"' for text in texts).encode()]


def _cdr_row(number: int) -> list[bytes]:
    row = _cdr(number)
    return [
        _json({"calldate": row["start"], "linkedid": row["uniqueid"], "sequence": number, **row})
    ]


def _ami(number: int) -> list[bytes]:
    fields = {_AMI.get(name, name): value for name, value in _cdr(number).items()}
    return [_json({"Event": "Cdr", "Privilege": "cdr,all", **fields})]


def _queue_row(number: int, line: str) -> bytes:
    at, call, queue, agent, verb, *data = line.split("|")
    told = {f"data{place}": text for place, text in enumerate(data, 1)}
    named = {"time": at, "callid": call, "queuename": queue, "agent": agent, "event": verb}
    return _json({"id": number, **named, **told})


def _legs(write: Callable[[Any], bytes]) -> Callable[[int], list[bytes]]:
    samples = [write(leg) for leg in scenes.answered_in_queue()]
    ids = [one.encode() for one in (scenes.CALLER, scenes.A1, scenes.A2)]

    def documents(number: int) -> list[bytes]:
        found = []
        for sample in samples:
            text = sample.replace(str(T0)[:8].encode(), b"%08d" % (T0 // 100 + number))
            for one in ids:
                text = text.replace(one, one[:-12] + b"%012d" % number)
            found.append(text)
        return found

    return documents


def _fusionpbx(number: int) -> list[bytes]:
    found = []
    for document in _legs(lambda leg: json.dumps(leg).encode())(number):
        variables = json.loads(document)["variables"]
        found.append(
            _json({"xml_cdr_uuid": variables["uuid"], **variables, "direction": "inbound"})
        )
    return found


def _vicidial(number: int) -> list[bytes]:
    """Forty operators work eight hours a day: their time is built shift by shift."""
    day, second = divmod(100 * number, _SHIFT_S)
    at = T0 + 86_400 * day + second
    call: dict[str, Any] = {
        "uniqueid": f"{at}.{number}",
        "lead_id": number,
        "campaign_id": "SPRING",
        "user": f"60{number // 2 % 40:02}",
    }
    log = {
        "table": "vicidial_log",
        "call_date": f"{dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%d %H:%M:%S}",
        "status": "SALE",
    }
    log |= {"start_epoch": at, "end_epoch": at + 60, "length_in_sec": 60, "term_reason": "CALLER"}
    work = {"table": "vicidial_agent_log", "agent_log_id": number + 1, "pause_epoch": at - 9}
    work |= {"wait_epoch": at - 5, "talk_epoch": at + 2, "talk_sec": 50, "dispo_epoch": at + 52}
    return [_json(call | log | {"phone_number": f"600{number:06}"}), _json(call | work)]


def _csv(number: int) -> list[bytes]:
    agent = f"Żaneta {number % 40}"
    return [f"{number},{_at(number):%Y-%m-%d %H:%M:%S},{number % 50},120,sales,{agent}".encode()]


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields).encode()


def _formats() -> Iterator[tuple[str, list[bytes]]]:
    """Yield each format with as many of its lines."""
    logged = queue_log_lines()[:LINES]
    yield "queue_log", [line.encode() for line in logged]
    yield "queue_log table", [_queue_row(number, line) for number, line in enumerate(logged, 1)]
    made: dict[str, Callable[[int], list[bytes]]] = {
        "Master.csv": _master,
        "cdr table": _cdr_row,
        "AMI": _ami,
        "FreeSWITCH JSON": _legs(as_json),
        "FreeSWITCH XML": _legs(as_xml),
        "FusionPBX": _fusionpbx,
        "VICIdial": _vicidial,
        "generic CSV": _csv,
    }
    for name, make in made.items():
        lines: list[bytes] = []
        while len(lines) < LINES:
            lines += make(len(lines))
        yield name, lines[:LINES]


def rows(only: str = "") -> Iterator[tuple[Any, ...]]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, fresh(Path(folder)) as stores:
        for store in stores:
            for name, lines in _formats():
                if only not in name:
                    continue
                with empty(store, Path(folder)) as made:
                    calls, ours, filled = _imported(made, name, lines)
                    commits = -(-len(lines) // AT_ONCE)
                    taken = bare.written_again(made, filled, commits)
                    of_lines, all_ = taken["evidence_lines"], sum(taken.values())
                for file in Path(folder).glob("empty.sqlite*"):
                    file.unlink()
                counted = len(lines) - AT_ONCE
                speeds = [counted / ours * 1e6]
                speeds += [len(lines) / taken * 1e6 for taken in (of_lines, all_)]
                yield (
                    *(store.name, name, len(lines), calls, f"{speeds[0]:,.0f}"),
                    *(f"{speeds[1]:,.0f}", f"{speeds[0] / speeds[1]:.2f}"),
                    *(f"{speeds[2]:,.0f}", f"{speeds[0] / speeds[2]:.2f}"),
                )


def _imported(store: Store, name: str, lines: list[bytes]) -> tuple[int, float, list[str]]:
    """Take lines in, a thousand in each transaction.

    Return the calls, the CPU in µs without the first thousand, and which tables were filled.
    """
    app = store.portal()
    gc.freeze()  # as wsgi.py does
    with (
        app.app_context(),
        entered(Scope(1, sees_all=True, sees_people=True)),
        unscoped("the benchmark makes its company"),
    ):
        db.session.add(Company(id=1, name="Bench", figures_timezone="Europe/Warsaw"))
        db.session.commit()
        source = create_source(1, "PBX", "UTC")
        kind = _layout(source) if name == "generic CSV" else _kind(lines)
        db.session.commit()
        before = _filled()

        def work(start: int, end: int) -> None:
            for place in range(start, end, AT_ONCE):
                feed(source, kind, "bench", lines[place : place + AT_ONCE])
                db.session.commit()

        work(0, AT_ONCE)
        bare.analyze(store)
        taken, _ = Clock(backend())(lambda: work(AT_ONCE, len(lines)))
        good = select(func.count(EvidenceLine.id)).where(EvidenceLine.verdict == "ok")
        if db.session.scalar(good) != len(lines):
            raise AssertionError(f"not all lines of {name} are sound")
        assert_totals_are_of_the_visits()
        filled = _filled()
        calls = filled.get("calls", 0)
        db.session.rollback()
        db.engine.dispose()
    gc.unfreeze()
    return calls, taken, [table for table in filled if table not in before]


def _filled() -> dict[str, int]:
    """Return how many rows the tables have that have any, in the order of their references."""
    counts = (
        (table.name, db.session.scalar(select(func.count()).select_from(table)))
        for table in db.metadata.sorted_tables
    )
    return {name: count for name, count in counts if count}


def _kind(lines: list[bytes]) -> str:
    document = document_of(lines[0])  # that of XML has lines of its own
    if document:
        return document
    form = detect(b"\n".join(lines[:50]) + b"\n")
    if form is None:
        raise AssertionError("no format knows these lines")
    return form.KIND


def _layout(source: CallSource) -> str:
    named = {"name": "CSV", "name_key": name_key("CSV"), "versions": [_LAYOUT]}
    layout = CallLayout(company_id=source.company_id, source_id=source.id, **named)
    db.session.add(layout)
    db.session.flush()
    return layout.kind


if __name__ == "__main__":
    for row in rows(*sys.argv[1:]):
        print("|", " | ".join(map(str, row)), "|", flush=True)
