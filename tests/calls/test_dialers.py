"""Dialers: what the exchange calls them, whose their calls are, and how the log finds them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.calls.evidence import CallSource, Identity
from portal.calls.figures import VisitDay
from portal.calls.importing import import_files
from portal.calls.models import Visit
from portal.calls.operations import create_source, map_identity
from portal.calls.restamping import move_history
from portal.extensions import db
from portal.jobs import worker
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.queue import Queue
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.test_importing import assert_totals_are_of_the_visits, tables
from tests.factories import building, company, make_object, project, user

NASTY = "=1+1 <img src=x onerror=alert(1)> İş"
START = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
WHOLE_DAY = "/calls?period=custom&from=2026-11-22&to=2026-11-22"
SAVE = "Save changes Ctrl ↵"


def outbound(number, account="spring", context="dial-out", trunk="trunk-a", result="ANSWERED"):
    """Return the row of one call that an operator's phone made for a dialer."""
    at = START + dt.timedelta(minutes=number)
    call = f"{int(at.timestamp())}.{number}"
    times = [at + dt.timedelta(seconds=seconds) for seconds in (0, 12, 72)]
    start, answer, end = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in times)
    answered = result == "ANSWERED"
    strings = [
        *(account, "101", f"600100{number:03}", context, '"" <101>', f"PJSIP/101-{number:08x}"),
        *(f"PJSIP/{trunk}-{number:08x}", "Dial", f"PJSIP/600100{number:03}@{trunk},40"),
        start,
    ]
    quoted = ",".join('"' + one.replace('"', '""') + '"' for one in strings)
    answer = f'"{answer}"' if answered else ""
    billed = 60 if answered else 0
    rest = f'"{end}",72,{billed},"{result}","DOCUMENTATION","{call}","","","{call}",{number}'
    return f"{quoted},{answer},{rest}\n"


def call_backs(count=10, **words):
    return "".join(
        outbound(number, result="NO ANSWER" if number % 3 else "ANSWERED", **words)
        for number in range(count)
    )


@pytest.fixture
def cast(app, tmp_path):
    """Import a log with a queue and a Master.csv with two dialers into two projects."""
    app.config["UPLOADS_FOLDER"] = tmp_path / "uploads"
    events, rows = tmp_path / "queue_log", tmp_path / "Master.csv"
    at = int(START.timestamp())
    lines = [
        f"{at}|{at}.900|sales|NONE|ENTERQUEUE||600100777|1",
        f"{at + 4}|{at}.900|sales|PJSIP/101|CONNECT|4|{at}.901|3",
        f"{at + 60}|{at}.900|sales|PJSIP/101|COMPLETECALLER|4|56|1",
    ]
    events.write_text("".join(f"{line}\n" for line in lines))
    other = "".join(outbound(number, account="", trunk=NASTY[:20]) for number in range(20, 24))
    rows.write_text(call_backs() + other)
    with building(app):
        admin = company()
        ours, theirs = project("Ours – Łódź"), project("Theirs – İzmir")
        people = {"admin": admin, "ours": ours, "theirs": theirs}
        people["sales"] = make_object("queues", "Sales", ours)
        people["spring"] = make_object("dialers", f"Spring {NASTY}", ours)
        people["debts"] = make_object("dialers", "Debts", theirs)
        people["agata"] = user("Agata Żak", projects=[ours])
        people["source"] = create_source(admin.company_id, "PBX", "UTC")
        db.session.commit()
        import_files(people["source"], [events, rows])
        for made in people.values():
            db.session.refresh(made)
    return people


def give(cast, kind, raw, **meaning):
    word = db.session.scalars(select(Identity).filter_by(kind=kind, raw=raw)).one()
    changed = map_identity(word, actor=cast["admin"], **meaning)
    db.session.commit()
    return changed


def stamps():
    rows = db.session.scalars(select(Visit))
    return Counter((visit.project_id, visit.queue_id, visit.dialer_id) for visit in rows)


