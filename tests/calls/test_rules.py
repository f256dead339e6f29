"""Rules give many words a meaning, for some days: at once, after the fact, and taken back."""

from __future__ import annotations

import datetime as dt
import random
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.calls import restamping
from portal.calls.evidence import CallRule, CallSource, Identity
from portal.calls.importing import import_files
from portal.calls.intake.rules import Settings, change, create, remove, try_create
from portal.calls.models import Call, Offer, Visit
from portal.calls.operations import map_identity
from portal.calls.restamping import move_history
from portal.calls.stamping import FOLLOWING
from portal.extensions import db
from portal.jobs import worker
from portal.objects.kinds.queue import Queue
from portal.projects.models import ProjectUser
from portal.statuses.models import OperatorStatus
from portal.wall.scope import current, entered
from tests.calls.logs import LOG, MASTER
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.test_importing import ALL, imported, source
from tests.factories import building, company, make_object, project, user

ZONE = ZoneInfo("Europe/Warsaw")  # of the sources
Stamp = tuple[Any, ...]


_SHIFT = 6 * 3600 + 17 * 60


def over_midnight(folder: Path) -> list[Path]:
    """Return the logs as if their calls had come in the minutes before and after midnight."""

    def moment(found: re.Match[str]) -> str:
        return str(dt.datetime.fromisoformat(found[0]) + dt.timedelta(seconds=_SHIFT))

    paths = []
    for path in ALL:
        text = re.sub(r"\b1795\d{6}\b", lambda e: str(int(e[0]) + _SHIFT), path.read_text())
        paths.append(folder / path.name)
        paths[-1].write_text(re.sub(r"\b2026-\d\d-\d\d \d\d:\d\d:\d\d\b", moment, text))
    return paths


