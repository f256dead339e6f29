"""Files that are followed: growing, cut anywhere, rotated, truncated; always the same calls."""

from __future__ import annotations

import gzip
import os
import random
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.calls.evidence import CallSource, EvidenceLine, ImportRun
from portal.calls.following.sources import Follower
from portal.calls.models import Call, Visit
from portal.company.models import Company
from portal.extensions import db
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.test_importing import imported, source, tables

CALL = """1700000000|1700000000.1|vip|NONE|ENTERQUEUE||600100200|1
1700000005|1700000000.1|vip|Łukasz Żak "<img src=x onerror=alert(1)>"|CONNECT|5|1700000000.2|4
1700000065|1700000000.1|vip|Łukasz Żak "<img src=x onerror=alert(1)>"|COMPLETECALLER|5|60|1
"""


def followed(*paths: Path) -> tuple[CallSource, Follower]:
    made = source("followed")
    made.paths = "\n".join(map(str, paths))
    db.session.commit()
    return made, Follower(made.company_id, made.id)


def look(follower: Follower) -> bool:
    found = follower.look()
    db.session.expire_all()
    return found


def now(of: CallSource) -> CallSource:
    """Return a source as it is now."""
    return db.session.scalars(select(CallSource).where(CallSource.name == of.name)).one()


def test_a_growing_log_becomes_calls_piece_by_piece(built, tmp_path):
    log = tmp_path / "queue_log"
    log.write_text("")
    pbx, follower = followed(log)
    assert not look(follower)
    content = CALL.encode()
    for end in range(7, len(content), 11):
        log.write_bytes(content[:end])
        look(follower)
    log.write_bytes(content)
    assert look(follower)
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.queue_raw, visit.agent_raw, visit.result) == (
        "vip",
        'Łukasz Żak "<img src=x onerror=alert(1)>"',
        "answered",
    )
    assert (visit.wait_s, visit.talk_s) == (5, 60)
    assert not look(follower), "an unchanged file is nothing new"
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.lines_read, run.lines_ok, run.continuous, run.state) == (3, 3, True, "done")
    assert now(pbx).last_data_at is not None
    assert now(pbx).error == ""


def test_a_log_that_is_rotated_loses_nothing(built, tmp_path):
    """A part is read, then the file gets a new name and goes on, and a new file begins."""
    plain = imported([OLD_LOG, LOG, MASTER], "plain")
    logs, cdr = tmp_path / "log", tmp_path / "cdr"
    logs.mkdir(), cdr.mkdir()
    log, master = logs / "queue_log", cdr / "Master.csv"
    old, new = OLD_LOG.read_bytes(), LOG.read_bytes()
    log.write_bytes(old[:9000])
    master.write_bytes(MASTER.read_bytes()[:20_000])
    pbx, follower = followed(log, master)
    look(follower)
    log.write_bytes(old)
    log.rename(logs / "queue_log.0")
    log.write_bytes(new[:5000])
    look(follower)
    (logs / "queue_log.1.gz").write_bytes(gzip.compress((logs / "queue_log.0").read_bytes()))
    (logs / "queue_log.0").unlink()
    log.write_bytes(new)
    master.write_bytes(MASTER.read_bytes())
    look(Follower(pbx.company_id, pbx.id))  # another worker, which remembers nothing
    assert tables(pbx) == tables(plain)
    assert_totals_are_of_the_visits()


@pytest.mark.parametrize("seed", range(3))
def test_any_split_and_any_restart_gives_the_same_calls(built, tmp_path, seed):
    chance = random.Random(seed)
    plain = imported([LOG], "plain")
    log, content, end = tmp_path / "queue_log", LOG.read_bytes(), 0
    log.write_bytes(b"")
    pbx, follower = followed(log)
    while end < len(content):
        end = min(len(content), end + chance.randrange(1, 9000))
        log.write_bytes(content[:end])
        if chance.random() < 0.3:
            follower = Follower(pbx.company_id, pbx.id)
        look(follower)
    assert tables(pbx) == tables(plain)


def test_a_log_that_is_truncated_is_another_log(built, tmp_path):
    log = tmp_path / "queue_log"
    log.write_text(CALL)
    _pbx, follower = followed(log)
    look(follower)
    log.write_text(CALL.replace("17000000", "17000001"))
    look(follower)
    assert db.session.scalar(select(func.count(Call.id))) == 2


