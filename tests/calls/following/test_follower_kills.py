"""``flask portal follow`` that is killed again and again, while its files grow and are rotated."""

from __future__ import annotations

import multiprocessing
import random
import time

import pytest
from sqlalchemy import func, select

from portal.calls import reading
from portal.calls.evidence import CallSource, ImportRun
from portal.calls.following import loop, sources
from portal.extensions import db
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.test_importing import imported, source, tables
from tests.factories import building, company

KILLS = 12
WITHIN_S = 60


@pytest.fixture
def command(app, tmp_path, monkeypatch):
    """Give a function that starts the command in a process of its own, with many small batches."""
    app.config["FOLLOW_ROOTS"] = [str(tmp_path)]
    monkeypatch.setattr(reading, "BATCH_LINES", 20)
    monkeypatch.setattr(loop, "_LOOK_S", 0.02)
    monkeypatch.setattr(sources, "_EVERY_S", 0.02)

    def start():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()  # no connection may be shared with a copy

        def follow():
            arguments = ["portal", "follow", "--company", "Łódź & Sons", "followed"]
            app.test_cli_runner().invoke(args=arguments, catch_exceptions=False)

        process = multiprocessing.get_context("fork").Process(target=follow)
        process.start()
        return process

    return start


def read(app, admin):
    with building(app, of=admin):
        return db.session.scalar(select(func.sum(ImportRun.lines_read))) or 0


def test_a_follower_that_is_killed_a_dozen_times_makes_the_calls_of_one_import(
    app, tmp_path, command
):
    chance = random.Random(9)
    with building(app):
        admin = company("Łódź & Sons")
        logs = tmp_path / "logs"
        logs.mkdir()
        log, master = logs / "queue_log", logs / "Master.csv"
        log.write_bytes(b"")
        followed = source("followed")
        followed.paths = f"{log}\n{master}"
    old, new, rows = (path.read_bytes() for path in (OLD_LOG, LOG, MASTER))
    master.write_bytes(b"")
    half = KILLS // 2
    for kill in range(1, KILLS + 1):
        follower = command()
        try:
            known = read(app, admin)
            if kill <= half:
                log.write_bytes(old[: len(old) * kill // half])
            else:
                if kill == half + 1:
                    log.rename(logs / "queue_log.1")
                log.write_bytes(new[: len(new) * (kill - half) // (KILLS - half)])
            master.write_bytes(rows[: len(rows) * kill // KILLS])
            wait_until(lambda before=known: read(app, admin) > before)
            time.sleep(chance.random() / 5)  # anywhere in what follows
        finally:
            follower.kill()
            follower.join()
    follower = command()
    try:
        with building(app, of=admin):
            plain = imported([OLD_LOG, LOG, MASTER], "plain")
            wanted = tables(plain)
        wait_until(lambda: same(app, admin, wanted))
    finally:
        follower.kill()
        follower.join()
    with building(app, of=admin):
        assert_totals_are_of_the_visits()


def same(app, admin, wanted):
    with building(app, of=admin):
        query = select(CallSource).where(CallSource.name == "followed")
        return tables(db.session.scalars(query).one()) == wanted


def wait_until(condition):
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, "the follower does not get on"
        time.sleep(0.05)