class Centre:
    """A company with two projects, a queue in each, and nothing mapped."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.admin = company()
        self.acme, self.globex = project("Acme Żółć"), project("Globex <b>")
        self.sales = make_object("queues", "Sales", self.acme)
        self.support = make_object("queues", "Support", self.globex)
        self.carla, self.dora = user("Carla Támez"), user("Dora 'x'", projects=[self.acme])
        db.session.commit()

    def rule(
        self, of: CallSource, kind: str, text: str, target: Any = None, **days: Any
    ) -> uuid.UUID:
        create(of, kind, Settings(text, target=target, **days), actor=self.admin)
        rule = db.session.scalars(select(CallRule).order_by(CallRule.id.desc()).limit(1)).one()
        self.work()
        return rule.id

    def change(self, rule_id: uuid.UUID, text: str, target: Any = None, **days: Any) -> None:
        rule = db.session.get_one(CallRule, (self.admin.company_id, rule_id))
        settings = Settings(text, target=target, **days)
        change(rule, settings, version=rule.version, actor=self.admin)
        self.work()

    def remove(self, rule_id: uuid.UUID) -> None:
        rule = db.session.get_one(CallRule, (self.admin.company_id, rule_id))
        remove(rule, actor=self.admin)
        self.work()

    def work(self) -> None:
        """Let a worker assign the calls."""
        scope = current()
        db.session.commit()
        worker.run_waiting(self.app)
        with entered(scope):
            db.session.expire_all()


@pytest.fixture
def centre(app: Flask) -> Iterator[Centre]:
    with building(app):
        yield Centre(app)


def stamps(of: CallSource) -> list[Stamp]:
    """Return what stands on all visits and offers of a source, without ids made of its own."""
    patterns = dict(db.session.execute(select(CallRule.id, CallRule.pattern)).all())
    keys = dict(db.session.execute(select(Call.id, Call.native_key)).all())
    visits = db.session.scalars(select(Visit).filter_by(source_id=of.id)).all()
    place = {v.id: (keys[v.call_id], v.ordinal) for v in visits}
    found: list[Stamp] = [
        (
            *place[v.id], v.project_id, v.queue_id, v.dialer_id, v.operator_id, v.stamped_by,
            v.rule_id and patterns[v.rule_id], v.first_in_project, v.crosses_projects,
        )
        for v in visits
    ]  # fmt: skip
    offers = db.session.scalars(select(Offer).filter_by(source_id=of.id))
    found += [(*place[o.visit_id], "offer", o.ordinal, o.project_id, o.operator_id) for o in offers]
    return sorted(found, key=repr)


def visits(of: CallSource, **values: Any) -> list[Visit]:
    query = select(Visit).filter_by(source_id=of.id, **values)
    return list(db.session.scalars(query.order_by(Visit.started_at, Visit.ordinal)))


def ruled(of: CallSource) -> dict[tuple[str, str], bool]:
    words = db.session.scalars(select(Identity).filter_by(source_id=of.id))
    return {(one.kind, one.raw): one.ruled for one in words}


def local_day(visit: Visit) -> dt.date:
    return visit.started_at.astimezone(ZONE).date()


def days_of(of: CallSource) -> list[dt.date]:
    return sorted({local_day(visit) for visit in visits(of)})


def test_a_wildcard_moves_the_visits_of_its_words_and_no_others(centre: Centre) -> None:
    pbx = imported(ALL)
    before = {v.id: v.project_id for v in visits(pbx)}
    rule = centre.rule(pbx, "queue", "s*s", centre.sales)
    for visit in visits(pbx):
        if visit.queue_raw == "sales":
            assert (visit.project_id, visit.queue_id) == (centre.acme.id, centre.sales.id)
            assert (visit.stamped_by, visit.rule_id) == ("queue", rule)
        elif visit.kind not in FOLLOWING:
            assert visit.project_id == before[visit.id] is None
    assert {word for word, is_ruled in ruled(pbx).items() if is_ruled} == {("queue", "sales")}
    assert_totals_are_of_the_visits()


def test_exact_names_beat_patterns_and_the_more_exact_pattern_the_vaguer(centre: Centre) -> None:
    pbx = imported(ALL)
    wide = centre.rule(pbx, "queue", "*", centre.support)
    assert {v.queue_id for v in visits(pbx, queue_raw="sales")} == {centre.support.id}
    narrow = centre.rule(pbx, "queue", "sa*", centre.sales)
    assert {v.rule_id for v in visits(pbx, queue_raw="sales")} == {narrow}
    word = db.session.scalars(select(Identity).filter_by(kind="queue", raw="sales")).one()
    map_identity(word, actor=centre.admin, queue=centre.support)
    assert {(v.queue_id, v.rule_id) for v in visits(pbx, queue_raw="sales")} == {
        (centre.support.id, None)
    }
    exact = centre.rule(pbx, "queue", "sales", centre.sales)
    assert {v.rule_id for v in visits(pbx, queue_raw="sales")} == {exact}
    newer = centre.rule(pbx, "queue", "sales")  # ignored
    assert {v.project_id for v in visits(pbx, queue_raw="sales", kind="queue")} == {None}
    assert {v.rule_id for v in visits(pbx, queue_raw="support")} == {wide}
    centre.remove(newer)
    assert {v.rule_id for v in visits(pbx, queue_raw="sales")} == {exact}
    assert_totals_are_of_the_visits()


def test_a_rule_that_has_ended_leaves_its_words_to_be_mapped(centre: Centre) -> None:
    pbx = imported(ALL)
    ended = dt.date(2000, 1, 1)
    centre.rule(pbx, "queue", "support", centre.support, valid_until=ended)
    assert not ruled(pbx)["queue", "support"]
    centre.rule(pbx, "queue", "support", centre.support, valid_from=ended)
    assert ruled(pbx)["queue", "support"]


def test_a_name_means_something_else_from_a_day_on_in_the_zone_of_its_source(
    centre: Centre, tmp_path: Path
) -> None:
    pbx = imported(over_midnight(tmp_path))
    middle, _next = days_of(pbx)
    centre.rule(pbx, "queue", "sales", centre.sales, valid_until=middle)
    centre.rule(pbx, "queue", "sales", centre.support, valid_from=middle + dt.timedelta(1))
    assert {v.queue_id for v in visits(pbx)} >= {centre.sales.id, centre.support.id}
    for visit in visits(pbx, queue_raw="sales", kind="queue"):
        owner = centre.sales if local_day(visit) <= middle else centre.support
        assert visit.queue_id == owner.id
    assert_totals_are_of_the_visits()


def test_the_order_in_which_words_tell(centre: Centre) -> None:
    pbx = imported(ALL)
    everything = centre.rule(pbx, "source", "*", centre.globex)
    assert {(v.project_id, v.stamped_by) for v in visits(pbx)} == {(centre.globex.id, "source")}
    number = centre.rule(pbx, "number", "*", centre.acme)
    out = visits(pbx, direction="out", ordinal=1)
    assert {v.rule_id for v in out} == {number}
    assert number not in {v.rule_id for v in visits(pbx, direction="in")}
    trunk = centre.rule(pbx, "trunk", "*", centre.globex)
    assert trunk not in {v.rule_id for v in visits(pbx, direction="out", ordinal=1)}
    queue = centre.rule(pbx, "queue", "*", centre.support)
    assert {v.rule_id for v in visits(pbx, kind="queue")} == {queue}
    tag = centre.rule(pbx, "tag", "T00xx", centre.acme)
    tagged = {one.id for one in db.session.scalars(select(Call)) if one.user_field[:3] == "T00"}
    assert tagged
    for visit in visits(pbx):
        assert (visit.rule_id == tag) == (visit.call_id in tagged)
        assert visit.project_id is not None
    for rule in (tag, queue, trunk, number, everything):
        centre.remove(rule)
    assert {(v.project_id, v.stamped_by) for v in visits(pbx)} == {(None, None)}
    assert_totals_are_of_the_visits()


def test_an_operator_of_one_project_tells_the_project_if_nothing_else_does(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.rule(pbx, "agent", "PJSIP/10x", centre.dora)
    mine = [v for v in visits(pbx, stamped_by="agent") if v.kind not in FOLLOWING]
    assert {(v.project_id, v.operator_id) for v in mine} == {(centre.acme.id, centre.dora.id)}
    centre.rule(pbx, "queue", "*", centre.support)
    assert {v.stamped_by for v in visits(pbx, kind="queue")} == {"queue"}


def test_an_operator_s_name_changes_hands(centre: Centre, tmp_path: Path) -> None:
    pbx = imported(over_midnight(tmp_path))
    day, _next = days_of(pbx)
    word = db.session.scalars(select(Identity).filter_by(raw="Carla Támez")).one()
    map_identity(word, actor=centre.admin, user=centre.carla)
    db.session.commit()
    until = centre.rule(pbx, "agent", "Carla Támez", centre.dora, valid_until=day)
    for model, at in ((Visit, "started_at"), (Offer, "at")):
        found = db.session.scalars(select(model).filter_by(agent_raw="Carla Támez")).all()
        owners = {(row.operator_id, getattr(row, at).astimezone(ZONE).date()) for row in found}
        assert owners == {(centre.dora.id, day), (centre.carla.id, _next)}
    talks = db.session.scalars(select(OperatorStatus).filter_by(status="talk"))
    owners = {(row.operator_id, row.starts_at.astimezone(ZONE).date()) for row in talks}
    assert owners >= {(centre.dora.id, day), (centre.carla.id, _next)}
    assert not owners & {(centre.dora.id, _next), (centre.carla.id, day)}
    centre.remove(until)
    people = {one.operator_id for one in db.session.scalars(select(OperatorStatus))}
    assert people & {centre.dora.id, centre.carla.id} == {centre.carla.id}


def test_a_queue_that_moved_keeps_its_past_when_another_rule_comes(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.rule(pbx, "queue", "sales", centre.sales)
    move_history(
        db.session.get_one(Queue, (centre.admin.company_id, centre.sales.id)), centre.globex
    )
    moved = {v.id for v in visits(pbx, queue_raw="sales")}
    centre.rule(pbx, "did", "*", centre.acme)
    centre.rule(pbx, "source", "*", centre.acme)
    assert {v.project_id for v in visits(pbx) if v.id in moved} == {centre.globex.id}


def test_a_rule_by_which_nothing_means_anything_else_moves_nothing(centre: Centre) -> None:
    """A queue that went without its history, and an operator who went to another project."""
    pbx = imported(ALL)
    centre.rule(pbx, "queue", "sales", centre.sales)
    centre.rule(pbx, "agent", "PJSIP/101", centre.dora)
    kept = {v.id: v.project_id for v in visits(pbx)}
    assert {None, centre.acme.id} <= set(kept.values())
    assert "agent" in {v.stamped_by for v in visits(pbx)}
    queue = db.session.get_one(Queue, (centre.admin.company_id, centre.sales.id))
    queue.project_id = centre.globex.id
    home = select(ProjectUser).where(ProjectUser.user_id == centre.dora.id)
    db.session.delete(db.session.scalars(home).one())
    db.session.flush()
    db.session.add(
        ProjectUser(
            company_id=centre.admin.company_id,
            project_id=centre.globex.id,
            user_id=centre.dora.id,
        )
    )
    db.session.commit()
    wide = centre.rule(pbx, "queue", "sal*", centre.support)
    wider = centre.rule(pbx, "agent", "PJSIP/1*", centre.carla)
    told = {v.id: v.project_id for v in visits(pbx) if kept[v.id] is not None}
    assert told == {key: project for key, project in kept.items() if project is not None}
    for rule in (wide, wider):
        centre.remove(rule)
    assert {v.id: v.project_id for v in visits(pbx) if kept[v.id] is not None} == told
    assert_totals_are_of_the_visits()


def test_a_preview_counts_exactly_and_saves_nothing(centre: Centre) -> None:
    pbx = imported(ALL)
    before, rules = stamps(pbx), db.session.scalars(select(CallRule)).all()
    counted = try_create(pbx, "queue", Settings("s*", target=centre.sales))
    pbx = db.session.scalars(select(CallSource)).one()
    assert (stamps(pbx), db.session.scalars(select(CallRule)).all()) == (before, rules)
    centre.rule(pbx, "queue", "s*", centre.sales)
    entries = list(db.session.scalars(select(AuditEntry).filter_by(kind="call_rule")))
    assert counted.ids
    assert not counted.more
    told = [(one.action, one.object_name, (one.detail or {}).get("visits")) for one in entries]
    assert set(told) == {("created", "s*", None), ("stamped", "s*", len(counted.ids))}


def test_a_preview_says_when_there_were_more_calls_than_it_looks_at(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx = imported(ALL)
    monkeypatch.setattr(restamping, "CALLS", 2)
    monkeypatch.setattr(restamping, "LOOKED_AT", 4)
    counted = try_create(pbx, "queue", Settings("s*", target=centre.sales))
    assert counted.more
    assert 0 < len(counted.ids) < len(visits(pbx))


@pytest.mark.parametrize("seed", range(3))
def test_rules_in_any_order_stamp_as_an_import_with_them_does(
    centre: Centre, tmp_path: Path, seed: int
) -> None:
    chance, paths = random.Random(seed), over_midnight(tmp_path)
    late = imported(paths, "late")
    names = [(w.kind, w.raw) for w in db.session.scalars(select(Identity)) if w.kind != "scenario"]
    days = days_of(late)
    rules: dict[uuid.UUID, tuple[str, str, Any, dict[str, Any]]] = {}

    def some() -> tuple[str, str, Any, dict[str, Any]]:
        kind, raw = chance.choice([*names, ("tag", "T0012"), ("source", "*"), ("number", "6")])
        cut = chance.randrange(len(raw) + 1)
        text = chance.choice([raw, raw[:cut] + "*", "*", raw[:-1] + "x"])
        targets = [centre.acme, centre.globex, None]
        if kind == "queue":
            targets = [centre.sales, centre.support, None]
        elif kind == "agent":
            targets = [centre.carla, centre.dora]
        first, last = sorted(chance.choices(days, k=2))
        span = chance.choice([{}, {"valid_from": last}, {"valid_from": first, "valid_until": last}])
        return kind, "*" if kind == "source" else text, chance.choice(targets), span

    for _step in range(10):
        deed = chance.random()
        if rules and deed < 0.25:
            gone = chance.choice(list(rules))
            del rules[gone]
            centre.remove(gone)
        elif rules and deed < 0.5:
            one = chance.choice(list(rules))
            kind, text, target, _days = rules[one]
            other, new_text, new_target, span = some()
            if other == kind:
                text, target = new_text, new_target
            rules[one] = kind, text, target, span
            centre.change(one, text, target, **span)
        else:
            made = some()
            rules[centre.rule(late, *made[:3], **made[3])] = made
    early = source("early")
    for kind, text, target, span in (rules[one] for one in sorted(rules, key=str)):
        centre.rule(early, kind, text, target, **span)
    import_files(early, paths)
    assert stamps(late) == stamps(early)
    assert ruled(late) == ruled(early)
    assert_totals_are_of_the_visits()


def test_calls_that_come_after_a_rule_are_stamped_by_it(centre: Centre) -> None:
    pbx = source("pbx")
    rule = centre.rule(pbx, "queue", "s*", centre.sales)
    import_files(pbx, [LOG, MASTER])
    assert {v.rule_id for v in visits(pbx, kind="queue")} == {rule}
    again = stamps(pbx)
    import_files(pbx, [MASTER, LOG])
    assert stamps(pbx) == again