def rows_of(person, url):
    """Return all rows of the log without headings of days, page by page."""
    rows, page = [], person.get(url)
    while True:
        rows += [row for row in page.rows("table.calls") if len(row) == 8]
        more = page.all(".more-row a")
        if not more:
            return rows
        page = person.get(more[0].attributes["href"])


@pytest.mark.parametrize("kind", ["account", "context", "trunk"])
def test_each_word_of_an_outbound_call_can_mean_a_dialer(app, cast, kind):
    raw = {"account": "spring", "context": "dial-out", "trunk": "PJSIP/trunk-a"}[kind]
    count = 14 if kind == "context" else 10
    with building(app, of=cast["admin"]):
        assert give(cast, kind, raw, dialer=cast["spring"]) == count
        assert stamps() == {
            (cast["ours"].id, None, cast["spring"].id): count,
            (None, None, None): 15 - count,
        }
        assert_totals_are_of_the_visits()
        assert give(cast, kind, raw) == count
        assert stamps() == {(None, None, None): 15}


def test_the_more_particular_word_tells_the_dialer(app, cast):
    with building(app, of=cast["admin"]):
        give(cast, "trunk", "PJSIP/trunk-a", project=cast["theirs"])
        assert set(stamps()) == {(cast["theirs"].id, None, None), (None, None, None)}
        give(cast, "context", "dial-out", dialer=cast["debts"])
        give(cast, "account", "spring", dialer=cast["spring"])
        assert stamps() == {
            (cast["ours"].id, None, cast["spring"].id): 10,
            (cast["theirs"].id, None, cast["debts"].id): 4,
            (None, None, None): 1,
        }


def test_inbound_calls_have_no_words_of_outbound_ones(app, cast):
    with building(app, of=cast["admin"]):
        source = create_source(cast["admin"].company_id, "Real", "UTC")
        db.session.commit()
        import_files(source, [OLD_LOG, LOG, MASTER])
        rows = db.session.scalars(select(Visit).filter_by(source_id=source.id)).all()
        inbound = [visit for visit in rows if visit.direction != "out"]
        assert {(v.account_raw, v.context_raw) for v in inbound} == {(None, None)}
        assert len(rows) - len(inbound) == 17
        words = select(Identity.kind).filter_by(source_id=source.id)
        assert {"account", "context"} >= set(db.session.scalars(words)) - {
            *("queue", "agent", "did", "trunk"),
        }


def test_a_queue_that_a_dialer_calls_into_can_mean_the_dialer(app, cast):
    with building(app, of=cast["admin"]):
        assert give(cast, "queue", "sales", dialer=cast["debts"]) == 1
        assert stamps()[cast["theirs"].id, None, cast["debts"].id] == 1
        assert give(cast, "queue", "sales", queue=cast["sales"]) == 1
        assert stamps()[cast["ours"].id, cast["sales"].id, None] == 1


def test_known_words_stamp_what_is_imported_later(app, cast, tmp_path):
    with building(app, of=cast["admin"]):
        give(cast, "account", "spring", dialer=cast["spring"])
        before = tables(cast["source"])
        again = tmp_path / "again"
        again.write_text(call_backs(20))
        import_files(cast["source"], [again])
        assert stamps()[cast["ours"].id, None, cast["spring"].id] == 20
        give(cast, "account", "spring")
        give(cast, "account", "spring", dialer=cast["spring"])
        assert len(tables(cast["source"])["visits"]) == len(before["visits"]) + 10


def test_a_moved_dialer_takes_its_history_along_if_somebody_says_so(app, cast):
    with building(app, of=cast["admin"]):
        give(cast, "account", "spring", dialer=cast["spring"])
        moved = db.session.get(Dialer, (cast["admin"].company_id, cast["spring"].id))
        assert move_history(moved, cast["theirs"]) == 10
        db.session.commit()
        assert stamps()[cast["theirs"].id, None, cast["spring"].id] == 10
        assert_totals_are_of_the_visits()


