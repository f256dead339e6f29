"""Sources, uploads and their runs, and what names mean: through the pages."""

from __future__ import annotations

import contextlib
import gc
import gzip
import io
import os
import threading
import time
import uuid
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.calls import importing, reading, runs
from portal.calls.evidence import CallSource, EvidenceLine, Identity, ImportRun
from portal.calls.figures import VisitDay
from portal.calls.intake import operations
from portal.calls.models import Call, Visit
from portal.calls.turns import in_turn
from portal.extensions import db
from portal.jobs import worker
from tests.factories import (
    building,
    company,
    make_object,
    never_existed,
    project,
    query,
    role,
    user,
)
from tests.jobs.leases import expire

DATA = Path(__file__).parent / "data" / "v16"
NASTY = "Łódź \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
# As a file's name: without quotes, which test clients do not escape in a form.
FILE = "Łódź <img src=x onerror=alert(1)> 'İş' =1+1.log"
LOG = "/calls?period=custom&from=2023-11-01&to=2023-11-30"


class Killed(BaseException):
    """Ends a worker in the middle, as a kill does."""


CREATE, SAVE = "Create Ctrl ↵", "Save changes Ctrl ↵"


def a_call(number, queue="vip", agent="Carla Támez", ending=b"\n"):
    """Return the three events of one answered call."""
    call = f"1700000{number:03}.1"
    lines = (
        f"1700000{number:03}|{call}|{queue}|NONE|ENTERQUEUE||600100200|1",
        f"1700000{number:03}|{call}|{queue}|{agent}|CONNECT|5|1700000{number:03}.2|4",
        f"1700000{number:03}|{call}|{queue}|{agent}|COMPLETECALLER|5|60|1",
    )
    return ending.join(line.encode() for line in lines) + ending


@pytest.fixture
def cast(app, visitor, tmp_path):
    """Make a company with two projects; uploads are kept in a folder of this test's."""
    app.config["UPLOADS_FOLDER"] = tmp_path / "uploads"
    with building(app):
        admin = company()
        ours, theirs = project("Ours – Łódź"), project("Theirs – İzmir")
        people = {"admin": admin, "ours": ours, "theirs": theirs}
        people["vip"] = make_object("queues", "vip", ours)
        make_object("queues", "twin", ours)
        make_object("queues", "twin", theirs)
        people["carla"] = user("Carla Támez", projects=[ours])
    return people


@pytest.fixture
def admin(cast, visitor):
    return visitor(cast["admin"].email)


@pytest.fixture
def rows(app, cast):
    """Count the rows that a condition is true of, or give the first: ``rows(Visit, …)``."""

    def count(model, *conditions):
        with building(app, of=cast["admin"]):
            return db.session.scalar(select(func.count(model.id)).where(*conditions))

    return count


def new_source(person, name="Main exchange"):
    page = person.get("/calls/sources/new").submit(CREATE, {"Name": name})
    assert page.heading == name
    return page


def upload(page, *files, **options):
    """Send files ``(name, bytes)``; return the page of the run when it has ended."""
    form, _button = page.form_with("Upload")
    data = MultiDict([("csrf_token", page.visitor.token())])
    for name, content in files:
        data.add("files", (io.BytesIO(content), name))
    page = page.visitor.send("POST", form.attributes["action"], data=data, **options)
    return finished(page) if page.path.startswith("/calls/sources/runs/") else page


def finished(page):
    """Let a worker do what waits; return the page as it is then."""
    with contextlib.suppress(Killed):
        worker.run_waiting(page.visitor.app)
    return page.visitor.get(page.url)


def save(page, fields=None):
    """Save meanings, and let a worker assign the calls."""
    page = page.submit(SAVE, fields)
    assert "Saved. The calls are being assigned again." in page.text
    return finished(page)


def figures(page):
    texts = page.texts(".kpis dd")
    return dict(zip(page.texts(".kpis dt"), (int(n.replace(",", "")) for n in texts), strict=True))


