"""Files made to hurt: too large when unpacked, without an end of line, of strange letters."""

from __future__ import annotations

import gzip
import io
import json
import time
import zlib
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.calls.evidence import EvidenceLine, ImportRun
from portal.calls.models import Call
from portal.calls.operations import create_source
from portal.extensions import db
from portal.jobs import worker
from tests import factories as make
from tests.access.browsers import browser
from tests.access.harm import harm_in
from tests.attacks.processes import bytes_more, in_a_process_of_its_own

SECONDS, BYTES = 1.0, 200 * 1024**2
GOOD = (
    b"1700000001|1700000001.1|vip|NONE|ENTERQUEUE||600100200|1\n"
    b"1700000001|1700000001.1|vip|Carla|CONNECT|5|1700000001.2|4\n"
    b"1700000001|1700000001.1|vip|Carla|COMPLETECALLER|5|60|1\n"
)


@pytest.fixture
def upload(app, tmp_path):
    """Give what sends a file as the administrator and tells status and page."""
    app.config["UPLOADS_FOLDER"] = tmp_path / "uploads"
    with make.building(app):
        admin = make.company()
        pbx = create_source(admin.company_id, "pbx", "Europe/Warsaw")
        url = f"/calls/sources/{pbx.id}"
    mine = browser(app, admin.email)

    def send(content: bytes, name: str = "queue_log"):
        form = MultiDict({"csrf_token": mine.token})
        form.add("files", (io.BytesIO(content), name))
        answer = mine.open("POST", url, data=form)
        worker.run_waiting(app)
        return answer

    send.admin = admin
    return send


def bomb() -> bytes:
    """Return two gigabytes of a log that says nothing, in two megabytes."""
    packer = zlib.compressobj(9, wbits=31)
    head = packer.compress(GOOD) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(64 * 1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * 32


HOSTILE = {
    "a bomb": (422, bomb),
    "a bomb in a bomb": (422, lambda: gzip.compress(bomb())),
    "a line without an end": (422, lambda: b"1700000001|" + b"x" * 60 * 1024**2),
    "a log that ends in one": (303, lambda: GOOD + b"1700000001|" + b"x" * 60 * 1024**2),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_costs_neither_time_nor_memory(app, upload, tmp_path, kind):
    expected, make_content = HOSTILE[kind]
    content = make_content()
    told = tmp_path / "told.json"

    def send():
        needed, began = bytes_more(), time.process_time()
        answer = upload(content, "queue_log.gz" if "bomb" in kind else "queue_log")
        told.write_text(json.dumps([answer.status_code, time.process_time() - began, needed()]))

    assert in_a_process_of_its_own(app, send) == 0
    status, seconds, more = json.loads(Path(told).read_text())
    print(kind, status, f"{seconds:.2f} s", f"{more / 1024**2:.0f} MB")
    assert status == expected
    assert seconds < SECONDS
    assert more < BYTES


STRANGE = {
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "NUL": GOOD.replace(b"Carla", b"Car\0la"),
    "windows-1250": GOOD.replace(b"Carla", "Żółć".encode("cp1250")),
    "windows-1254": GOOD.replace(b"Carla", "Işıl".encode("cp1254")),
    "lone surrogate": GOOD.replace(b"Carla", b"\xed\xa0\x80"),
    "escape": GOOD.replace(b"Carla", b"\x1b[31m\xe2\x80\xaeCarla"),
    "markup and formula": GOOD.replace(b"Carla", b"=1+1<img src=x onerror=alert(1)>"),
    "100,000 fields": GOOD + b"1700000002|" + b"|" * 100_000 + b"\n",
    "far times": GOOD + GOOD.replace(b"1700000001", b"99999999999999"),
    "negative times": GOOD + GOOD.replace(b"1700000001", b"-1"),
    "cut off": GOOD[:-20],
    "windows line ends": GOOD.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_every_line_of_a_strange_file_is_kept_and_its_page_is_safe(app, upload, kind):
    answer = upload(STRANGE[kind])
    assert answer.status_code == 303
    with make.building(app, of=upload.admin):
        run = db.session.scalars(select(ImportRun)).one()
        parts = run.lines_ok, run.lines_blank, run.lines_malformed
        parts += run.lines_unknown, run.lines_duplicate
        lines = len(list(db.session.scalars(select(EvidenceLine))))
        assert (run.state, run.lines_read, run.error) == ("done", sum(parts), "")
        assert lines == run.lines_read - run.lines_duplicate
        assert len(list(db.session.scalars(select(Call)))) >= 1
        urls = ["/calls", f"/calls/sources/runs/{run.id}", f"/calls/sources/{run.source_id}/names"]
    mine = browser(app, upload.admin.email)
    for url in [*urls, "/calls/export.csv"]:
        page = mine.open("GET", f"{url}?period=custom&from=2023-11-01&to=2023-11-30")
        assert page.status_code == 200, url
        assert "\0" not in page.text
        assert harm_in(page.mimetype, page.data) == []
