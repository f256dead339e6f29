"""What exchanges send by HTTP: who may, what is kept, what it becomes, what is refused."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.calls.evidence import CallSource, EvidenceLine, ImportRun
from portal.calls.following.sources import Follower, to_follow
from portal.calls.models import Call, Visit
from portal.calls.operations import create_source
from portal.calls.receiving import reading
from portal.calls.receiving.models import Delivery
from portal.calls.sources.pieces import LARGEST
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.calls.following.test_files import CALL
from tests.factories import building, company, project, user

MAKE, REVOKE = "Make a token", "Revoke the token"


@pytest.fixture
def cast(app):
    with building(app):
        admin = company()
        ours = project("Ours – Łódź")
        source = create_source(admin.company_id, "Main exchange", "Europe/Warsaw")
        other = create_source(admin.company_id, "Other exchange", "Europe/Warsaw")
        supervisor = user("Jan Śpiewak", role="supervisor", projects=[ours])
    return {"admin": admin, "source": source, "other": other, "supervisor": supervisor}


@pytest.fixture
def address(cast):
    return f"/calls/sources/{cast['source'].id}/connection"


@pytest.fixture
def token(cast, visitor, address):
    page = visitor(cast["admin"].email).get(address).submit(MAKE)
    return page.one("[data-once]").text()


@pytest.fixture
def send(app):
    def sending(body, token="", **headers):
        given = base64.b64encode(f"bulkhead:{token}".encode()).decode()
        headers = {"Authorization": f"Basic {given}", **headers} if token else headers
        return app.test_client(use_cookies=False).post("/intake", data=body, headers=headers)

    return sending


@pytest.fixture
def read(app, cast):
    """Let a worker read what was sent; return what became of it."""

    def reading(name="source"):
        with app.app_context():
            Follower(cast[name].company_id, cast[name].id).look()
        with building(app, of=cast["admin"]):
            run = db.session.scalars(select(ImportRun)).first()
            waiting = db.session.scalar(select(func.count(Delivery.id)))
            calls = db.session.scalar(select(func.count(Call.id)))
            return run, calls, waiting

    return reading


def test_what_is_sent_becomes_calls_of_its_source_and_of_no_other(app, cast, token, send, read):
    assert send(CALL, token).status_code == 204
    with building(app, of=cast["admin"]):
        assert [source_id for _company, source_id in to_follow()] == [cast["source"].id]
    run, calls, waiting = read()
    assert (run.source_id, run.lines_read, run.lines_ok) == (cast["source"].id, 3, 3)
    assert (calls, waiting) == (1, 0)
    with building(app, of=cast["admin"]):
        assert db.session.scalars(select(Visit.talk_s)).all() == [60]


def test_the_same_again_and_in_pieces_is_no_new_call(cast, token, send, read):
    lines = CALL.splitlines(keepends=True)
    for body in (CALL, CALL, lines[0], lines[2], CALL + lines[1]):
        assert send(body, token).status_code == 204
    run, calls, _waiting = read()
    assert calls == 1
    assert run.lines_read == run.lines_ok + run.lines_duplicate
    assert run.lines_ok == 4, "two equal lines in one body are twins"


@pytest.mark.parametrize("scheme", ["Bearer {0}", "bearer {0}"])
def test_a_token_may_be_a_bearer_s(token, send, scheme):
    assert send(CALL, Authorization=scheme.format(token)).status_code == 204


@pytest.mark.parametrize(
    "given", ["", "x", "Basic", "Basic !!!", "Bearer", "Bearer x", "Digest a=b", "Basic eDp5"]
)
def test_nobody_sends_without_a_token(app, cast, token, send, given):
    answer = send(CALL, Authorization=given)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.get_data() == b""
    with building(app, of=cast["admin"]):
        assert db.session.scalar(select(func.count(Delivery.id))) == 0


@pytest.mark.parametrize(
    "given", ["{0}", "Token {0}", "Digest password={0}", "Bearer {0}x", "Bearer token={0}"]
)
def test_a_token_is_sent_in_no_other_way(app, cast, token, send, given):
    assert send(CALL, Authorization=given.format(token)).status_code == 401
    client = app.test_client(use_cookies=False)
    for path in (f"/intake?token={token}", f"/intake?access_token={token}"):
        assert client.post(path, data=CALL).status_code == 401
    assert client.post("/intake", data={"token": token}).status_code == 401
    with building(app, of=cast["admin"]):
        assert db.session.scalar(select(func.count(Delivery.id))) == 0


def test_a_token_writes_to_its_own_source_whatever_is_asked_for(app, cast, token):
    with building(app):
        stranger = create_source(company("Elsewhere").company_id, "Foreign", "UTC")
        db.session.commit()
        foreign = stranger.company_id, stranger.id
    client, headers = app.test_client(use_cookies=False), {"Authorization": f"Bearer {token}"}
    for source_id in (cast["other"].id, foreign[1]):
        path = f"/intake?source={source_id}&source_id={source_id}&company_id={foreign[0]}"
        assert client.post(path, data=CALL, headers=headers).status_code == 204
    with app.app_context(), unscoped("the test looks at all companies"):
        kept = db.session.execute(select(Delivery.company_id, Delivery.source_id)).all()
    assert kept == [(cast["source"].company_id, cast["source"].id)] * 2


def test_every_answer_is_as_safe_as_those_of_pages(app, token, send):
    page = app.test_client().get("/sign-in")
    for answer in (send(CALL, token), send(CALL, "x"), app.test_client().get("/intake")):
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"):
            assert answer.headers[name] == page.headers[name]


def test_nothing_is_taken_under_the_name_of_another_host(app, cast, token, send):
    app.config["TRUSTED_HOSTS"] = ["localhost"]
    assert send(CALL, token, Host="evil.example").status_code == 400
    assert send(CALL, token).status_code == 204
    with building(app, of=cast["admin"]):
        assert db.session.scalar(select(func.count(Delivery.id))) == 1


def test_a_signed_in_administrator_sends_nothing_without_a_token(cast, visitor, token):
    admin = visitor(cast["admin"].email)
    answer = admin.client.post("/intake", data=CALL)
    assert answer.status_code == 401


def test_a_token_is_shown_once_and_kept_as_a_hash(app, cast, visitor, token, address):
    with building(app, of=cast["admin"]):
        kept = db.session.get_one(CallSource, (cast["source"].company_id, cast["source"].id))
        assert token.encode() not in kept.token_hash
        told = repr([(e.before, e.after, e.detail) for e in db.session.scalars(select(AuditEntry))])
    assert token not in told
    again = visitor(cast["admin"].email).get(address)
    assert token not in again.response.get_data(as_text=True)
    assert f"There is a token that ends in {token[-4:]} ." in again.text


def test_a_new_token_ends_the_old_one_and_revoking_ends_all(cast, visitor, token, send, address):
    admin = visitor(cast["admin"].email)
    new = admin.get(address).submit("Make a new token").one("[data-once]").text()
    assert send(CALL, token).status_code == 401
    assert send(CALL, new).status_code == 204
    admin.get(address).submit(REVOKE)
    assert send(CALL, new).status_code == 401


def test_a_supervisor_comes_to_no_connection(cast, visitor, address):
    supervisor = visitor(cast["supervisor"].email)
    supervisor.get(address, status=403)
    supervisor.post(f"{address}/token", status=403)
    supervisor.post(f"{address}/token/revoke", status=403)


@pytest.mark.parametrize(
    "body",
    [b"", b"\0\0\0", b"\xff\xfe\x00", b"<img src=x onerror=alert(1)>", b"=1+1\n" * 9, b"{" * 9999],
)
def test_what_nobody_knows_is_kept_and_counted(app, cast, token, send, read, body):
    assert send(body, token).status_code == 204
    run, calls, waiting = read()
    assert (calls, waiting) == (0, 0)
    assert run.lines_read == run.lines_malformed + run.lines_blank == 1
    if run.lines_malformed:
        with building(app, of=cast["admin"]):
            with_reason = select(EvidenceLine.reason, EvidenceLine.raw)
            assert db.session.execute(with_reason).all() == [("format not known", body)]


def test_a_body_that_is_too_long_is_refused_and_not_kept(app, cast, token, send):
    assert send(b"x" * (LARGEST + 1), token).status_code == 413
    assert send(b"x" * LARGEST, token).status_code == 204


def test_what_no_log_can_hold_is_not_cut_into_millions_of_lines(app, cast, token, send, read):
    for hostile in (CALL.encode() + b"x\n" * 200_000, b"Event: Cdr\n\n" + b"x\n\n" * 200_000):
        assert send(hostile, token).status_code == 204
    run, calls, waiting = read()
    assert (run.lines_read, run.lines_malformed, calls, waiting) == (2, 2, 0, 0)
    assert send(CALL.encode() + b"\n" * 200_000, token).status_code == 204
    assert read()[1] == 1, "blank lines are none"


def test_large_bodies_are_not_read_all_at_once(app, cast, token, send):
    for number in range(3):
        assert send(CALL.encode() + b"%d" % number * (LARGEST // 2), token).status_code == 204
    for left in (2, 1, 0):
        with building(app, of=cast["admin"]), unscoped("as a worker reads"):
            reading.read(db.session.merge(cast["source"], load=False))
            db.session.commit()
            assert db.session.scalar(select(func.count(Delivery.id))) == left


def test_the_description_names_what_there_is(app):
    described = app.test_client().get("/intake/openapi.json").get_json()
    assert list(described["paths"]) == ["/intake"]
    answers = described["paths"]["/intake"]["post"]["responses"]
    assert set(answers) == {"204", "401", "413", "503"}
