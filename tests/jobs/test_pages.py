"""The pages of jobs: one's own with their progress, cancelling, and nothing of other people's."""

from __future__ import annotations

import pytest
from flask_babel import ngettext

from portal.extensions import db
from portal.jobs import claims, worker
from portal.jobs.models import Job
from tests.factories import building, never_existed

NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"


@pytest.fixture
def copying(job):
    """Register a job that says what came of it, and one that may not be cancelled."""

    def said(result):
        return ngettext("%(count)s new call.", "%(count)s new calls.", result["n"], count=2)

    @job("copy", outcome=said, page=lambda arguments: ("calls.index", {"q": arguments["q"]}))
    def copy(progress, *, q):
        progress.report(2, 2)
        return {"n": 2}

    @job("whole", cancellable=False)
    def whole(progress):
        pass


def titles(page):
    return [row[0] for row in page.rows()]


def test_a_list_shows_ones_own_jobs_the_newest_first(app, cast, visitor, start, copying, work):
    page = visitor(cast["ola"].email).get("/jobs")
    assert page.texts(".empty h2") == ["Nothing has been started yet"]
    start("ola", "copy", {"q": "x"}, title=NASTY)
    work()
    for who in ("ola", "cem", "admin", "stranger"):
        start(who, "copy", {"q": "x"}, title=f"Copy of {who}")
    ola = visitor(cast["ola"].email)
    assert [row[:4] for row in ola.get("/jobs").rows()] == [
        ["Copy of ola", "Import", "Waiting", ""],
        [NASTY, "Import", "Done", "2 new calls."],
    ]
    admin = visitor(cast["admin"].email).get("/jobs")
    assert [(row[0], row[4]) for row in admin.rows()] == [
        ("Copy of admin", "Magdalena Sobczak"),
        ("Copy of cem", "Cem İnce"),
        ("Copy of ola", "Ola Łęcka"),
        (NASTY, "Ola Łęcka"),
    ]
    assert titles(visitor(cast["stranger"].email).get("/jobs")) == ["Copy of stranger"]
    visitor().get("/jobs", follow=False, status=303)


def test_a_job_of_somebody_else_answers_like_one_that_never_existed(
    app, cast, visitor, start, copying, look
):
    own = start("ola", "copy", {"q": "x"})
    owners = ("cem", "stranger", "admin")
    foreign = [start(who, "copy", {"q": "x"}, title=NASTY) for who in owners]
    ola = visitor(cast["ola"].email)
    missing = ola.get(f"/jobs/{never_existed()}", status=404).data
    for one in foreign:
        assert ola.get(f"/jobs/{one}", status=404).data == missing
    missing = ola.post(f"/jobs/{never_existed()}/cancel", status=404).data
    for one in foreign:
        assert ola.post(f"/jobs/{one}/cancel", status=404).data == missing
    states = [look(one, who).state for one, who in zip(foreign, owners, strict=True)]
    assert states == ["waiting"] * 3
    assert visitor(cast["admin"].email).get(f"/jobs/{own}").heading == "Copy"
    visitor(cast["stranger"].email).get(f"/jobs/{own}", status=404)


def test_a_job_that_runs_is_polled_until_it_has_ended(app, cast, visitor, start, copying, look):
    one = start("ola", "copy", {"q": "<b>"}, title=NASTY)
    ola = visitor(cast["ola"].email)
    page = ola.get(f"/jobs/{one}")
    assert (page.heading, page.texts("#job .badge")) == (NASTY, ["Waiting"])
    assert page.one("#job").attributes["hx-trigger"] == "every 2s"
    assert page.link("Open") == "/calls?q=%3Cb%3E"
    half(app, cast, one)
    for url in (f"/jobs/{one}", "/jobs"):
        fragment = ola.get(url, fragment=True)
        assert fragment.one("progress").attributes["value"] == "3"
        assert fragment.one("[hx-get]").attributes["hx-get"] == url
        assert fragment.texts(".progress .label") == ["3 of 6"]
    ended(app, cast, one)
    for url in (f"/jobs/{one}", "/jobs"):
        assert ola.get(url, fragment=True).all("[hx-get]") == []
    assert ola.get(f"/jobs/{one}").texts("#job") == ["2 new calls."]


def half(app, cast, one):
    """Let a worker be half through a job."""
    with app.app_context():
        assert claims.take().job_id == one
    with building(app, of=cast["admin"]):
        job = db.session.get(Job, (cast["admin"].company_id, one))
        job.done, job.total = 3, 6


