"""What a VICIdial's log of its agents says they did, from rows that change until they are over."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from portal.calls.evidence import Identity
from portal.calls.following.polling import take
from portal.calls.following.tables import Tables
from portal.extensions import db
from portal.statuses.models import OperatorStatus, Presence
from portal.wall.scope import unscoped
from tests.calls.logs import UTC
from tests.calls.tables.exchange import write
from tests.factories import building, make_object
from tests.statuses.centre import DAY, Centre, told

BEGIN = int(DAY.timestamp())
CAMPAIGN = "Wiosna <b>"


@pytest.fixture
def centre(app, tmp_path):
    with building(app), unscoped("what is built is for every project"):
        yield Centre(tmp_path)


def epoch(minute):
    return BEGIN + int(minute * 60)


def stamp(minute):
    return dt.datetime.fromtimestamp(epoch(minute), UTC).strftime("%Y-%m-%d %H:%M:%S")


def turn(number, paused_at, code="", *, user="1001", **more):
    """Return a row as it begins; ``more`` are minutes at which, or for which, something was."""
    row = {"agent_log_id": number, "user": user, "event_time": stamp(paused_at), "lead_id": 7}
    row |= {"campaign_id": CAMPAIGN, "sub_status": code, "uniqueid": "", "pause_sec": 0}
    row |= {"pause_epoch": epoch(paused_at), "wait_epoch": epoch(paused_at), "wait_sec": 0}
    row |= dict.fromkeys(("talk_epoch", "dispo_epoch", "talk_sec", "dispo_sec", "dead_sec"))
    for name, minutes in more.items():
        row[name] = epoch(minutes) if name.endswith("epoch") else int(minutes * 60)
    return row


def signed(number, event, minute, user="1001"):
    row = {"user_log_id": number, "user": user, "event": event, "campaign_id": CAMPAIGN}
    return {**row, "event_date": stamp(minute), "event_epoch": epoch(minute)}


UNIQUE = f"{epoch(9)}.5"
CALL = {
    "closecallid": 5,
    "lead_id": 7,
    "campaign_id": "support",
    "call_date": stamp(9),
    "start_epoch": epoch(9),
    "end_epoch": epoch(14),
    "length_in_sec": 300,
    "status": "SALE",
    "phone_number": "48500000001",
    "user": "1001",
    "queue_seconds": 60,
    "uniqueid": UNIQUE,
    "xfercallid": 0,
    "term_reason": "CALLER",
}
FIRST = turn(1, 0, "LOGIN", pause_sec=5, wait_epoch=5, wait_sec=5, talk_epoch=10)
MORNING = [
    FIRST | {"uniqueid": UNIQUE, "talk_sec": 300, "dead_sec": 60, "dispo_epoch": epoch(15)},
    turn(2, 16, wait_sec=14),  # ready at once
    turn(9, 30),  # in one second with row 10, which is the later one
    turn(10, 30, "LUNCH", pause_sec=10),  # another reason without being ready in between
    turn(11, 40, "<b>T", pause_sec=20, wait_epoch=60, wait_sec=5),
    turn(12, 65, pause_sec=15.1, wait_epoch=80.1),  # as who is ready, but they had signed out
    turn(13, 120, "LOGIN"),
]
TALKED = [
    ("away", "LOGIN", 0, 5, "Acme Żółć"),
    ("ready", "", 5, 10, "Acme Żółć"),
    ("talk", "", 10, 14, "Globex <b>"),
    ("after_call", "DISPO", 14, 16, "Acme Żółć"),
]
LATER = [
    ("ready", "", 16, 30, "Acme Żółć"),
    ("away", "LUNCH", 30, 40, "Acme Żółć"),
    ("away", "<b>T", 40, 60, "Acme Żółć"),
    ("ready", "", 60, 65, "Acme Żółć"),
    ("away", "", 65, 80, "Acme Żółć"),
]


def in_minutes(agent):
    return [
        (status, reason, round(start * 60), round(end * 60), projects)
        for status, reason, start, end, projects in told(agent)
    ]


def look(centre, path, **tables):
    """Let the tables be these, and a follower that knows nothing look at them."""
    path.unlink(missing_ok=True)
    for name, rows in tables.items():
        write(path, f"vicidial_{name}", rows)
    exchange = Tables(f"sqlite:///{path}", 3600, UTC)
    take(exchange, centre.pbx)
    exchange.close()
    db.session.expire_all()


def test_turns_of_work_are_statuses_like_those_of_a_queue_log(centre, tmp_path):
    path, own = tmp_path / "asterisk.db", {"source_id": centre.pbx.id}
    dialer = make_object("dialers", "Wiosna", centre.acme)
    centre.know(**{"1001": centre.ada})
    account = Identity(**own, company_id=centre.pbx.company_id, kind="account", raw=CAMPAIGN)
    account.dialer_id = dialer.id
    db.session.add(account)
    db.session.commit()

    look(centre, path, agent_log=[FIRST, turn(8, 7, user="1002", wait_sec=0)])
    assert in_minutes(centre.ada) == [*TALKED[:1], ("ready", "", 5, 7, "Acme Żółć")]
    out = [signed(1, "LOGIN", 0), signed(2, "TIMEOUTLOGOUT", 80), signed(3, "LOGIN", 120)]
    look(centre, path, agent_log=MORNING, user_log=out, closer_log=[CALL])
    here = [("away", "LOGIN", 120, 120, "Acme Żółć")]
    assert in_minutes(centre.ada) == [*TALKED, *LATER, *here]
    online = select(Presence).filter_by(operator_id=centre.ada.id).order_by(Presence.starts_at)
    spans = [(one.starts_at, one.ends_at, one.going_on) for one in db.session.scalars(online)]
    minutes = [dt.timedelta(minutes=minute) for minute in (0, 80, 120)]
    assert spans == [
        (DAY + minutes[0], DAY + minutes[1], False),
        (DAY + minutes[2], DAY + minutes[2], True),
    ]
    # Of nobody who is known: kept by their word.
    other = db.session.scalars(select(OperatorStatus).filter_by(agent_raw="1002")).one()
    assert (other.status, other.operator_id, other.going_on) == ("away", None, True)

    centre.map("account", CAMPAIGN, project=centre.third)
    moved = [(*one[:4], "=1+1" if one[0] != "talk" else one[4]) for one in [*TALKED, *LATER]]
    assert in_minutes(centre.ada)[:-1] == moved