def counted(page):
    """Return read and its five parts, which must add up, and the calls new and changed."""
    read, *parts, new, changed = figures(page).values()
    assert read == sum(parts)
    return (*parts, new, changed)


def spooled(app):
    folder = Path(app.config["UPLOADS_FOLDER"])
    return sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.exists() else []


# --- sources


def test_a_source_is_made_and_edited(admin):
    new_source(admin, NASTY)
    page = admin.get("/calls/sources")
    assert page.rows() == [[NASTY, "Europe/Warsaw", "never", "0", "0", ""]]
    page = page.click(f"Edit {NASTY}").submit(
        SAVE, {"Name": "Zażółć", "Time zone": "America/New York"}
    )
    assert page.rows() == [["Zażółć", "America/New York", "never", "0", "0", ""]]
    for fragment in (False, True):
        admin.get("/calls/sources/new", fragment=fragment)


def test_bad_names_of_sources_are_refused_at_the_field(admin):
    new_source(admin, "İstanbul")
    form = admin.get("/calls/sources/new")
    for bad in ("", "  ", "x" * 101, "a\u202eb", "a\x00b", "i̇stanbul"):
        page = form.submit(CREATE, {"Name": bad}, status=422)
        assert list(page.errors()) == ["Name"], bad
    other = new_source(admin, "Other")
    edit = admin.get(f"{other.path}/edit")
    page = edit.submit(SAVE, {"Name": "İSTANBUL".casefold()}, status=422)
    assert page.errors() == {"Name": "There is a source of this name already."}
    sent = {"name": "Third", "timezone": "Nowhere/Else", "version": "1"}
    page = admin.post("/calls/sources/new", sent, status=422)
    assert list(page.errors()) == ["Time zone"]
    assert [row[0] for row in admin.get("/calls/sources").rows()] == ["İstanbul", "Other"]


def test_two_who_edit_a_source_at_once(admin):
    source = new_source(admin)
    mine, other = admin.get(f"{source.path}/edit"), admin.get(f"{source.path}/edit")
    other.submit(SAVE, {"Name": "Theirs"})
    page = mine.submit(SAVE, {"Name": "Mine"}, status=409)
    assert "Theirs" in page.text
    assert page.submit(SAVE).rows()[0][0] == "Mine"


def test_who_may_not_import_or_does_not_see_everything(app, cast, visitor, admin):
    source = new_source(admin)
    run = upload(source, ("queue_log", a_call(1)))
    with building(app, of=cast["admin"]):
        importer = role("Importer", Permission.IMPORT_CALLS, Permission.VIEW_CALLS)
        walled = user("Wal Led", role=importer, projects=[cast["ours"]])
        seer = user("See Er", role=role("Seer", Permission.SEE_EVERYTHING, Permission.VIEW_CALLS))
    with building(app):
        stranger = company("Elsewhere")
    paths = ["", "/new", source.path[14:], f"{source.path[14:]}/edit", f"{source.path[14:]}/names"]
    for path in paths:
        for person in (walled, seer):
            visitor(person.email).get(f"/calls/sources{path}", status=403)
    visitor(walled.email).get(run.path, status=404)
    visitor(seer.email).get(run.path, status=403)
    elsewhere = visitor(stranger.email)
    missing = elsewhere.get(f"/calls/sources/{never_existed()}", status=404).data
    for path in (*paths[2:], run.path[14:], f"{run.path[14:]}/lines.csv"):
        assert elsewhere.get(f"/calls/sources{path}", status=404).data == missing
    for url in (source.path, f"{source.path}/names"):
        assert elsewhere.post(url, status=404).data == missing
        visitor(walled.email).post(url, status=403)
    assert visitor(walled.email).get("/calls").all('a[href="/calls/sources"]') == []
    assert len(admin.get("/calls").all('a[href="/calls/sources"]')) == 1