def test_an_administrator_maps_words_to_dialers_on_the_page(app, cast, visitor):
    admin = visitor(cast["admin"].email)
    page = admin.get(f"/calls/sources/{cast['source'].id}/names?kind=account")
    assert page.texts(".seg a") == [
        *(
            "Queues 1",
            "Operators 1",
            "Numbers dialled",
            "Outside lines 2",
            "Account codes 1",
            "Contexts 1",
            "Scenarios",
        )
    ]
    options = [option.text() for option in page.all("#names-form tbody tr")[0].css("option")]
    spring = f"Spring {NASTY} (dialer)"
    projects = ["Default", "Ours – Łódź", "Theirs – İzmir"]
    assert options == ["None yet", "Ignore", spring, "Debts (dialer)", *projects]
    preview = page.submit("Preview", {"Meaning of spring": spring})
    assert preview.texts(".note li") == ["spring: 10 entries of the call log are assigned again"]
    saved = preview.submit(SAVE)
    worker.run_waiting(app)
    saved = saved.visitor.get(saved.url)
    assert saved.texts("#job") == ["10 entries of the call log were assigned again."]
    assert saved.one("option[selected]").text() == spring
    shown = {row[3] for row in rows_of(admin, WHOLE_DAY) if "Spring" in row[3]}
    assert shown == {f"Ours – Łódź Spring {NASTY}"}
    assert {row[3] for row in rows_of(visitor(cast["agata"].email), WHOLE_DAY)} == shown
    queue = admin.get(f"/calls/sources/{cast['source'].id}/names?kind=queue")
    queue.submit(SAVE, {"Meaning of sales": "Debts (dialer)"})
    assert len(rows_of(visitor(cast["agata"].email), WHOLE_DAY)) == 10


def test_an_agents_name_means_no_dialer_and_a_line_no_queue(app, cast, visitor):
    admin = visitor(cast["admin"].email)
    for kind, raw, key in (
        ("agent", "PJSIP/101", f"dialer:{cast['spring'].id}"),
        ("trunk", "PJSIP/trunk-a", f"queue:{cast['sales'].id}"),
        ("account", "spring", f"user:{cast['agata'].id}"),
    ):
        with building(app, of=cast["admin"]):
            word = db.session.scalars(select(Identity).filter_by(kind=kind, raw=raw)).one()
        url = f"/calls/sources/{cast['source'].id}/names?kind={kind}"
        sent = {f"means-{word.id}": key, f"was-{word.id}": f"{word.version}:"}
        assert list(admin.post(url, sent, status=422).errors()) == [f"Meaning of {raw}"]


def test_the_filter_by_dialer_finds_its_calls(app, cast, visitor):
    with building(app, of=cast["admin"]):
        give(cast, "account", "spring", dialer=cast["spring"])
        give(cast, "context", "dial-out", dialer=cast["debts"])
        give(cast, "queue", "sales", queue=cast["sales"])
    admin, agata = visitor(cast["admin"].email), visitor(cast["agata"].email)
    spring, debts, sales = (cast[name].id for name in ("spring", "debts", "sales"))
    for person, chosen, count in (
        (admin, {"dialer": [spring]}, 10),
        (admin, {"dialer": [spring, debts]}, 14),
        (admin, {"dialer": [spring], "queue": [sales]}, 11),
        (admin, {"dialer": [spring], "queue": [sales], "result": ["no_answer"]}, 6),
        (admin, {"dialer": [spring], "queue": [sales], "number": ["600100777"]}, 1),
        (agata, {"dialer": [debts]}, 0),
        (agata, {"dialer": [spring, debts], "queue": [sales]}, 11),
    ):
        url = f"{WHOLE_DAY}&{urlencode(chosen, doseq=True)}"
        assert len(rows_of(person, url)) == count, chosen
        if count:
            said = person.get(url).texts("[data-announce]")[-1]
            assert said == f"{count} call{'' if count == 1 else 's'}"


