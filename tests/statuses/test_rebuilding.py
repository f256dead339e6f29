"""The same evidence makes the same working time, in whatever pieces and order it comes."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.calls import reading
from portal.calls.evidence import Identity
from portal.calls.operations import give_meaning, stamp_again
from portal.calls.restamping import move_history
from portal.company.models import Company
from portal.extensions import db
from portal.projects.moves import move
from portal.statuses.models import OperatorStatus, Presence, PresenceDay, ProjectSet, StatusDay
from tests.factories import building
from tests.statuses.centre import DAY, Centre, at, call, in_order, line, tables, told

NAME = "Acme Żółć", "Globex <b>", "=1+1"
ACME, GLOBEX, THIRD = NAME
BOTH = f"{ACME}+{GLOBEX}"


@pytest.fixture
def centre(app: Flask, tmp_path: Path) -> Iterator[Centre]:
    with building(app):
        yield Centre(tmp_path)


def day_of_ada(day: dt.datetime = DAY) -> list[str]:
    return [
        line(0, "sales|Ada|ADDMEMBER|", day),
        line(0, "support|Ada|ADDMEMBER|", day),
        call(1, 30, "sales", "Ada", day),
        line(3, "NONE|Ada|PAUSEALL|Lunch", day),
        line(3, "sales|Ada|PAUSE|Lunch", day),
        line(3, "support|Ada|PAUSE|Lunch", day),
        line(4, "NONE|Ada|UNPAUSEALL|", day),
        line(4, "sales|Ada|UNPAUSE|", day),
        line(4, "support|Ada|UNPAUSE|", day),
        call(5, 60, "support", "Ada", day),
        line(6, "support|Ada|REMOVEMEMBER|", day),
        line(7, "sales|Ada|PAUSE|ACW", day),
        line(7.5, "sales|Ada|UNPAUSE|", day),
        line(8, "sales|Ada|REMOVEMEMBER|", day),
    ]


ADAS_DAY = [
    ("ready", "", 0, 1, BOTH),
    ("talk", "", 1, 1.5, ACME),
    ("ready", "", 1.5, 3, BOTH),
    ("away", "Lunch", 3, 4, BOTH),
    ("ready", "", 4, 5, BOTH),
    ("talk", "", 5, 6, GLOBEX),
    ("ready", "", 6, 7, ACME),
    ("after_call", "ACW", 7, 7.5, ACME),
    ("ready", "", 7.5, 8, ACME),
]


def log_of_a_week() -> str:
    """Write the log of two operators for a week: some leave, some forget to, the exchange stops."""
    lines = []
    for n in range(7):
        day = DAY + dt.timedelta(days=n)
        lines += day_of_ada(day)[: -1 if n == 3 else None]
        lines += [
            line(0.5, "support|Bo|ADDMEMBER|", day),
            line(2, "support|Bo|PAUSE|Break", day),
            call(3, 20, "support", "Bo", day),
            line(9, "support|Bo|REMOVEMEMBER|" if n % 2 else "NONE|NONE|QUEUESTART|", day),
            line(5, "help|PJSIP/7|ADDMEMBER|", day),
            line(5 + n, "help|PJSIP/7|REMOVEMEMBER|", day),
        ]
    return in_order(lines)


def test_a_day_is_told_by_project(centre: Centre) -> None:
    centre.know()
    centre.read(in_order(day_of_ada()))
    assert told() == ADAS_DAY
    presence = db.session.scalars(select(Presence)).one()
    assert (presence.starts_at, presence.ends_at, presence.going_on) == (at(0), at(8), False)
    assert_days_are_of_the_statuses()


@pytest.mark.parametrize("lines", [7, 1000])
def test_files_in_any_order_and_batches_make_the_same_tables(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    monkeypatch.setattr(reading, "BATCH_LINES", lines)
    whole = log_of_a_week().splitlines(keepends=True)
    centre.know()
    expected = None
    for seed in (None, 1, 2, 3):
        pbx = centre.pbx if seed is None else centre.source(f"pbx {seed}")
        if seed is not None:
            give_way(centre)
            centre.know(pbx)
        chance = random.Random(seed)  # the same test each time
        cuts = sorted(chance.sample(range(1, len(whole)), 4)) if seed is not None else []
        files = [
            "".join(whole[start:end])
            for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)
        ]
        chance.shuffle(files)
        for text in files:
            centre.read(text, of=pbx)
        assert_days_are_of_the_statuses()
        found = comparable()
        expected = expected or found
        assert found == expected, seed


def give_way(centre: Centre) -> None:
    """Let the words of the sources so far mean nobody, so that another can tell the same days."""
    for word in db.session.scalars(select(Identity).where(Identity.kind == "agent")).all():
        give_meaning(word, actor=centre.admin)
        stamp_again(word)
    db.session.commit()


def comparable() -> list[tuple]:
    """Return the working time of those who are known, without what their source is called in."""
    mine = [row for row in told() if row]
    query = select(OperatorStatus).where(OperatorStatus.operator_id.is_not(None))
    rows = db.session.scalars(query.order_by(OperatorStatus.agent_id, OperatorStatus.starts_at))
    presences = db.session.scalars(
        select(Presence)
        .where(Presence.operator_id.is_not(None))
        .order_by(Presence.agent_id, Presence.starts_at)
    )
    assert mine
    return [
        (row.operator_id, row.status, row.reason, row.starts_at, row.ends_at, row.begins,
         row.going_on, row.project_set_id)
        for row in rows
    ] + [(p.operator_id, p.starts_at, p.ends_at, p.going_on) for p in presences]  # fmt: skip


def assert_days_are_of_the_statuses() -> None:
    """Compare the days with what the statuses and presences add up to, cut in Warsaw."""
    zone = ZoneInfo("Europe/Warsaw")
    seconds: dict[tuple, int] = {}
    for model, keys in (
        (OperatorStatus, ("agent_id", "project_set_id", "status", "reason")),
        (Presence, ("agent_id",)),
    ):
        for row in db.session.scalars(select(model)):
            second = row.starts_at
            while second < row.ends_at:
                local = second.astimezone(zone)
                noon = dt.datetime.combine(local.date(), dt.time(12))
                next_day = dt.datetime.combine(
                    (noon + dt.timedelta(days=1)).date(), dt.time(), zone
                )
                stop = min(row.ends_at, next_day.astimezone(dt.UTC))
                key = (model.__name__, local.date(), *(getattr(row, one) for one in keys))
                seconds[key] = seconds.get(key, 0) + int((stop - second).total_seconds())
                second = stop
    kept: dict[tuple, int] = {}
    for row in db.session.scalars(select(StatusDay)):
        day = row.starts_at.astimezone(zone)
        assert day.time() == dt.time()
        key = (row.agent_id, row.project_set_id, row.status, row.reason)
        kept["OperatorStatus", day.date(), *key] = row.seconds
        assert row.longest <= row.seconds
    for row in db.session.scalars(select(PresenceDay)):
        kept["Presence", row.starts_at.astimezone(zone).date(), row.agent_id] = row.seconds
    assert kept == seconds
    counts = select(func.sum(StatusDay.count))
    begins = select(func.count()).where(
        OperatorStatus.begins, OperatorStatus.ends_at > OperatorStatus.starts_at
    )
    assert (db.session.scalar(counts) or 0) == db.session.scalar(begins)


@pytest.mark.parametrize(
    ("first", "hours"),
    [(dt.date(2026, 10, 24), 25), (dt.date(2026, 3, 28), 23), (dt.date(2026, 11, 23), 24)],
)
def test_days_are_cut_at_local_midnight_also_when_clocks_change(
    centre: Centre, first: dt.date, hours: int
) -> None:
    zone = ZoneInfo("Europe/Warsaw")
    evening = dt.datetime.combine(first, dt.time(22), zone).astimezone(dt.UTC)
    centre.know()
    lines = [line(0, "sales|Ada|ADDMEMBER|", evening)]
    lines += [line(n, "sales|Ada|UNPAUSE|", evening) for n in range(2, 28, 2)]
    lines += [line(2 + hours + 1, "sales|Ada|REMOVEMEMBER|", evening)]
    centre.read("".join(lines))
    days = db.session.scalars(select(StatusDay).order_by(StatusDay.starts_at)).all()
    assert [(d.seconds // 3600, d.count) for d in days] == [(2, 1), (hours, 0), (1, 0)]
    assert_days_are_of_the_statuses()


def test_a_late_file_fills_what_was_taken_for_a_silence(centre: Centre) -> None:
    centre.know()
    centre.read(line(0, "sales|Ada|ADDMEMBER|"), line(16, "sales|Ada|REMOVEMEMBER|"))
    assert told() == []
    assert [(p.starts_at, p.ends_at) for p in db.session.scalars(select(Presence))] == [
        (at(0), at(0))
    ]
    centre.read(line(8, "sales|Ada|PAUSE|Lunch") + line(9, "sales|Ada|UNPAUSE|"))
    assert [one[:4] for one in told()] == [
        ("ready", "", 0, 8), ("away", "Lunch", 8, 9), ("ready", "", 9, 16),
    ]  # fmt: skip


def test_who_is_still_there_is_known_to_be_as_far_as_the_log_is(centre: Centre) -> None:
    centre.know()
    centre.read(line(0, "sales|Ada|ADDMEMBER|"))
    centre.read(line(1, "support|Bo|ADDMEMBER|"))
    assert told(centre.ada) == [("ready", "", 0, 1, ACME)]
    assert db.session.scalars(select(OperatorStatus.going_on)).all() == [True, True]
    centre.read(line(14, "support|Bo|REMOVEMEMBER|"))
    assert told(centre.ada) == []
    centre.read(line(2, "sales|Ada|REMOVEMEMBER|"))
    assert told(centre.ada) == [("ready", "", 0, 2, ACME)]


def test_an_exchange_that_starts_ends_who_is_online(centre: Centre) -> None:
    centre.know()
    centre.read(line(0, "sales|Ada|ADDMEMBER|") + line(3, "support|Bo|ADDMEMBER|"))
    centre.read(line(2, "NONE|NONE|QUEUESTART|"))
    assert told(centre.ada) == [("ready", "", 0, 2, ACME)]
    assert told(centre.bogac) == [("ready", "", 3, 3, GLOBEX)]


def test_words_get_their_meaning_afterwards(centre: Centre) -> None:
    centre.read(in_order(day_of_ada()))
    assert {row[4] for row in told()} == {""}
    assert told(centre.ada) == []
    words = select(Identity.kind, Identity.raw).order_by(Identity.kind, Identity.raw)
    assert db.session.execute(words).all() == [
        ("agent", "Ada"), ("queue", "sales"), ("queue", "support"),
    ]  # fmt: skip
    centre.map("queue", "sales", queue=centre.queues["sales"])
    centre.map("agent", "Ada", user=centre.bogac)
    # What no queue tells is of the only project that Boğaç is in.
    assert [row[4] for row in told(centre.bogac)] == [ACME] * 5 + [GLOBEX] + [ACME] * 3
    centre.map("agent", "Ada", user=centre.ada)
    centre.map("queue", "support", queue=centre.queues["support"])
    assert (told(centre.ada), told()) == (ADAS_DAY, ADAS_DAY)
    assert_days_are_of_the_statuses()
    before = tables()
    centre.read(in_order(day_of_ada()))
    assert tables() == before
    centre.map("agent", "Ada")
    assert told(centre.ada) == []
    assert told() == ADAS_DAY


def test_two_words_of_one_person_are_one_person(centre: Centre) -> None:
    centre.know(**{"Ada": centre.ada, "PJSIP/7": centre.ada})
    centre.read(
        line(0, "sales|PJSIP/7|ADDMEMBER|")
        + line(1, "sales|Ada|PAUSE|Lunch")
        + line(2, "sales|Ada|UNPAUSE|")
        + line(3, "sales|PJSIP/7|REMOVEMEMBER|")
    )
    assert [row[:4] for row in told()] == [
        ("ready", "", 0, 1), ("away", "Lunch", 1, 2), ("ready", "", 2, 3),
    ]  # fmt: skip


def test_one_person_on_two_exchanges_is_in_one_place(centre: Centre) -> None:
    second = centre.source("second")
    centre.know()
    centre.know(second)
    centre.read(line(0, "sales|Ada|ADDMEMBER|") + line(4, "sales|Ada|REMOVEMEMBER|"))
    centre.read(line(2, "support|Ada|ADDMEMBER|") + line(6, "support|Ada|REMOVEMEMBER|"), of=second)
    assert told() == [
        ("ready", "", 0, 2, ACME), ("ready", "", 2, 4, BOTH), ("ready", "", 4, 6, GLOBEX),
    ]  # fmt: skip


def test_a_queue_that_moves_leaves_its_history_or_takes_it_along(centre: Centre) -> None:
    centre.know()
    text = in_order(day_of_ada())
    centre.read(text)
    sales = centre.queues["sales"]
    move(sales, centre.third, actor=centre.admin)
    db.session.commit()
    centre.read(line(1.25, "sales|Ada|PENALTY|2") + line(2, "sales|Ada|PAUSE|Call home"))
    assert {row[4] for row in told()} == {ACME, GLOBEX, BOTH}
    move_history(sales, centre.third)
    db.session.commit()
    assert {row[4] for row in told()} == {THIRD, GLOBEX, f"{THIRD}+{GLOBEX}"}
    assert_days_are_of_the_statuses()


def test_sets_of_projects_are_made_once(centre: Centre) -> None:
    centre.know()
    centre.read(log_of_a_week())
    sets: dict = {}
    for link in db.session.scalars(select(ProjectSet.Link)):
        sets.setdefault(link.object_id, set()).add(link.project_id)
    assert sorted(map(sorted, sets.values())) == sorted(
        map(
            sorted,
            [
                {centre.acme.id},
                {centre.globex.id},
                {centre.third.id},
                {centre.acme.id, centre.globex.id},
            ],
        )
    )


def test_the_days_are_those_of_the_company(centre: Centre) -> None:
    company = db.session.scalars(select(Company)).one()
    company.timezone = company.figures_timezone = "Asia/Tokyo"
    centre.know()
    centre.read(in_order(day_of_ada()))
    days = db.session.scalars(select(PresenceDay).order_by(PresenceDay.starts_at)).all()
    assert [(d.first_at, d.last_at, d.seconds) for d in days] == [
        (at(0), at(7), 7 * 3600), (at(7), at(8), 3600),
    ]  # fmt: skip