def test_raw_lines_are_for_who_sees_everything_and_numbers(app, cast, visitor, admin):
    upload(new_source(admin), ("queue_log", a_call(1, NASTY.replace("|", "_"))))
    importing_calls = (Permission.IMPORT_CALLS, Permission.VIEW_CALLS)
    with building(app, of=cast["admin"]):
        visit_id = db.session.scalar(select(Visit.id))
        walled = role("Walled", *importing_calls, Permission.SEE_NUMBERS)
        blind = role("Blind", *importing_calls, Permission.SEE_EVERYTHING)
        people = [user("Wal Led", role=walled, projects=[cast["ours"]]), user("Bl", role=blind)]
    with building(app):
        people.append(company("Elsewhere"))
    path = f"/calls/sources/lines/{visit_id}"
    answers = [visitor(person.email).get(path, status=None).status for person in people]
    assert answers == [404, 403, 404]
    for wrong in (never_existed(), "x", "%00", f"{visit_id}x"):
        admin.get(f"/calls/sources/lines/{wrong}", status=404)
    page = admin.get(path)
    assert [NASTY in row[2] for row in page.rows()] == [True] * 3
    assert page.all("main img") == []
    with building(app, of=cast["admin"]):
        for line in db.session.scalars(select(EvidenceLine)):
            line.raw = b""
        db.session.commit()
    assert [row[1:] for row in admin.get(path).rows()] == [
        [str(number), "not kept any more"] for number in (1, 2, 3)
    ]


# --- uploads


def test_real_files_are_imported_and_known_again(app, cast, admin, rows):
    page = new_source(admin)
    files = [
        (name, (DATA / name).read_bytes())
        for name in ("queue_log", "queue_log.0", "cdr-csv/Master.csv")
    ]
    first = upload(page, *files)
    lines = sum(content.count(b"\n") for _name, content in files)
    assert figures(first)["Lines read"] == lines
    assert counted(first)[1:5] == (0, 0, 1, 0)
    calls, visits, evidence = rows(Call), rows(Visit), rows(EvidenceLine)
    assert figures(first)["New calls"] == calls > 200
    again = upload(page, ("other name", files[0][1]), ("packed.gz", gzip.compress(files[2][1])))
    assert counted(again) == (0, 0, 0, 0, 0, 0, 0)
    assert "lines of these files had been read before." in again.text
    assert (rows(Call), rows(Visit), rows(EvidenceLine)) == (calls, visits, evidence)
    assert spooled(app) == []
    table = page.visitor.get(page.path).rows()
    assert [row[1:4] for row in table] == [
        ["Done", "Magdalena Sobczak", "2"],
        ["Done", "Magdalena Sobczak", "3"],
    ]
    assert admin.get("/calls/sources").rows()[0][3] == f"{calls:,}"


def test_lines_at_fault_are_listed_escaped_and_can_be_had(admin, rows):
    nasty = NASTY.encode()
    content = (
        a_call(1)
        + b"\n"
        + b"no fields at all "
        + nasty
        + b"\n"
        + b"1700000009|NONE|NONE|NONE|CUSTOM"
        + b"|"
        + nasty
        + b"\xff\n"
        + a_call(1)
        + b"=cmd|x|y|z|ENTERQUEUE\n"
        + b"1700000010|1700000010.1|vip|NONE|ENTERQ"
    )
    page = upload(new_source(admin), (f"/var/log/{FILE}\x07", content))
    assert counted(page) == (6, 1, 2, 1, 0, 1, 0)
    assert "1 line has no end yet and waits for the rest." in page.text
    name = f"{FILE}\ufffd"
    listed = [
        [name, "5", "Malformed", "fewer than 5 fields", f"no fields at all {NASTY}"],
        [
            name,
            "6",
            "Unknown event",
            "unknown event",
            f"1700000009|NONE|NONE|NONE|CUSTOM|{NASTY}\\xff",
        ],
        [name, "10", "Malformed", "no time at the start", "=cmd|x|y|z|ENTERQUEUE"],
    ]
    assert page.rows("table.lines") == listed
    shown = page.visitor.get(f"{page.path}?verdict=unknown")
    assert shown.rows("table.lines") == listed[1:2]
    csv = admin.get(f"{page.path}/lines.csv").data.decode("utf-8-sig").splitlines()
    assert csv[0] == "File,Line,Verdict,Reason,Text"
    assert csv[3].endswith(",'=cmd|x|y|z|ENTERQUEUE")
    admin.get(f"{page.path}/lines.xlsx")
    assert rows(AuditEntry, AuditEntry.action == "exported") == 2


