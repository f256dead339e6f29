"""Jobs that do what a test tells them, and a cast who starts them."""

from __future__ import annotations

import pytest
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.extensions import db
from portal.jobs import registry, worker
from portal.jobs.models import Job
from portal.jobs.operations import enqueue
from tests.factories import building, company, project, role, user


@pytest.fixture
def job(app):
    """Let a test register functions of its own beside the portal's: ``@job("copy")``."""
    before = dict(registry.KINDS)
    yield lambda name, **needs: registry.job(name, label=_l("Import"), **needs)
    registry.KINDS.clear()
    registry.KINDS.update(before)


@pytest.fixture
def cast(app):
    """Make somebody who sees everything, two people in a project each, and another company."""
    with building(app):
        people = {"admin": company()}
        worker_role = role("Worker", Permission.VIEW_OBJECTS, Permission.MANAGE_OBJECTS)
        people["ola"] = user("Ola Łęcka", role=worker_role, projects=[project("Ours – Łódź")])
        people["cem"] = user("Cem İnce", role=worker_role, projects=[project("Theirs")])
    with building(app):
        people["stranger"] = company("Elsewhere")
    return people


@pytest.fixture
def start(app, cast):
    """Start a job as one of the cast; return its id: ``start("ola", "copy", {"n": 3})``."""

    def started(who, kind, arguments=None, title="Copy", **options):
        with building(app, of=cast[who]):
            job = enqueue(kind, arguments or {}, title=title, actor=cast[who], **options)
            db.session.flush()
            return job.id

    return started


@pytest.fixture
def work(app):
    """Do what waits; return how many jobs that was."""
    return lambda: worker.run_waiting(app)


@pytest.fixture
def look(app, cast):
    """Read a job anew, whoever may see it."""

    def looked(job_id, who="admin"):
        with building(app, of=cast[who]):
            return db.session.get(Job, (cast[who].company_id, job_id))

    return looked