def ended(app, cast, one):
    with building(app, of=cast["admin"]):
        db.session.get(Job, (cast["admin"].company_id, one)).lease_until = None
    assert worker.run_waiting(app) == 1


def test_progress_survives_a_restart_of_the_portal(app, make_app, cast, start, copying):
    """Another web process, which has never heard of the job, shows how far it is."""
    from tests.page import Visitor

    one = start("ola", "copy", {"q": "x"})
    half(app, cast, one)
    again = Visitor(make_app())
    again.sign_in(cast["ola"].email)
    assert again.get(f"/jobs/{one}").texts(".progress .label") == ["3 of 6"]
    assert again.get("/jobs").rows()[0][:3] == ["Copy", "Import", "Running"]


def test_a_waiting_job_is_cancelled_at_once(app, cast, visitor, start, copying, look, work):
    one = start("ola", "copy", {"q": "x"})
    page = visitor(cast["ola"].email).get("/jobs").submit("Cancel")
    assert (page.path, page.texts("#job .badge")) == (f"/jobs/{one}", ["Cancelled"])
    assert (work(), look(one).state) == (0, "cancelled")
    page = page.visitor.post(f"/jobs/{one}/cancel")
    assert page.texts("#job .badge") == ["Cancelled"]


def test_a_running_job_is_asked_to_stop_also_by_who_sees_everything(
    app, cast, visitor, start, copying, look
):
    one = start("ola", "copy", {"q": "x"})
    half(app, cast, one)
    page = visitor(cast["admin"].email).get(f"/jobs/{one}").submit("Cancel")
    assert page.texts("#job .badge") == ["Stopping"]
    assert (look(one).state, look(one).cancel_requested) == ("running", True)
    page = page.visitor.post(f"/jobs/{one}/cancel")
    assert page.texts("#job .badge") == ["Stopping"]


def test_what_would_be_left_half_done_cannot_be_cancelled(app, cast, visitor, start, copying, look):
    one = start("ola", "whole")
    ola = visitor(cast["ola"].email)
    for url in ("/jobs", f"/jobs/{one}"):
        assert "Cancel" not in ola.get(url).texts("button")
    page = ola.post(f"/jobs/{one}/cancel", status=422)
    assert "This cannot be cancelled: it would be left half done." in page.text
    assert look(one).state == "waiting"


def test_many_jobs_come_page_by_page(app, cast, visitor, start, copying):
    for number in range(60):
        start("ola", "copy", {"q": "x"}, title=f"Copy {number}")
    ola = visitor(cast["ola"].email)
    page = ola.get("/jobs")
    got = [title for title in titles(page) if title != "Load more"]
    while page.all(".more-row a"):
        page = ola.get(page.one(".more-row a").attributes["href"], fragment=True)
        got += [title for title in titles(page) if title != "Load more"]
    assert got == [f"Copy {number}" for number in reversed(range(60))]
    for bad in ("x", "1" * 4000, "\ud800".encode("utf-8", "replace").decode()):
        assert len(titles(ola.get(f"/jobs?before={bad}", fragment=True))) == 51


def test_a_failure_is_shown_escaped(app, cast, visitor, start, job, work):
    from portal.errors import RefusedError

    @job("copy")
    def copy(progress):
        raise RefusedError(NASTY)

    one = start("ola", "copy")
    work()
    ola = visitor(cast["ola"].email)
    assert ola.get(f"/jobs/{one}").texts("#job") == [f"It failed. {NASTY}"]
    assert ola.get("/jobs").rows()[0][2:4] == ["Failed", NASTY]


def test_a_job_that_this_version_does_not_know_is_shown_and_fails(app, cast, visitor, start, work):
    from portal.jobs import registry

    registry.job("newer", label="x")(lambda progress: None)
    one = start("ola", "newer")
    del registry.KINDS["newer"]
    ola = visitor(cast["ola"].email)
    ola.get(f"/jobs/{one}")
    assert work() == 1
    assert ola.get("/jobs").rows()[0][1:4] == [
        *("", "Failed"),
        "This version of the portal does not know how to do this.",
    ]


def test_the_command_does_what_waits(app, cast, start, copying, look):
    one = start("ola", "copy", {"q": "x"})
    for count in (1, 0):
        result = app.test_cli_runner().invoke(args=["portal", "worker", "--once"])
        assert (result.exit_code, result.output) == (0, f"{count} jobs done\n")
    assert look(one).state == "done"