def test_many_lines_at_fault_come_page_by_page(admin):
    faults = b"".join(b"fault %d\n" % number for number in range(120))
    page = upload(new_source(admin), ("queue_log", a_call(1) + faults))
    got = [row[4] for row in page.rows("table.lines") if len(row) > 1]
    while page.all(".more-row a"):
        page = admin.get(page.one(".more-row a").attributes["href"], fragment=True)
        got += [row[4] for row in page.rows() if len(row) > 1]
    assert got == [f"fault {number}" for number in range(120)]


UNFIT = {
    "nothing chosen": ([], "Choose at least one file."),
    "empty": ([("queue_log", b"")], "queue_log is empty."),
    "blank": ([("queue_log", b" \n\n")], "queue_log is empty."),
    "another format": ([("a.txt", b"neither\nlog nor table\n")], None),
    "binary": (
        [("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 40)],
        "a.png: This is neither a CSV file nor an XLSX workbook.",
    ),
    "packed and cut off": (
        [("q.gz", gzip.compress(a_call(1) * 500)[:-20])],
        "q.gz is damaged or cut off.",
    ),
    "packed and damaged": ([("q.gz", b"\x1f\x8b" + b"x" * 100)], "q.gz is damaged or cut off."),
    "packed and empty": ([("q.gz", gzip.compress(b""))], "q.gz is empty."),
    "one of two": ([("good", a_call(1)), (FILE, b"bad")], None),
}


@pytest.mark.parametrize("case", UNFIT)
def test_an_unfit_upload_is_refused_at_the_field(app, admin, rows, case):
    files, message = UNFIT[case]
    page = upload(new_source(admin), *files, status=422)
    name = files[-1][0] if files else ""
    unknown = f"{name} is not a file that can be imported: its format is not known."
    assert page.errors() == {"Files": message or unknown}
    assert (rows(ImportRun), rows(EvidenceLine), spooled(app)) == (0, 0, [])


def test_a_log_in_another_encoding_is_a_log(admin):
    page = upload(new_source(admin), ("queue_log", a_call(1).decode().encode("utf-16")))
    assert counted(page)[-2:] == (1, 0)


def test_too_much_is_refused(app, admin, rows, monkeypatch):
    page = new_source(admin)
    monkeypatch.setattr(operations, "MOST_UNPACKED", 1000)
    packed = gzip.compress(a_call(1) * 100)
    assert upload(page, ("q.gz", packed), status=422).errors() == {"Files": "q.gz is too large."}
    monkeypatch.setattr(operations, "MOST_FILES", 2)
    many = upload(page, *[("q", a_call(1))] * 3, status=422)
    assert many.errors() == {"Files": "At most 2 files at once."}
    app.config["MAX_CONTENT_LENGTH"] = 10_000
    upload(page, ("queue_log", a_call(1) * 1000), status=413)
    assert (rows(ImportRun), spooled(app)) == (0, [])


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # of the form parser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_that_ends_early_leaves_nothing(app, admin, rows):
    page = new_source(admin)
    head = (
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        + admin.token().encode()
        + b'\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="q"\r\n\r\n'
    )
    answer = admin.client.post(
        page.path,
        data=head + a_call(1),
        content_type="multipart/form-data; boundary=x",
    )
    gc.collect()  # what the form parser left open is warned of here, not in another test
    assert 400 <= answer.status_code < 500
    assert (rows(ImportRun), spooled(app)) == (0, [])


def test_an_import_is_one_entry_of_who_uploaded(app, cast, admin):
    upload(new_source(admin, NASTY), ("queue_log", a_call(1)))
    with building(app, of=cast["admin"]):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "imported")).one()
        assert (entry.actor_name, entry.object_name) == ("Magdalena Sobczak", NASTY)
        assert entry.detail["calls_new"] == 1