def test_a_project_gives_the_rows_of_all_its_queues_and_dialers(app, cast, visitor, tmp_path):
    """F45, on real calls with transfers and questions, over several pages, and in the export."""
    paths = [tmp_path / f"real {number}" for number in range(3)]
    for path, logged in zip(paths, (OLD_LOG, LOG, MASTER), strict=True):
        # One caller's name is "<b>x</b>&amp;", which the check of pages takes for escaped twice.
        path.write_bytes(logged.read_bytes().replace(b"&amp;", b"&"))
    with building(app, of=cast["admin"]):
        real = create_source(cast["admin"].company_id, "Real", "UTC")
        db.session.commit()
        import_files(real, paths)
        support = make_object("queues", "Support", cast["theirs"])
        meanings = {
            ("queue", "sales", real.id): {"queue": cast["sales"]},
            ("queue", "support", real.id): {"queue": support},
            ("did", "7002", real.id): {"queue": support},
            ("trunk", "PJSIP/trunk-globex", real.id): {"dialer": cast["debts"]},
            ("account", "spring", cast["source"].id): {"dialer": cast["spring"]},
        }
        for word in db.session.scalars(select(Identity)).all():
            if meaning := meanings.get((word.kind, word.raw, word.source_id)):
                map_identity(word, actor=cast["admin"], **meaning)
        db.session.commit()
        kinds = select(Visit.kind).where(Visit.project_id.is_not(None))
        assert set(db.session.scalars(kinds)) == {"queue", "direct", "transfer", "consultation"}
        chosen = {
            one.id: {
                "queue": list(db.session.scalars(select(Queue.id).filter_by(project_id=one.id))),
                "dialer": list(db.session.scalars(select(Dialer.id).filter_by(project_id=one.id))),
            }
            for one in (cast["ours"], cast["theirs"])
        }
    admin = visitor(cast["admin"].email)
    for project_id, ways in chosen.items():
        by_project, by_ways = urlencode({"project": project_id}), urlencode(ways, doseq=True)
        rows = rows_of(admin, f"{WHOLE_DAY}&{by_project}")
        assert len(rows) > 50
        assert rows == rows_of(admin, f"{WHOLE_DAY}&{by_ways}")
        figures = [
            admin.get(f"{WHOLE_DAY}&{one}").texts(".kpis dd") for one in (by_project, by_ways)
        ]
        assert figures[0] == figures[1]
        files = [
            admin.get(f"/calls/export.csv?{WHOLE_DAY[7:]}&{one}").data
            for one in (by_project, by_ways)
        ]
        assert files[0] == files[1]
        assert len(list(csv.reader(io.StringIO(files[0].decode("utf-8-sig"))))) == len(rows) + 1


def test_batches_are_small_and_change_the_same(app, cast, monkeypatch):
    from portal.calls import restamping

    with building(app, of=cast["admin"]):
        monkeypatch.setattr(restamping, "CALLS", 3)
        sizes, rows_by_id = [], restamping.rows_by_id
        monkeypatch.setattr(
            restamping,
            "rows_by_id",
            lambda *where: (found := rows_by_id(*where), sizes.append(len(found)))[0],
        )
        assert give(cast, "context", "dial-out", dialer=cast["spring"]) == 14
        assert stamps()[cast["ours"].id, None, cast["spring"].id] == 14
        moved = db.session.get(Dialer, (cast["admin"].company_id, cast["spring"].id))
        assert move_history(moved, cast["theirs"]) == 14
        assert sizes == [3, 3, 3, 3, 2] * 2
        assert_totals_are_of_the_visits()
        assert db.session.scalars(select(VisitDay.visits).filter_by(dialer_id=moved.id)).all()


def test_another_companys_dialer_is_no_meaning(app, cast):
    with building(app):
        company("Elsewhere")
        foreign = make_object("dialers", "Foreign", project("Far"))
    with building(app, of=cast["admin"]):
        word = db.session.scalars(select(Identity).filter_by(raw="spring")).one()
        word.dialer_id = foreign.id
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        assert db.session.scalars(select(CallSource)).one().name == "PBX"