def test_what_is_wrong_is_told_at_the_source_until_it_is_right(built, tmp_path):
    log = tmp_path / "queue_log"
    pbx, follower = followed(log)
    assert not look(follower)
    assert now(pbx).error == f"There is no file {log}."
    since = now(pbx).error_since
    assert not look(follower)
    assert now(pbx).error_since == since
    log.write_text(CALL)
    assert look(follower)
    assert (now(pbx).error, now(pbx).error_since) == ("", None)


def test_following_once_fails_if_something_cannot_be_read(built, tmp_path):
    log = tmp_path / "Łódź <b>" / "queue_log"
    pbx, _follower = followed(log)
    words = ["portal", "follow", "--company", db.session.scalars(select(Company.name)).one()]
    db.session.rollback()
    once = partial(built.test_cli_runner().invoke, args=[*words, "--once", pbx.name])
    result = once()
    assert (result.exit_code, result.output) == (1, f"Error: There is no file {log}.\n")
    log.parent.mkdir()
    log.write_text(CALL)
    result = once()
    assert (result.exit_code, result.output) == (0, "")
    db.session.expire_all()
    assert db.session.scalar(select(func.count(Call.id))) == 1
    built.config["FOLLOW_ROOTS"] = []
    result = once()
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


BOMB = b"1700000000|NONE|NONE|NONE|CONFIGRELOAD|\n" + b"\n" * (33 * 1024**2)


@pytest.mark.parametrize(
    ("packed", "fault"),
    [
        (gzip.compress(CALL.encode())[:-9], "is damaged or cut off."),
        (b"\x1f\x8b<img src=x>" * 9, "is damaged or cut off."),
        (gzip.compress(BOMB.replace(b"\n", b"x")), "The file is too large."),
        (b"neither a log\nnor a document\n", "its format is not known."),
        (None, "There is no file "),
    ],
)
def test_what_is_wrong_with_one_file_keeps_no_other_from_being_read(built, tmp_path, packed, fault):
    bad, log = tmp_path / "bad", tmp_path / "queue_log"
    if packed is not None:
        bad.write_bytes(packed)
        os.utime(bad, (1, 1))
    log.write_text(CALL)
    pbx, follower = followed(bad, log)
    assert look(follower), "the log came"
    assert fault in now(pbx).error
    since = now(pbx).error_since
    assert not look(follower)
    assert (fault in now(pbx).error, now(pbx).error_since) == (True, since)
    log.write_text(CALL + CALL.replace("17000000", "17000001"))
    assert look(follower)
    assert db.session.scalar(select(func.count(Call.id))) == 2
    bad.write_text(CALL.replace("17000000", "17000002"))
    assert look(follower)
    assert now(pbx).error == ""
    assert db.session.scalar(select(func.count(Call.id))) == 3


def test_a_log_that_is_being_packed_is_no_damage(built, tmp_path):
    packed = gzip.compress(CALL.encode())
    log = tmp_path / "queue_log"
    log.write_text("")
    old = tmp_path / "queue_log.1.gz"
    old.write_bytes(packed[:-9])
    pbx, follower = followed(log)
    assert not look(follower)
    assert now(pbx).error == ""
    old.write_bytes(packed)
    assert look(follower)


def test_while_an_import_is_at_work_a_source_is_left_alone(built, tmp_path, monkeypatch):
    from portal.calls.turns import in_turn

    log = tmp_path / "queue_log"
    log.write_text(CALL)
    pbx, follower = followed(log)
    with in_turn(pbx.id):
        assert not look(follower)
    assert look(follower)


def test_that_a_source_was_looked_at_is_no_entry_in_the_trail(built, tmp_path):
    from portal.audit.models import AuditEntry

    log = tmp_path / "queue_log"
    log.write_text(CALL)
    _pbx, follower = followed(log)
    before = db.session.scalar(select(func.count(AuditEntry.id)))
    look(follower)
    assert db.session.scalar(select(func.count(AuditEntry.id))) == before


def test_nothing_outside_the_open_folders_is_read(built, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(CALL)
    inside = tmp_path / "open"
    inside.mkdir()
    (inside / "queue_log").symlink_to(secret)
    (inside / "link").symlink_to(tmp_path)
    built.config["FOLLOW_ROOTS"] = [str(inside)]
    for path in (secret, inside / "queue_log", inside / "link", inside / ".." / "secret"):
        pbx, follower = followed(path)
        assert not look(follower)
        assert "is not open to the portal" in now(pbx).error
        kept = now(pbx)
        kept.name = kept.name_key = str(path)
    assert db.session.scalar(select(func.count(EvidenceLine.id))) == 0
