"""Imports: each line kept, each call once, and the same tables in whatever way the files came."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.calls import runs
from portal.calls.evidence import CallSource, EvidenceFile, EvidenceLine, Identity, ImportRun
from portal.calls.importing import import_files
from portal.calls.models import Call, Offer, Visit
from portal.calls.operations import create_source
from portal.errors import RefusedError
from portal.extensions import db
from portal.wall.scope import current
from tests.calls.logs import LOG, MASTER, OLD_LOG, V16
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.factories import building, company

ALL = [OLD_LOG, LOG, MASTER]
ACCOUNTS = [V16 / "cdr-csv" / "acme.csv", V16 / "cdr-csv" / "globex.csv"]


@pytest.fixture
def built(app: Flask) -> Iterator[Flask]:
    with building(app):
        company()
        yield app


def source(name: str) -> CallSource:
    made = create_source(current().company_id, name, "Europe/Warsaw")
    db.session.commit()
    return made


def imported(paths: Sequence[Path], name: str = "pbx") -> CallSource:
    made = source(name)
    import_files(made, paths)
    return made


def tables(of: CallSource) -> dict[str, list[tuple[Any, ...]]]:
    """Return all calls, visits, offers and words of a source, without the ids made of its own."""
    calls = {row.id: row for row in db.session.scalars(select(Call).filter_by(source_id=of.id))}
    visits = {row.id: row for row in db.session.scalars(select(Visit).filter_by(source_id=of.id))}
    offers = db.session.scalars(select(Offer).filter_by(source_id=of.id))
    words = db.session.scalars(select(Identity).filter_by(source_id=of.id))

    def call_key(call_id: uuid.UUID) -> str:
        return calls[call_id].native_key

    own = {"id", "company_id", "source_id", "call_id", "visit_id", "version"}
    return {
        "calls": _dump(calls.values(), own),
        "visits": _dump(visits.values(), own, lambda v: call_key(v.call_id)),
        "offers": _dump(
            offers,
            own,
            lambda o: (call_key(visits[o.visit_id].call_id), visits[o.visit_id].ordinal),
        ),
        "words": _dump(words, own),
    }


def _dump(rows: Any, without: set[str], key: Any = lambda row: None) -> list[tuple[Any, ...]]:
    def values(row: Any) -> tuple[Any, ...]:
        names = [column.key for column in row.__mapper__.column_attrs if column.key not in without]
        return key(row), *((name, getattr(row, name)) for name in names)

    return sorted((values(row) for row in rows), key=repr)


def assert_counts_add_up(run: ImportRun) -> None:
    parts = (
        run.lines_ok,
        run.lines_blank,
        run.lines_malformed,
        run.lines_unknown,
        run.lines_duplicate,
    )
    assert run.lines_read == sum(parts)


def test_an_import_keeps_every_line_and_makes_every_call(built: Flask) -> None:
    pbx = source("pbx")
    run = import_files(pbx, ALL)
    assert (run.state, run.files, run.bytes_done) == ("done", 3, run.bytes_total)
    assert (run.lines_read, run.lines_ok, run.lines_unknown) == (1068, 1067, 1)
    assert_counts_add_up(run)
    assert run.calls_new == 232
    found = tables(pbx)
    sizes = {name: len(rows) for name, rows in found.items()}
    assert sizes == {"calls": 232, "visits": 266, "offers": 326, "words": sizes["words"]}
    for path in ALL:
        kept = db.session.scalars(
            select(EvidenceLine.raw)
            .join(EvidenceFile, EvidenceFile.id == EvidenceLine.file_id)
            .where(EvidenceFile.name == path.name)
            .order_by(EvidenceLine.number)
        )
        assert b"".join(raw + b"\n" for raw in kept) == path.read_bytes()
    assert_totals_are_of_the_visits()


def test_the_same_again_changes_nothing(built: Flask, tmp_path: Path) -> None:
    pbx = imported(ALL)
    before = tables(pbx)
    other_name = tmp_path / "queue_log-20261122"
    other_name.write_bytes(LOG.read_bytes())
    for paths in (ALL, [LOG, OLD_LOG], ACCOUNTS, [other_name], [*ACCOUNTS, MASTER, LOG]):
        run = import_files(pbx, paths)
        assert_counts_add_up(run)
        assert (run.lines_ok, run.calls_new, run.calls_changed) == (0, 0, 0)
    assert tables(pbx) == before
    assert_totals_are_of_the_visits()


def test_the_order_and_overlap_of_files_change_nothing(built: Flask, tmp_path: Path) -> None:
    expected = tables(imported(ALL))
    whole = (OLD_LOG.read_bytes() + LOG.read_bytes()).splitlines(keepends=True)
    first, second, third = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    first.write_bytes(b"".join(whole[:300]))
    second.write_bytes(b"".join(whole[250:520]))
    third.write_bytes(b"".join(whole[510:]))
    for number, paths in enumerate(
        (
            [MASTER, LOG, OLD_LOG],
            [*ACCOUNTS, LOG, MASTER, OLD_LOG],
            [third, MASTER, first, second],
            [second, third, first, MASTER],
        )
    ):
        assert tables(imported(paths, f"pbx {number}")) == expected
    assert_totals_are_of_the_visits()


@pytest.mark.parametrize("apart", [False, True], ids=["grown", "two files"])
def test_a_file_in_two_pieces_cut_at_any_byte(built: Flask, tmp_path: Path, apart: bool) -> None:
    expected = tables(imported(ALL))
    chance = random.Random(20261122)
    for number in range(3):
        pbx = source(f"pbx {number}")
        import_files(pbx, [OLD_LOG])
        for path in (LOG, MASTER):
            whole = path.read_bytes()
            cut = chance.randrange(1, len(whole))
            piece = tmp_path / f"{path.name}.{number}"
            piece.write_bytes(whole[:cut])
            import_files(pbx, [piece])
            rest = tmp_path / f"{path.name}.{number}.rest" if apart else piece
            rest.write_bytes(whole[cut:] if apart else whole)
            import_files(pbx, [rest])
        assert tables(pbx) == expected
    assert_totals_are_of_the_visits()


@pytest.fixture
def dying(database: Any) -> Iterator[Callable[..., int]]:
    """Import in a process that kills itself on its way; return how it ended, -9: killed."""
    command = [sys.executable, "-m", "tests.calls.dying", database.url, database.owner_url]
    root = Path(__file__).parents[2]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def die(of: CallSource, paths: Sequence[Path], byte: int, statements: int) -> int:
            order = {
                "company": of.company_id,
                "source": of.id.hex,
                "paths": [str(path) for path in paths],
                "byte": byte,
                "statements": statements,
            }
            db.session.rollback()
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield die
        process.stdin.close()


def test_after_a_kill_at_25_random_bytes_the_tables_are_the_same(
    built: Flask, dying: Callable[..., int], tmp_path: Path
) -> None:
    """Kill the importing process (SIGKILL) 25 times, then let it end, and compare the tables.

    The process dies when it has read a random byte and, after that, sent a random number of
    statements: between two batches, in the middle of writing one, or at its commit. The logs are
    cut short, for time.
    """
    paths = [tmp_path / path.name for path in (LOG, MASTER)]
    for path, whole in zip(paths, (LOG, MASTER), strict=True):
        path.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:160]))
    expected = tables(imported(paths))
    chance = random.Random(20261122)
    size = sum(path.stat().st_size for path in paths)
    for name, times in (("one", 13), ("other", 12)):
        pbx = source(name)
        for byte in sorted(chance.sample(range(size), k=times)):
            assert dying(pbx, paths, byte, chance.randrange(40)) == -signal.SIGKILL
        import_files(pbx, paths)
        assert tables(pbx) == expected
    states = Counter(db.session.scalars(select(ImportRun.state)))
    assert states == {"running": 25, "done": 3}
    assert_totals_are_of_the_visits()


class Killed(BaseException):
    """Stands for a kill: nothing of the import runs after it."""


def test_an_import_killed_between_lines_and_calls_has_done_neither(
    built: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx = source("pbx")

    def die(*arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(runs, "rebuild", die)
        with pytest.raises(Killed):
            import_files(pbx, ALL)
    assert db.session.scalar(select(func.count()).select_from(EvidenceLine)) == 0
    assert db.session.scalar(select(func.count()).select_from(Call)) == 0
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.state, run.error) == ("failed", "Killed: ")


def test_bad_lines_are_kept_with_number_and_reason(built: Flask, tmp_path: Path) -> None:
    lines = LOG.read_bytes().splitlines(keepends=True)
    lines[10:10] = [b"\n", b"rubbish\n", b"\0\0\0\n", b"x" * 70_000 + b"\n", b"\xff\xfe|1|2|3|4\n"]
    damaged = tmp_path / "queue_log"
    damaged.write_bytes(b"".join(lines) + b"1795366130|NONE|NO")
    pbx = source("pbx")
    run = import_files(pbx, [OLD_LOG, damaged, MASTER])
    assert_counts_add_up(run)
    assert (run.lines_blank, run.lines_malformed, run.lines_pending) == (1, 4, 1)
    kept = db.session.execute(
        select(EvidenceLine.number, EvidenceLine.reason, EvidenceLine.offset)
        .where(EvidenceLine.verdict == "malformed")
        .order_by(EvidenceLine.number)
    ).all()
    start = sum(len(line) for line in lines[:11])
    assert [tuple(row) for row in kept] == [
        (12, "fewer than 5 fields", start),
        (13, "only NUL bytes", start + 8),
        (14, "the line is too long", start + 12),
        (15, "no time at the start", start + 12 + 70_001),
    ]
    assert len(tables(pbx)["calls"]) == 232


def test_a_file_of_another_format_is_refused_before_anything_is_read(
    built: Flask, tmp_path: Path
) -> None:
    strange = tmp_path / "strange <img src=x>.csv"
    strange.write_bytes(b"id;name\n1;x\n")
    pbx = source("pbx")
    with pytest.raises(RefusedError, match=re.escape("strange <img src=x>.csv")):
        import_files(pbx, [LOG, strange])
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_a_packed_log_and_one_with_windows_line_ends_are_read(built: Flask, tmp_path: Path) -> None:
    import gzip

    packed, windows = tmp_path / "queue_log.1.gz", tmp_path / "Master.csv"
    packed.write_bytes(gzip.compress(OLD_LOG.read_bytes()))
    windows.write_bytes(b"\xef\xbb\xbf" + MASTER.read_bytes().replace(b"\n", b"\r\n"))
    expected = tables(imported(ALL))
    assert tables(imported([packed, windows, LOG], "other")) == expected


def test_true_twins_stay_two_and_come_once(built: Flask, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(
        "1795365000|1795365000.1|sales|NONE|ENTERQUEUE||1|1\n"
        "1795365001|1795365000.1|sales|PJSIP/101|RINGNOANSWER|0\n"
        "1795365001|1795365000.1|sales|PJSIP/101|RINGNOANSWER|0\n"
        "1795365009|1795365000.1|sales|NONE|ABANDON|1|1|9\n"
    )
    again = tmp_path / "again"
    again.write_text("1795364000|NONE|NONE|NONE|CONFIGRELOAD|\n" + log.read_text())
    pbx = imported([log])
    before = tables(pbx)
    assert len(before["offers"]) == 2
    import_files(pbx, [again])
    assert tables(pbx) == before


def test_late_lines_end_what_was_open(built: Flask, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    begun = "1795365000|1795365000.1|sales|NONE|ENTERQUEUE||1|1\n"
    log.write_text(begun)
    pbx = imported([log])
    assert [v.result for v in db.session.scalars(select(Visit))] == ["in_progress"]
    restart = tmp_path / "restart"
    restart.write_text("1795365600|NONE|NONE|NONE|QUEUESTART|\n")
    import_files(pbx, [restart])
    db.session.expire_all()
    assert [v.result for v in db.session.scalars(select(Visit))] == ["lost"]
    log.write_text(begun + "1795365009|1795365000.1|sales|NONE|ABANDON|1|1|9\n")
    import_files(pbx, [log])
    db.session.expire_all()
    assert [(v.result, v.wait_s) for v in db.session.scalars(select(Visit))] == [("abandoned", 9)]
    assert_totals_are_of_the_visits()


def test_two_exchanges_with_the_same_ids_do_not_mix(built: Flask) -> None:
    one, other = imported(ALL, "one"), imported([OLD_LOG, LOG], "other")
    assert len(tables(one)["calls"]) == 232
    assert len(tables(other)["visits"]) == 206
    assert_totals_are_of_the_visits()
