"""Workers that are killed: nothing half done, and the next worker brings the job to its end."""

from __future__ import annotations

import io
import os
import signal
import threading

import pytest
from flask import g
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine
from werkzeug.datastructures import MultiDict

from portal.calls import reading
from portal.calls.evidence import CallSource, EvidenceLine, Identity, ImportRun
from portal.calls.figures import VisitDay
from portal.calls.models import Call, Visit
from portal.extensions import db
from portal.jobs import worker
from portal.jobs.models import Job
from portal.objects.kinds.queue import Queue
from tests.attacks.processes import in_a_process_of_its_own
from tests.factories import building, company, make_object, project
from tests.jobs.leases import expire

CALLS = 24


def work_until(app, statements):
    """Work in a process that is killed before one of its statements; tell whether it was."""
    left = statements

    def strike(*arguments):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def work():
        event.listen(Engine, "before_cursor_execute", strike)
        event.listen(Engine, "commit", strike)
        worker.run_waiting(app)

    status = in_a_process_of_its_own(app, work)
    assert status in (0, -signal.SIGKILL)
    expire(app)
    return status != 0


@pytest.fixture
def steps(job):
    """Register a job of many transactions, each of which changes two rows."""

    @job("steps")
    def run(progress, *, steps):
        queues = select(Queue).order_by(Queue.name)
        while (done := min(queue.version for queue in db.session.scalars(queues)) - 1) < steps:
            for queue in db.session.scalars(queues):
                queue.notes = f"step {queue.version}"
                queue.version += 1
                db.session.flush()
            progress.report(done + 1, steps)


def test_a_worker_that_is_killed_25_times_leaves_nothing_half_done(
    app, cast, start, steps, look, monkeypatch
):
    monkeypatch.setattr("portal.jobs.claims.MOST_ATTEMPTS", 100)
    with building(app, of=cast["admin"]):
        home = project("Home")
        for name in ("first", "second"):
            make_object("queues", name, home)
        company_id = cast["admin"].company_id
    steps = 30
    killed = start("admin", "steps", {"steps": steps})
    kills, reached = 0, 0
    while kills < 25:
        assert work_until(app, 9 + kills), "the job ended before it was killed often enough"
        kills += 1
        with building(app, of=cast["admin"]):
            states = {(queue.version, queue.notes) for queue in db.session.scalars(select(Queue))}
            assert len(states) == 1, "one of the two was changed without the other"
            found = db.session.get(Job, (company_id, killed))
            (version, _notes), *_ = states
            assert (found.state, found.done) in {("running", version - 1), ("waiting", version - 1)}
            assert version - 1 >= reached
            reached = version - 1
    assert 0 < reached < steps
    assert worker.run_waiting(app) == 1
    assert (look(killed).state, look(killed).done) == ("done", steps)
    with building(app, of=cast["admin"]):
        versions = db.session.scalars(select(Queue.version)).all()
        assert versions == [steps + 1] * 2


# --- an upload and the meaning of a name


@pytest.fixture
def exchange(app, visitor, tmp_path, monkeypatch):
    """Upload a log and give its queue a meaning; both wait for their workers."""
    monkeypatch.setattr("portal.jobs.claims.MOST_ATTEMPTS", 100)
    monkeypatch.setattr(reading, "BATCH_LINES", 3)
    monkeypatch.setattr("portal.calls.restamping.CALLS", 4)
    app.config["UPLOADS_FOLDER"] = tmp_path
    with building(app):
        admin = company()
        make_object("queues", "vip", project("Ours – Łódź"))
    page = visitor(admin.email).get("/calls/sources/new")
    page = page.submit("Create Ctrl ↵", {"Name": "PBX"})
    return admin, page


def log():
    lines = []
    for number in range(CALLS):
        call = f"17000{number:05}"
        lines += [
            f"{call}|{call}.1|vip|NONE|ENTERQUEUE||600100200|1",
            f"{call}|{call}.1|vip|Carla|CONNECT|5|{call}.2|4",
            f"{call}|{call}.1|vip|Carla|COMPLETECALLER|5|60|1",
        ]
    return "\n".join([*lines, ""]).encode()


def send(page):
    form, _button = page.form_with("Upload")
    data = MultiDict([("csrf_token", page.visitor.token()), ("files", (io.BytesIO(log()), "log"))])
    return page.visitor.send("POST", form.attributes["action"], data=data)


def killed_often(app, check, first, step, least):
    """Kill workers ever later until one brings its work to its end."""
    kills, statements = 0, first
    while work_until(app, statements):
        kills += 1
        statements += step
        check()
    assert kills >= least, kills
    return kills


def test_an_upload_survives_the_death_of_its_workers(app, exchange):
    admin, page = exchange
    run_page = send(page)

    def whole():
        with building(app, of=admin):
            run = db.session.scalars(select(ImportRun)).one()
            lines = db.session.scalar(select(func.count(EvidenceLine.id)))
            calls = db.session.scalar(select(func.count(Call.id)))
            totals = db.session.scalar(select(func.sum(VisitDay.visits))) or 0
            visits = db.session.scalar(select(func.count(Visit.id)))
            assert (run.lines_read, run.calls_new, totals) == (lines, calls, visits)

    killed_often(app, whole, 14, 1, 25)
    whole()
    page = run_page.visitor.get(run_page.path)
    assert f"Done: {CALLS} new calls, 0 changed." in page.text
    with building(app, of=admin):
        run = db.session.scalars(select(ImportRun)).one()
        assert (run.state, run.lines_read, run.lines_ok) == ("done", 3 * CALLS, 3 * CALLS)
        assert [(job.state, job.result) for job in db.session.scalars(select(Job))] == [
            ("done", {"calls_new": CALLS})
        ]


def test_calls_are_assigned_altogether_or_not_at_all(app, exchange):
    admin, page = exchange
    send(page)
    worker.run_waiting(app)
    names = page.visitor.get(f"{page.path}/names").submit(
        "Save changes Ctrl ↵", {"Meaning of vip": "vip"}
    )
    assert names.texts("#job .badge") == ["Waiting"]

    def whole():
        with building(app, of=admin):
            assigned = select(func.count(Visit.id)).where(Visit.queue_id.is_not(None))
            assert db.session.scalar(assigned) in (0, CALLS)

    killed_often(app, whole, 12, 4, 8)
    with building(app, of=admin):
        assert db.session.scalar(select(func.count(Identity.id))) == 2
        days = select(func.sum(VisitDay.visits)).where(VisitDay.queue_id.is_not(None))
        assert db.session.scalar(days) == CALLS
        assert db.session.scalars(select(CallSource.name)).all() == ["PBX"]


# --- two workers


def test_two_workers_never_run_one_job(app, cast, start, job, look):
    """Several look for work at once, and each job is run by one of them."""
    ran, together = [], threading.Barrier(4)

    @job("count")
    def count(progress, *, number):
        ran.append((number, g.actor.name))
        progress.report(1, 1)

    jobs = [start("ola", "count", {"number": number}) for number in range(12)]

    def work():
        together.wait(10)
        worker.run_waiting(app)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(ran) == [(number, "Ola Łęcka") for number in range(12)]
    assert [(look(one).state, look(one).attempts) for one in jobs] == [("done", 1)] * 12
