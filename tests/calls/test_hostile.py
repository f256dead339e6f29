"""Damaged and hostile logs: every line is kept, nothing impossible comes out, nothing breaks."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from portal.calls.evidence import EvidenceLine, Identity
from portal.calls.importing import import_files
from portal.calls.models import Call, Offer, Visit
from portal.calls.operations import create_source, map_identity
from portal.calls.rebuilding import _add_rows, _Rows
from portal.calls.sources import asterisk_cdr_csv, detect
from portal.calls.sources.records import TOO_LONG
from portal.errors import RefusedError
from portal.extensions import db
from tests.calls.logs import LOG, MASTER, OLD_LOG, calls_of
from tests.calls.test_dialers import outbound, rows_of
from tests.calls.test_importing import assert_counts_add_up, assert_totals_are_of_the_visits, tables
from tests.factories import building, company, make_object, project

FORMULA, MARKUP = "=1+1", "<img src=x onerror=alert(1)>"
AT = 1795365000
WHOLE_DAY = "/calls?period=custom&from=2026-11-21&to=2026-11-23"
EVENTS = (OLD_LOG.read_bytes() + LOG.read_bytes()).splitlines(keepends=True)
ROWS = MASTER.read_bytes().splitlines(keepends=True)
NASTY = [
    *(b"", b"-5", b"99999999999", b"9999999999", b"0000000000", b"0", b"\xff\xfe", b"\0", b'"'),
    *(FORMULA.encode(), MARKUP.encode(), "İ".encode() * 200, b'"9999-12-31 23:59:59"'),
    *(b'"0001-01-01 00:00:00"', b'"2026-13-45 99:99:99"', b'"1995-01-01 00:00:00"'),
]


def damaged(lines, chance, separator):
    """Drop, double, shuffle and cut lines, and put nonsense into their fields."""
    kept = []
    for line in lines:
        luck = chance.random()
        if luck < 0.03:
            continue
        if luck < 0.06:
            kept.append(line)
        elif luck < 0.12:
            fields = line.rstrip(b"\n").split(separator)
            fields[chance.randrange(len(fields))] = chance.choice(NASTY)
            line = separator.join(fields) + b"\n"
        elif luck < 0.14:
            kept.insert(chance.randrange(len(kept) + 1), line)
            continue
        elif luck < 0.15:
            line = line[: chance.randrange(len(line))] + b"\n"
        kept.append(line)
    return b"".join(kept)


@pytest.mark.parametrize("seed", range(60))
def test_nothing_impossible_is_built_from_damage(seed):
    chance = random.Random(seed)
    event, row = chance.randrange(len(EVENTS)), chance.randrange(len(ROWS))
    files = (
        damaged(EVENTS[event : event + 200], chance, b"|"),
        damaged(ROWS[row : row + 120], chance, b","),
    )
    zone = ZoneInfo(chance.choice(["UTC", "Europe/Warsaw", "America/St_Johns"]))
    calls = calls_of(*files, zone=zone)
    assert max(Counter(call.key for call in calls).values()) == 1
    rows = _Rows()
    for call in calls:
        _add_rows(rows, 1, uuid.UUID(int=1), call)
    visits = [visit for call in calls for visit in call.visits]
    assert len(rows.visits) == len(visits)
    assert len(rows.offers) == sum(len(visit.offers) for visit in visits)
    for one in (*calls, *visits):
        assert all(value is None or 0 <= value < 10**9 for value in (one.wait, one.talk)), one
        assert one.ended is None or one.started <= one.ended, one
    for visit in visits:
        moments = [visit.started, visit.answered, visit.ended]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known), visit


def test_a_call_that_rang_thousands_of_times_is_built_in_no_time():
    number = "1795365000.1"
    events = [f"{AT}|{number}|s|NONE|ENTERQUEUE||1|1"]
    events += [f"{AT + second}|{number}|s|A|RINGNOANSWER|1000" for second in range(5000)]
    row = outbound(1).replace('"Dial"', '"Queue"')
    own = row.split('"')[-8]
    rows = "".join(
        row.replace(own, number)
        .replace("trunk-a-00000001", f"trunk-a-{serial:08x}")
        .replace(",1\n", f",{serial}\n")
        for serial in range(5000)
    )
    begin = time.process_time()
    (call,) = calls_of("".join(f"{line}\n" for line in events).encode(), rows.encode())
    assert time.process_time() - begin < 10
    assert len(call.visits[0].offers) >= 5000


def test_no_line_takes_long_to_read():
    """Patterns that try all ways of a hostile text take minutes for one line."""
    texts = ['"a', '""', ',"', '"",', ',""x', '"x,""x', '"\\', "1", "-1", "/1"]
    begin = time.process_time()
    for text in texts:
        asterisk_cdr_csv.parse(f'"{text * (60_000 // len(text))}'.encode())
        data = text.replace('"', "").replace(",", "") * 30_000
        row = outbound(1, trunk="t").replace("PJSIP/600100001@t,40", f"a/{data}")
        calls_of(row.replace("PJSIP/t-", "SIP/x-").encode())
    assert time.process_time() - begin < 5


def test_a_file_whose_lines_end_in_cr_alone_is_none():
    assert detect(b"".join(EVENTS[:50])) is not None
    assert detect(b"".join(EVENTS[:50]).replace(b"\n", b"\r\n")) is not None
    assert detect(b"".join(EVENTS[:50]).replace(b"\n", b"\r")) is None
    assert detect(EVENTS[0].replace(b"\n", b"\r")) is not None  # its line feed is yet to come


@pytest.fixture
def hostile(tmp_path):
    """Write a log with one call each of what a hostile caller, or a broken exchange, can do."""
    names = [FORMULA, MARKUP, "Łódź İstanbul", "'; DROP TABLE visits; --", "\u202eevil", "%s%n{0}"]
    lines = []
    for number, name in enumerate(names):
        call, at = f"{AT + number}.{number}", AT + number
        lines += [
            f"{at}|{call}|{name}|NONE|ENTERQUEUE||{name}|1|{name}".encode(),
            f"{at + 5}|{call}|{name}|{name}|CONNECT|5|x|4".encode(),
            f"{at + 65}|{call}|{name}|{name}|COMPLETECALLER|5|60|1".encode(),
        ]
    lines += [
        # Latin-2 and UTF-8 in one file; NUL; a line of 10 MB; negative and absurd numbers.
        f"{AT + 20}|{AT + 20}.20|Obs\xb3uga|NONE|ENTERQUEUE||1|1".encode("latin-1"),
        f"{AT + 29}|{AT + 20}.20|Obs\xb3uga|NONE|ABANDON|1|1|9".encode("latin-1"),
        f"{AT + 30}|{AT + 30}.30|a\0b|NONE|ENTERQUEUE||\0|1".encode(),
        f"{AT + 39}|{AT + 30}.30|a\0b|NONE|ABANDON|1|1|-9".encode(),
        f"{AT}|{AT}.99|big|NONE|ENTERQUEUE||".encode() + b"9" * 10_000_000,
        f"{AT + 40}|{AT + 40}.40|vip|NONE|ENTERQUEUE||1|1".encode(),
        f"{AT + 45}|{AT + 40}.40|vip|A|CONNECT|-5|x|-4".encode(),
        f"{AT + 50}|{AT + 40}.40|vip|A|COMPLETEAGENT|-5|99999999999999999999|1".encode(),
        # The clock goes an hour back in a call; the same id is given to a second call.
        f"{AT + 4000}|{AT + 4000}.50|vip|NONE|ENTERQUEUE||1|1".encode(),
        f"{AT + 405}|{AT + 4000}.50|vip|A|CONNECT|5|x|4".encode(),
        f"{AT + 465}|{AT + 4000}.50|vip|A|COMPLETECALLER|5|60|1".encode(),
        f"{AT + 9000}|{AT + 4000}.50|vip|NONE|ENTERQUEUE||1|1".encode(),
        f"{AT + 9009}|{AT + 4000}.50|vip|NONE|ABANDON|1|1|9".encode(),
        b"9999999999|9999999999.1|vip|NONE|ENTERQUEUE||1|1",
        b"0000000000|0000000000.1|vip|NONE|ENTERQUEUE||1|1",
        b"|||||||||",
    ]
    path = tmp_path / "queue_log"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path, names, len(lines)


def test_a_hostile_log_is_kept_counted_and_shown_as_what_it_says(app, visitor, hostile):
    path, names, lines = hostile
    with building(app):
        admin = company()
        pbx = create_source(admin.company_id, f"PBX {MARKUP}", "UTC")
        db.session.commit()
        run = import_files(pbx, [path])
        assert (run.lines_read, run.lines_ok, run.lines_malformed) == (lines, lines - 5, 5)
        assert_counts_add_up(run)
        reasons = select(EvidenceLine.reason).where(EvidenceLine.verdict == "malformed")
        assert Counter(db.session.scalars(reasons)) == {
            "the line is too long": 1,
            TOO_LONG: 1,
            "no time at the start": 3,
        }
        assert db.session.scalar(select(func.max(func.length(EvidenceLine.raw)))) <= 65_536
        before = tables(pbx)
        assert import_files(pbx, [path]).lines_read == 0
        assert tables(pbx) == before
        for visit in db.session.scalars(select(Visit)):
            assert visit.ended_at is None or visit.ended_at >= visit.started_at
            assert (visit.wait_s or 0) >= 0 <= (visit.talk_s or 0)
        visits = select(Visit.result).where(Visit.queue_raw == "vip").order_by(Visit.started_at)
        assert list(db.session.scalars(visits)) == ["answered", "answered", "abandoned"]
        queues = set(db.session.scalars(select(Identity.raw).filter_by(kind="queue")))
        assert queues == {*names, "vip", "Obs\\xb3uga", "a\ufffdb"}
        target = make_object("queues", FORMULA, project(MARKUP))
        word = db.session.scalars(select(Identity).filter_by(kind="queue", raw=FORMULA)).one()
        assert map_identity(word, queue=target, actor=admin) == 1
        db.session.commit()
        assert_totals_are_of_the_visits()
        total = db.session.scalar(select(func.count(Visit.id)))
        email, source_id = admin.email, pbx.id
    person = visitor(email)
    rows = rows_of(person, WHOLE_DAY)
    assert len(rows) == total == 11
    assert {f"{MARKUP} {FORMULA}", f"Unassigned {MARKUP}"} <= {row[3] for row in rows}
    for row in person.get(WHOLE_DAY).all("td.c-time a"):
        person.get(row.attributes["href"])
    text = person.get(f"/calls/export.csv?{WHOLE_DAY[7:]}").data.decode("utf-8-sig")
    assert text.count(f"'{FORMULA}") == 4  # number, name, queue, operator
    person.get(f"/calls/export.xlsx?{WHOLE_DAY[7:]}")
    shown = person.get(f"/calls/sources/{source_id}/names?kind=queue").texts("td.n-raw code")
    assert set(shown) == queues


def test_files_in_other_encodings_and_of_other_systems_are_refused(app, tmp_path):
    whole = b"".join(EVENTS)
    strange = {
        "cr": whole.replace(b"\n", b"\r"),
        "utf16": whole.decode().encode("utf-16"),
        "utf32": whole.decode().encode("utf-32"),
        "binary": random.Random(1).randbytes(200_000),
    }
    with building(app):
        admin = company()
        pbx = create_source(admin.company_id, "PBX", "UTC")
        db.session.commit()
        for name, content in strange.items():
            path = tmp_path / name
            path.write_bytes(content)
            with pytest.raises(RefusedError):
                import_files(pbx, [path])
        for model in (EvidenceLine, Call, Offer):
            assert db.session.scalar(select(func.count(model.id))) == 0
