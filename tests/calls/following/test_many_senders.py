"""Many who send at once: everybody's is kept once, or they are told that it is not."""

from __future__ import annotations

import contextlib
import http.client
import io
import multiprocessing
import random
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import waitress
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from portal.calls.evidence import CallSource
from portal.calls.operations import create_source
from portal.calls.receiving.models import Delivery
from portal.calls.receiving.operations import make_token, revoke_token
from portal.extensions import db
from tests.factories import building, company


@pytest.fixture
def admin(app):
    with building(app):
        return company()


@pytest.fixture
def token(app, admin):
    with building(app, of=admin):
        return make_token(create_source(admin.company_id, "Zażółć", "UTC"), actor=admin)


@pytest.fixture
def send(app):
    def sending(body, token):
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client(use_cookies=False).post("/intake", data=body, headers=headers)

    return sending


def kept(app, admin):
    with building(app, of=admin):
        return sorted(db.session.scalars(select(Delivery.body)))


@pytest.fixture
def at_commit(app, monkeypatch):
    """Let something happen in the place of the database's COMMIT, before it or for it."""
    with app.app_context():
        dialect = db.engine.dialect
    commit = dialect.do_commit

    def striking(strike):
        def do_commit(connection):
            strike()
            commit(connection)

        monkeypatch.setattr(dialect, "do_commit", do_commit)

    yield striking
    monkeypatch.undo()


def test_what_many_send_at_once_is_kept_once_and_by_few_transactions(
    app, admin, token, send, at_commit
):
    commits, together = [], threading.Barrier(16)

    def send_ten(sender):
        together.wait(10)
        bodies = [f"{sender} {number} ; DROP TABLE 'ą'".encode() for number in range(10)]
        return [(send(body, token).status_code, body) for body in bodies]

    at_commit(lambda: commits.append(1))
    with ThreadPoolExecutor(16) as pool:
        answers = [one for lot in pool.map(send_ten, range(16)) for one in lot]
    assert {status for status, _body in answers} == {204}
    assert kept(app, admin) == sorted(body for _status, body in answers)
    assert len(commits) < len(answers) / 2


def test_a_commit_that_fails_is_told_to_everybody_in_its_lot_and_to_no_other(
    app, admin, token, send, at_commit, monkeypatch
):
    """The first is held at its commit until seven others wait; their commit fails."""
    first, waiting, commits = threading.Event(), threading.Event(), 0

    def strike():
        nonlocal commits
        commits += 1
        first.set()
        if commits == 1:
            assert waiting.wait(10)
        else:
            raise sqlite3.OperationalError("disk full")

    at_commit(strike)
    with ThreadPoolExecutor(8) as pool:
        held = pool.submit(send, b"first", token)
        assert first.wait(10)
        others = [pool.submit(send, f"other {n}".encode(), token) for n in range(7)]
        lots = app.wsgi_app._lots
        while len(lots._next.sent) < len(others):
            time.sleep(0.001)
        waiting.set()
        assert held.result().status_code == 204
        answers = [one.result() for one in others]
    assert [(one.status_code, one.headers["Retry-After"]) for one in answers] == [(503, "2")] * 7
    assert commits == 2
    monkeypatch.undo()
    assert kept(app, admin) == [b"first"]
    assert send(b"later", token).status_code == 204
    assert kept(app, admin) == [b"first", b"later"]


def test_whose_token_is_not_valid_any_more_spoils_nothing_for_the_others(
    app, admin, token, send, at_commit
):
    """A token that was good a moment ago, and one of another company, in one lot."""
    with building(app):
        other = company("Obca & Sons")
        foreign = make_token(create_source(other.company_id, "Obca", "UTC"), actor=other)
    assert [send(b"before", one).status_code for one in (token, foreign)] == [204, 204]
    with building(app, of=admin):
        revoke_token(db.session.scalars(select(CallSource)).one(), actor=admin)
    commits, first, waiting = [], threading.Event(), threading.Event()

    def strike():
        commits.append(1)
        first.set()
        assert waiting.wait(10)

    at_commit(strike)
    with ThreadPoolExecutor(8) as pool:
        held = pool.submit(send, b"held", foreign)
        assert first.wait(10)
        tokens = [token, foreign, token, foreign]
        sent = [pool.submit(send, b"mixed", one) for one in tokens]
        while len(app.wsgi_app._lots._next.sent) < len(tokens):
            time.sleep(0.001)
        waiting.set()
        assert held.result().status_code == 204
        statuses = [one.result().status_code for one in sent]
    assert (statuses, len(commits)) == ([401, 204, 401, 204], 2)
    assert kept(app, admin) == [b"before"]
    assert kept(app, other) == [b"before", b"held", b"mixed", b"mixed"]


def test_a_sender_whose_token_cannot_be_looked_up_is_told_to_send_again(app, token, send):
    with app.app_context():
        engine = db.engine

    def strike(*arguments):
        raise OperationalError("SELECT", {}, Exception("gone"))

    event.listen(engine, "before_cursor_execute", strike)
    try:
        assert send(b"x", token).status_code == 503
    finally:
        event.remove(engine, "before_cursor_execute", strike)
    assert send(b"x", token).status_code == 204


def test_the_intake_takes_what_is_posted_and_nothing_else(app):
    client = app.test_client()
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = client.open("/intake", method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert client.post("/intake/").status_code == 404


@contextlib.contextmanager
def served(app):
    """Serve the portal in a process of its own, which the end of this kills."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    with app.app_context():
        db.engine.dispose()  # no connection may be shared with a copy

    def serve():
        waitress.create_server(app, sockets=[listening], threads=64).run()

    process = multiprocessing.get_context("fork").Process(target=serve)
    process.start()
    try:
        yield listening.getsockname()[1]
    finally:
        process.kill()
        process.join()
        listening.close()


def test_what_was_answered_before_the_server_was_killed_is_there(app, admin, token):
    answered = []

    def send_on(port, name):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(10_000):
                body = f"{name}.{number}".encode()
                connection.request("POST", "/intake", body, {"Authorization": f"Bearer {token}"})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 204
                answered.append(body)

    for kill in range(6):
        before = len(answered)
        with ThreadPoolExecutor(16) as pool, served(app) as port:
            for sender in range(16):
                pool.submit(send_on, port, f"{kill}.{sender}")
            while len(answered) < before + 16:
                time.sleep(0.001)
            time.sleep(random.Random(kill).random() / 4)
        found = kept(app, admin)
        assert len(set(found)) == len(found)
        assert set(answered) <= set(found)
    assert len(answered) > 6 * 16


def test_a_body_in_chunks_is_kept_whole(app, admin, token):
    body = '{"variables": "Żółć \r\n0\r\n\r\n"}'.encode()
    head = f"POST /intake HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:19], body[19:]))
    with served(app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks[:30])
        time.sleep(0.05)
        line.sendall(chunks[30:] + b"0\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 204 ")
    assert kept(app, admin) == [body]


@pytest.mark.parametrize(
    ("terminated", "status", "bodies"), [(True, 204, [b"x"]), (False, 411, [])]
)
def test_a_body_without_a_length_is_read_where_the_server_tells_its_end(
    app, admin, token, terminated, status, bodies
):
    headers = {"Authorization": f"Bearer {token}", "Transfer-Encoding": "chunked"}
    given = {"wsgi.input_terminated": terminated}
    client = app.test_client(use_cookies=False)
    answer = client.post(
        "/intake", input_stream=io.BytesIO(b"x"), headers=headers, environ_overrides=given
    )
    assert (answer.status_code, kept(app, admin)) == (status, bodies)
