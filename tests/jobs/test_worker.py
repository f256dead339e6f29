"""What a worker does with jobs: as whom, how often, and what is left of those that go wrong."""

from __future__ import annotations

import threading

import pytest
from flask import g
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.database import utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.jobs import claims, worker
from portal.jobs.models import Job
from portal.jobs.operations import enqueue
from portal.jobs.progress import Cancelled, Lost, Stopped
from portal.members.models import User
from portal.objects.kinds.queue import Queue
from portal.projects.models import Project
from portal.wall.scope import current, unscoped
from tests.factories import building, default_project, make_object
from tests.jobs.leases import expire

NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"


def state(job):
    return (job.state, job.done, job.total, job.result, job.error, job.attempts)


def test_a_job_is_done_once_and_says_how_it_went(job, start, work, look):
    @job("copy")
    def copy(progress, *, what):
        progress.report(1, 2)
        progress.tell(2, 2)
        return {"copied": what}

    done = start("ola", "copy", {"what": NASTY}, title=NASTY)
    assert look(done).state == "waiting"
    assert (work(), work()) == (1, 0)
    found = look(done)
    assert state(found) == ("done", 2, 2, {"copied": NASTY}, "", 1)
    assert (found.title, found.lease_until) == (NASTY, None)
    assert found.created_at <= found.started_at <= found.finished_at


def test_jobs_are_taken_in_their_order_and_none_without_its_transaction(
    app, job, cast, start, work
):
    order = []

    @job("copy")
    def copy(progress, *, number):
        order.append(number)

    for number in range(3):
        start("ola" if number else "stranger", "copy", {"number": number})
    with building(app, of=cast["ola"]):
        enqueue("copy", {"number": 9}, title="Never", actor=cast["ola"])
        db.session.rollback()
    assert work() == 3
    assert order == [0, 1, 2]


def test_a_job_sees_and_writes_what_its_starter_may(app, job, cast, start, work, look):
    seen = {}

    @job("copy")
    def copy(progress):
        seen["projects"] = db.session.scalars(select(Project.name)).all()
        seen["queues"] = db.session.scalars(select(Queue.name)).all()
        seen["actor"] = (g.actor.name, current().user_id)
        db.session.scalars(select(Queue)).one().name = "Renamed by the job"

    with building(app, of=cast["admin"]):
        for project in db.session.scalars(select(Project).where(Project.is_default.is_(False))):
            make_object("queues", f"Queue of {project.name}", project)
    start("ola", "copy")
    work()
    assert seen == {
        "projects": ["Ours – Łódź"],
        "queues": ["Queue of Ours – Łódź"],
        "actor": ("Ola Łęcka", cast["ola"].id),
    }
    with building(app, of=cast["admin"]):
        told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "changed")).all()
        assert [(one.actor_name, one.object_name) for one in told] == [
            ("Ola Łęcka", "Renamed by the job")
        ]


def test_the_wall_holds_for_what_a_job_has_not_flushed(app, job, cast, start, work, look):
    with building(app, of=cast["admin"]):
        other = default_project().id

    @job("copy")
    def copy(progress):
        name = {"name": "Q", "name_key": "q"}
        db.session.add(Queue(company_id=g.actor.company_id, project_id=other, **name))

    failed = start("ola", "copy")
    work()
    assert look(failed).state == "failed"
    with building(app, of=cast["admin"]):
        assert db.session.scalars(select(Queue)).all() == []


def test_what_was_not_committed_when_a_job_fails_is_undone(app, job, cast, start, work, look):
    @job("copy")
    def copy(progress, *, how):
        g.actor.extension = "11"
        progress.report(1, 3)
        g.actor.extension = "22"
        db.session.flush()
        progress.tell(2, 3)
        if how == "refused":
            raise RefusedError(_("There is a source of this name already."))
        raise ValueError(NASTY)

    refused, broken = start("ola", "copy", {"how": "refused"}), start("ola", "copy", {"how": "x"})
    assert work() == 2
    assert state(look(refused))[:5] == (
        *("failed", 1, 3, None),
        "There is a source of this name already.",
    )
    said = f"Something went wrong in the portal. Its log names {broken}."
    assert state(look(broken))[:5] == ("failed", 1, 3, None, said)
    with building(app, of=cast["admin"]):
        assert db.session.get(User, (cast["ola"].company_id, cast["ola"].id)).extension == "11"


def test_who_was_locked_or_lost_a_right_does_nothing_any_more(app, job, cast, start, work, look):
    ran = []

    @job("copy", permission=Permission.MANAGE_OBJECTS)
    def copy(progress):
        ran.append(g.actor.name)

    @job("all", sees_all=True)
    def everything(progress):
        ran.append(g.actor.name)

    locked, allowed = start("cem", "copy"), start("ola", "copy")
    few, every = start("ola", "all"), start("admin", "all")
    with building(app, of=cast["admin"]):
        db.session.get(User, (cast["cem"].company_id, cast["cem"].id)).locked_at = utcnow()
    work()
    assert ran == ["Ola Łęcka", "Magdalena Sobczak"]
    assert [look(one).state for one in (locked, allowed, few, every)] == [
        *("failed", "done", "failed", "done")
    ]
    assert look(locked).error == "The person who started this may no longer sign in."
    assert look(few).error == "The person who started this may no longer do it."