# --- runs that are interrupted


def cancel(app, page):
    """Cancel what a dead worker had, as the page of jobs does; let the next worker see it."""
    jobs_page = page.visitor.get("/jobs").submit("Cancel")
    expire(app)
    worker.run_waiting(app)
    assert jobs_page.visitor.get(jobs_page.path).texts(".badge") == ["Cancelled"]


@pytest.fixture
def killed(monkeypatch):
    """Let the import end, as by a kill, after the given number of batches of three lines."""

    keep = importing._Importing._keep

    def after(batches):
        left = [batches]

        def kept(self, *arguments):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return keep(self, *arguments)

        monkeypatch.setattr(reading, "BATCH_LINES", 3)
        monkeypatch.setattr(importing._Importing, "_keep", kept)
        monkeypatch.setattr(importing._Importing, "fail", lambda self, error: None)

    return after


def test_an_interrupted_import_goes_on_where_it_was(app, admin, rows, killed, monkeypatch):
    content = b"".join(a_call(number) for number in range(10)) + b"fault\n"
    killed(4)
    page = upload(new_source(admin), ("queue_log", content))
    assert page.one("#run").attributes["hx-trigger"] == "every 1s"
    cancel(app, page)
    page = page.visitor.get(page.path)
    assert "The import was interrupted. What was read is kept." in page.text
    assert figures(page)["Lines read"] == 12
    assert len(spooled(app)) == 1
    assert page.visitor.get("/calls/sources").rows()[0][2].endswith("Interrupted")
    monkeypatch.undo()
    page = finished(page.submit("Continue"))
    assert counted(page) == (30, 0, 1, 0, 0, 10, 0)
    assert "had been read before" not in page.text
    assert (rows(Call), spooled(app)) == (10, [])
    admin.post(f"{page.path}/continue")
    assert counted(finished(page)) == (30, 0, 1, 0, 0, 10, 0)


def test_the_next_worker_goes_on_with_an_import(app, admin, rows, killed, monkeypatch, make_app):
    content = b"".join(a_call(number) for number in range(10))
    killed(2)
    page = upload(new_source(admin), ("queue_log", content))
    assert rows(Call) == 2
    monkeypatch.undo()
    expire(app)
    again = make_app(UPLOADS_FOLDER=app.config["UPLOADS_FOLDER"])
    assert worker.run_waiting(again) == 1
    assert counted(page.visitor.get(page.path)) == (30, 0, 0, 0, 0, 10, 0)
    assert (rows(Call), spooled(app)) == (10, [])


def test_a_failed_import_says_so_and_can_go_on(app, admin, rows, monkeypatch):
    def broken(*arguments):
        raise OSError(f"disk {NASTY}")

    monkeypatch.setattr(runs, "rebuild", broken)
    page = upload(new_source(admin), ("queue_log", a_call(1)))
    assert "The import failed. Something went wrong in the portal or its database." in page.text
    assert (rows(Call), rows(EvidenceLine)) == (0, 0)
    monkeypatch.undo()
    assert counted(finished(page.submit("Continue"))) == (3, 0, 0, 0, 0, 1, 0)


def test_without_its_files_a_run_cannot_go_on(app, admin, killed):
    killed(0)
    page = upload(new_source(admin), ("queue_log", a_call(1)))
    cancel(app, page)
    again = page.visitor.get(page.path)
    for folder in Path(app.config["UPLOADS_FOLDER"]).iterdir():
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
    page = again.submit("Continue", status=422)
    assert "The files of this import are gone." in page.text
    assert page.texts(".note-actions .btn") == ["Upload"]


def test_a_running_import_is_polled_until_it_has_ended(app, admin):
    source = new_source(admin)
    form, _button = source.form_with("Upload")
    data = MultiDict([("csrf_token", admin.token()), ("files", (io.BytesIO(a_call(1)), "q"))])
    page = admin.send("POST", form.attributes["action"], data=data)
    assert page.one("#run").attributes["hx-trigger"] == "every 1s"
    fragment = admin.get(page.path, fragment=True)
    assert fragment.one("#run").attributes["hx-get"] == page.path
    assert fragment.one("progress").attributes["max"] == str(len(a_call(1)))
    finished(page)
    fragment = admin.get(page.path, fragment=True)
    assert "hx-get" not in fragment.one("#run").attributes
    assert counted(fragment) == (3, 0, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("where", ["commit", "flush"])
def test_an_upload_that_the_database_refuses_leaves_no_files(app, admin, rows, monkeypatch, where):
    page = new_source(admin)

    def broken(*arguments, **options):
        if len(spooled(app)) == 1:
            raise OSError("the database is gone")
        return proper(*arguments, **options)

    proper = getattr(Session, where)
    monkeypatch.setattr(Session, where, broken)
    with pytest.raises(OSError, match="the database is gone"):
        upload(page, ("queue_log", a_call(1)))
    monkeypatch.undo()
    assert (rows(ImportRun), rows(EvidenceLine), spooled(app)) == (0, 0, [])
    assert counted(upload(page, ("queue_log", a_call(1)))) == (3, 0, 0, 0, 0, 1, 0)


def test_old_folders_that_are_of_no_run_are_removed(app, cast, admin):
    folders = []
    for age in (0, 2):
        folder = Path(
            app.config["UPLOADS_FOLDER"], f"{cast['admin'].company_id}-{uuid.uuid4().hex}"
        )
        folder.mkdir(parents=True)
        (folder / "0000").write_bytes(a_call(1))
        os.utime(folder, (time.time() - age * 86_400,) * 2)
        folders.append(folder)
    upload(new_source(admin), ("queue_log", a_call(1)))
    assert [folder.exists() for folder in folders] == [True, False]


def test_uploads_and_the_command_take_turns(app, cast, admin, rows, tmp_path):
    upload(new_source(admin, "pbx"), ("queue_log", a_call(1)))
    path = tmp_path / "more"
    path.write_bytes(a_call(2))
    words = [
        "portal",
        "import-calls",
        "--company",
        "Brannova Contact",
        "--source",
        "pbx",
        str(path),
    ]
    results = []

    def command():
        results.append(app.test_cli_runner().invoke(args=words))

    with building(app, of=cast["admin"]):
        source_id = db.session.scalars(select(CallSource.id)).one()
        db.session.commit()
        with in_turn(source_id):
            thread = threading.Thread(target=command)
            thread.start()
            thread.join(1)
            assert thread.is_alive()
            assert db.session.scalar(select(func.count(EvidenceLine.id))) == 3
            db.session.commit()
        thread.join(20)
    assert results[0].exit_code == 0, results[0].output
    assert "Another import of this source is at work" in results[0].stderr
    assert (rows(EvidenceLine), rows(Call)) == (6, 2)


# --- what names mean


@pytest.fixture
def imported(admin):
    content = b"".join(
        [a_call(1), a_call(2), a_call(3, "twin", NASTY.replace("|", "_")), a_call(4, "other")]
    )
    page = new_source(admin)
    upload(page, ("queue_log", content))
    return page


def names_page(page, **arguments):
    return page.visitor.get(f"{page.path}/names?{query(**arguments)}")


def meanings(page):
    """Return each name with its number of calls and what is chosen for it."""
    return [
        (
            row.css_first("code").text(),
            row.css_first("td.n-calls").text(),
            next((o.text() for o in row.css("option") if "selected" in o.attributes), "None yet"),
        )
        for row in page.all("tbody tr")
    ]


def test_names_are_listed_by_kind_with_their_calls(imported):
    page = names_page(imported)
    assert meanings(page) == [
        ("other", "1", "None yet"),
        ("twin", "1", "None yet"),
        ("vip", "2", "None yet"),
    ]
    assert page.texts(".n-first") == ["14 Nov 2023"] * 3
    offered = page.all("#names-form tbody tr")[0]
    assert [o.text() for o in offered.css("option")] == [
        "None yet", "Ignore", "twin", "vip", "twin",
    ]  # fmt: skip
    assert [g.attributes["label"] for g in offered.css("optgroup")] == [
        "Ours – Łódź",
        "Theirs – İzmir",
    ]
    assert page.texts("td p.hint") == ["Same name: vip"]
    agents = names_page(imported, kind="agent")
    assert [row[:2] for row in meanings(agents)] == [("Carla Támez", "3"), (NASTY, "1")]
    assert meanings(names_page(imported, kind="did")) == []
    assert meanings(names_page(imported, q="VI")) == [("vip", "2", "None yet")]
    for hostile in ("%", "_", "x" * 5000, "\ud800"):
        assert meanings(names_page(imported, q=hostile.encode("utf-8", "replace"))) == []


def test_a_meaning_assigns_the_calls_and_moves_the_totals(imported, cast, visitor, rows):
    ours = visitor(cast["carla"].email)
    assert ours.get(LOG).rows("table.calls") == []
    page = names_page(imported)
    page = save(page, {"Meaning of vip": "vip", "Meaning of other": "Ignore"})
    assert meanings(page) == [
        ("other", "1", "Ignore"),
        ("twin", "1", "None yet"),
        ("vip", "2", "vip"),
    ]
    assert page.texts("#job") == ["2 entries of the call log were assigned again."]
    mine = (Visit.project_id == cast["ours"].id, Visit.queue_id == cast["vip"].id)
    assert rows(Visit, *mine) == 2
    assert rows(VisitDay, VisitDay.project_id == cast["ours"].id, VisitDay.visits == 2) == 1
    assert meanings(names_page(imported, unmapped="yes")) == [("twin", "1", "None yet")]
    carla = {"Meaning of Carla Támez": "Carla Támez (carla.tamez@example.org)"}
    save(names_page(imported, kind="agent"), carla)
    assert rows(Visit, Visit.operator_id == cast["carla"].id) == 3
    told = [rows(AuditEntry, AuditEntry.action == action) for action in ("mapped", "stamped")]
    assert told == [2, 2]
    assert rows(AuditEntry, AuditEntry.action == "ignored") == 1
    page = save(names_page(imported), {"Meaning of vip": "None yet"})
    assert rows(Visit, Visit.queue_id.is_not(None)) == 0
    # Her three calls are of the only project that Carla is in, until she is nobody here.
    assert rows(Visit, Visit.project_id == cast["ours"].id, Visit.stamped_by == "agent") == 3
    save(names_page(imported, kind="agent"), {"Meaning of Carla Támez": "None yet"})
    assert rows(Visit, Visit.project_id.is_not(None)) == 0
    page = names_page(imported)
    page = page.submit(SAVE)
    assert "Nothing was changed." in page.text


def test_a_preview_says_what_saving_does_and_does_nothing(imported, cast, rows):
    entries = rows(AuditEntry)
    page = names_page(imported).submit("Preview", {"Meaning of vip": "vip"})
    assert page.texts(".note li") == ["vip: 2 entries of the call log are assigned again"]
    assert meanings(page)[2] == ("vip", "2", "vip")
    assert rows(Visit, Visit.project_id.is_not(None)) == 0
    assert rows(Identity, Identity.queue_id.is_not(None)) == 0
    assert rows(AuditEntry) == entries
    assert save(page).texts("#job") == ["2 entries of the call log were assigned again."]


def test_things_of_the_same_name_are_chosen_at_once(imported, rows):
    page = names_page(imported).click("Choose things of the same name")
    assert [row[2] for row in meanings(page)] == ["None yet", "None yet", "vip"]
    assert rows(Identity, Identity.queue_id.is_not(None)) == 0
    page.submit(SAVE)
    assert rows(Identity, Identity.queue_id.is_not(None)) == 1


def test_a_number_dialled_means_a_queue_or_a_project(app, cast, admin, rows):
    page = new_source(admin)
    upload(page, ("Master.csv", (DATA / "cdr-csv" / "Master.csv").read_bytes()))
    did = names_page(page, kind="did")
    raw, _calls, _choice = meanings(did)[0]
    save(did, {f"Meaning of {raw}": "Theirs – İzmir"})
    assert rows(Visit, Visit.project_id == cast["theirs"].id) > 0
    trunk = names_page(page, kind="trunk")
    assert [o.text() for o in trunk.all("tbody tr")[0].css("option")][2:] == [
        "Default", "Ours – Łódź", "Theirs – İzmir",
    ]  # fmt: skip


def test_two_who_map_at_once(imported, cast, rows):
    mine, other = names_page(imported), names_page(imported)
    other.submit(SAVE, {"Meaning of vip": "Ignore"})
    page = mine.submit(SAVE, {"Meaning of vip": "vip", "Meaning of twin": "Ignore"}, status=409)
    assert "Now: Ignore" in page.texts("td p.hint")
    assert meanings(page)[1:] == [("twin", "1", "Ignore"), ("vip", "2", "vip")]
    assert rows(Identity, Identity.ignored) == 1
    page = page.submit(SAVE)
    assert meanings(page)[1:] == [("twin", "1", "Ignore"), ("vip", "2", "vip")]


def test_what_is_not_offered_cannot_be_chosen(app, imported, cast, rows):
    with building(app):
        company("Elsewhere")
        foreign = make_object("queues", "foreign", project("Far"))
    with building(app, of=cast["admin"]):
        identity = db.session.scalars(select(Identity).where(Identity.raw == "vip")).one()
    url, admin = f"{imported.path}/names", imported.visitor
    field, was = f"means-{identity.id}", f"was-{identity.id}"
    for key in (f"queue:{foreign.id}", f"queue:{never_existed()}", f"user:{cast['carla'].id}", "x"):
        page = admin.post(url, {field: key, was: "1:"}, status=422)
        assert page.errors() == {"Meaning of vip": "This is no longer here. Choose again."}
    for bad in ("means-1", "means-", f"means-{never_existed()}", "means-" + "9" * 4000):
        assert "Some of these are no longer here." in admin.post(url, {bad: "x"}, status=422).text
    flood = {f"means-{uuid.uuid4()}": "ignore" for _ in range(5000)}
    assert "Too many names at once." in admin.post(url, flood, status=422).text
    for version in ("99999999999999999999", "9" * 5000, "\u00b2", "-1", ""):
        admin.post(url, {field: f"queue:{cast['vip'].id}", was: f"{version}:"}, status=409)
    assert rows(Identity, Identity.queue_id.is_not(None)) == 0


def test_names_come_page_by_page(admin):
    page = new_source(admin)
    content = b"".join(a_call(number, f"queue {number:03}") for number in range(60))
    upload(page, ("queue_log", content))
    page, got = names_page(page), []
    while True:
        got += [row[0] for row in meanings(page)]
        if "Next" not in page.texts(".table-foot a"):
            break
        page = page.click("Next")
    assert got == [f"queue {number:03}" for number in range(60)]


def test_in_a_simple_company_names_have_no_projects(app, visitor, tmp_path):
    app.config["UPLOADS_FOLDER"] = tmp_path / "uploads"
    with building(app):
        simple = company("Simple", enhanced=False)
        importer = user("Im Porter", role=role("Importer", Permission.IMPORT_CALLS))
    person = visitor(importer.email)
    page = new_source(person)
    upload(page, ("queue_log", a_call(1)))
    page = names_page(page)
    assert page.texts(".seg a") == [
        *(
            "Queues 1",
            "Operators 1",
            "Numbers dialled",
            "Outside lines",
            "Account codes",
            "Contexts",
            "Scenarios",
        )
    ]
    assert page.all("optgroup") == []
    assert simple.company_id == importer.company_id