def test_the_words_of_a_job_are_in_its_starters_language(app, job, cast, start, work):
    words = []

    @job("copy")
    def copy(progress):
        words.append(_("Save changes"))

    with building(app, of=cast["admin"]):
        db.session.get(User, (cast["cem"].company_id, cast["cem"].id)).language = "tr"
    for who in ("ola", "cem", "ola"):
        start(who, "copy")
    work()
    assert words[0] == words[2] == "Save changes" != words[1]


def test_nobody_starts_a_job_that_does_not_exist_or_for_somebody_else(app, job, cast, start):
    with pytest.raises(LookupError):
        start("ola", "no such job")


# --- cancelled, stopped, lost


def test_a_cancelled_job_keeps_what_it_committed(app, job, cast, start, work, look):
    @job("copy")
    def copy(progress):
        g.actor.extension = "11"
        progress.report(1, 3)
        with app.app_context(), unscoped("the test presses the button"):
            db.session.execute(
                update(Job).values(cancel_requested=True).execution_options(untold="test")
            )
            db.session.commit()
        g.actor.extension = "22"
        try:
            progress.report(2, 3)
        except Exception:  # noqa: BLE001  # what jobs may do must not keep them from stopping
            raise AssertionError from None
        raise AssertionError

    stopped = start("ola", "copy")
    assert work() == 1
    assert state(look(stopped))[:3] == ("cancelled", 2, 3)
    assert work() == 0


def test_a_worker_that_is_told_to_stop_hands_its_job_back(app, job, start, work, look):
    stopping, seen = threading.Event(), []

    @job("copy")
    def copy(progress):
        seen.append(1)
        if len(seen) == 1:
            stopping.set()
        progress.report(len(seen), 2)

    handed = start("ola", "copy")
    worker.work(app, stopping)
    assert state(look(handed))[:3] == ("waiting", 1, 2)
    assert look(handed).attempts == 0
    assert work() == 1
    assert state(look(handed)) == ("done", 2, 2, {}, "", 1)


def test_who_lost_a_job_can_commit_nothing_more(app, job, cast, start, work, look):
    """A worker that slept past its lease wakes up while another one has done the job."""
    runs = []

    @job("copy")
    def copy(progress):
        runs.append(1)
        if len(runs) == 1:
            expire(app)
            assert work() == 1
            g.actor.extension = "too late"
            with pytest.raises(Lost):
                db.session.commit()
            raise Lost
        g.actor.extension = "in time"

    only = start("ola", "copy")
    work()
    assert (len(runs), state(look(only))) == (2, ("done", 0, 0, {}, "", 2))
    with building(app, of=cast["admin"]):
        assert db.session.get(User, (cast["ola"].company_id, cast["ola"].id)).extension == "in time"


def test_after_three_deaths_a_job_is_given_up(app, start, job, look, work):
    @job("copy")
    def copy(progress):
        raise AssertionError

    cursed = start("ola", "copy")
    for attempt in range(3):
        with app.app_context():
            assert claims.take().attempts == attempt + 1
        assert work() == 0
        expire(app)
    assert work() == 0
    assert look(cursed).error == "Its worker ended three times in the middle."
    assert state(look(cursed))[:3] == ("failed", 0, 0)


def test_a_dead_workers_job_that_was_cancelled_does_not_run_again(app, start, job, look, work):
    @job("copy")
    def copy(progress):
        raise AssertionError

    dead = start("ola", "copy")
    with app.app_context():
        claims.take()
    with building(app), unscoped("the test presses the button"):
        db.session.execute(update(Job).values(cancel_requested=True))
        db.session.commit()
    expire(app)
    assert work() == 0
    assert look(dead).state == "cancelled"


def test_a_lease_is_renewed_while_a_job_thinks(app, start, job, look, work):
    app.config["JOB_LEASE_S"] = 0.3
    others = []

    @job("copy")
    def copy(progress):
        db.session.rollback()  # a job that thinks holds nothing
        for _round in range(8):
            others.append(threading.Event().wait(0.1) or take_another(app))

    start("ola", "copy")
    assert work() == 1
    assert others == [None] * 8


def take_another(app):
    with app.app_context():
        return claims.take()


def test_a_database_that_goes_away_costs_an_attempt(app, start, job, look, work, monkeypatch):
    monkeypatch.setattr(worker, "_PAUSE_S", -1)
    runs = []

    @job("copy")
    def copy(progress):
        runs.append(1)
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    gone = start("ola", "copy")
    assert work() == 3
    assert (len(runs), look(gone).state, look(gone).error) == (
        *(3, "failed"),
        "The database could not be reached.",
    )


@pytest.mark.parametrize("kind", [Cancelled, Stopped, Lost])
def test_no_job_keeps_a_stop_by_catching_errors(kind):
    assert not issubclass(kind, Exception)
