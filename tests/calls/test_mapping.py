"""What an exchange's words mean: whose calls they make, at once and after the fact."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.calls.evidence import CallSource, Identity
from portal.calls.figures import VisitDay, VisitHour
from portal.calls.importing import import_files
from portal.calls.models import Call, Offer, Visit
from portal.calls.operations import map_identity
from portal.calls.restamping import move_history
from portal.errors import RefusedError
from portal.extensions import db
from portal.wall.scope import Scope, current, entered
from tests.calls.logs import LOG, MASTER, OLD_LOG
from tests.calls.sums import assert_totals_are_of_the_visits
from tests.calls.test_importing import (
    ALL,
    imported,
    source,
    tables,
)
from tests.factories import building, company, make_object, project, user


class Centre:
    """A company with two projects, a queue in each, and an exchange."""

    def __init__(self) -> None:
        self.admin = company()
        self.acme, self.globex = project("Acme Żółć"), project("Globex <b>")
        self.sales = make_object("queues", "Sales", self.acme)
        self.support = make_object("queues", "Support", self.globex)
        self.carla = user("Carla Támez")
        db.session.commit()

    def identity(self, of: CallSource, kind: str, raw: str) -> Identity:
        query = select(Identity).filter_by(source_id=of.id, kind=kind, raw=raw)
        return db.session.scalars(query).one()

    def map(self, of: CallSource, kind: str, raw: str, **target: Any) -> int:
        changed = map_identity(self.identity(of, kind, raw), actor=self.admin, **target)
        db.session.commit()
        db.session.expire_all()
        return changed

    def map_queues(self, of: CallSource) -> None:
        self.map(of, "queue", "sales", queue=self.sales)
        self.map(of, "queue", "support", queue=self.support)


@pytest.fixture
def centre(app: Flask) -> Iterator[Centre]:
    with building(app):
        yield Centre()


def visits(**values: Any) -> list[Visit]:
    query = select(Visit).filter_by(**values).order_by(Visit.started_at, Visit.ordinal)
    return list(db.session.scalars(query))


def seen_by(*projects: Any) -> dict[str, int]:
    """Return how many rows a member of ``projects`` sees of each table."""
    scope = Scope(current().company_id, project_ids=tuple(one.id for one in projects))
    with entered(scope):
        return {
            model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Call, Visit, Offer, VisitHour, VisitDay, Identity)
        }


def test_unknown_words_make_calls_that_only_who_sees_all_sees(centre: Centre) -> None:
    imported(ALL)
    assert Counter(visit.project_id for visit in visits()) == {None: 266}
    assert set(seen_by(centre.acme, centre.globex).values()) == {0}


def test_a_later_meaning_assigns_calls_after_the_fact(centre: Centre) -> None:
    pbx = imported(ALL)
    assert centre.map(pbx, "queue", "sales", queue=centre.sales) > 0
    assert {visit.project_id for visit in visits(queue_raw="sales")} == {centre.acme.id}
    assert {visit.queue_id for visit in visits(queue_raw="sales")} == {centre.sales.id}
    assert {visit.project_id for visit in visits(queue_raw="support")} == {None}
    assert seen_by(centre.acme)["visits"] == len(visits(project_id=centre.acme.id))
    assert seen_by(centre.acme)["calls"] == 0
    assert seen_by(centre.globex)["visits"] == 0
    assert_totals_are_of_the_visits()
    for offer, visit in db.session.execute(
        select(Offer, Visit).join(Visit, Offer.visit_id == Visit.id)
    ):
        assert offer.project_id == visit.project_id


def test_meanings_given_before_and_after_an_import_make_the_same_tables(centre: Centre) -> None:
    late = imported(ALL, "late")
    early = source("early")
    import_files(early, [OLD_LOG])
    for of in (early, late):
        centre.map_queues(of)
        centre.map(of, "agent", "Carla Támez", user=centre.carla)
    import_files(early, [LOG, MASTER])
    words = {"words"}  # a word has its meaning or not; its visits are what is compared
    one, other = tables(early), tables(late)
    assert {k: v for k, v in one.items() if k not in words} == {
        k: v for k, v in other.items() if k not in words
    }
    assert_totals_are_of_the_visits()


def test_an_overflowed_call_is_seen_in_parts_and_counts_once(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.map_queues(pbx)
    (call,) = db.session.scalars(select(Call).filter_by(user_field="T0014"))
    parts = [(v.project_id, v.wait_s, v.talk_s, v.result) for v in visits(call_id=call.id)]
    assert parts == [
        (centre.acme.id, 5, None, "timed_out"),
        (centre.globex.id, 1, 2, "answered"),
    ]
    assert all(v.crosses_projects and v.first_in_project for v in visits(call_id=call.id))
    for projects in ([centre.acme], [centre.globex], [centre.acme, centre.globex]):
        assert calls_by_totals(projects) == calls_by_counting(projects)


def calls_by_counting(projects: list[Any]) -> int:
    ids = [one.id for one in projects]
    query = select(func.count(Visit.call_id.distinct())).where(Visit.project_id.in_(ids))
    return db.session.scalar(query) or 0


def calls_by_totals(projects: list[Any]) -> int:
    """Count the calls in some projects as the log does: by totals, and the few that cross."""
    ids = [one.id for one in projects]
    whole = select(func.sum(VisitDay.first_visits)).where(VisitDay.project_id.in_(ids))
    crossing = select(func.count(Visit.call_id.distinct())).where(
        Visit.project_id.in_(ids), Visit.crosses_projects
    )
    return (db.session.scalar(whole) or 0) + (db.session.scalar(crossing) or 0)


def test_the_part_after_a_transfer_goes_with_the_part_before(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.map_queues(pbx)
    following = visits(kind="transfer")
    assert len(following) == 15
    for visit in following:
        before = [v for v in visits(call_id=visit.call_id) if v.ordinal < visit.ordinal]
        leading = [v for v in before if v.kind == "queue"]
        assert visit.project_id == leading[-1].project_id


def test_a_number_dialled_and_a_line_tell_the_project_of_direct_calls(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.map(pbx, "did", "15550601", project=centre.acme)
    assert {v.project_id for v in visits(did="15550601")} == {centre.acme.id}
    centre.map(pbx, "trunk", "PJSIP/trunk-globex", project=centre.globex)
    outbound = visits(direction="out", trunk_raw="PJSIP/trunk-globex")
    assert {v.project_id for v in outbound} == {centre.globex.id}
    assert len(outbound) == 8
    assert_totals_are_of_the_visits()


def test_a_refused_call_belongs_to_the_queue_whose_number_it_dialled(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.map(pbx, "did", "7002", queue=centre.support)
    refused = [v for v in visits(did="7002", kind="direct") if v.result == "refused"]
    assert [(v.queue_id, v.project_id) for v in refused] == [
        (centre.support.id, centre.globex.id)
    ] * 3


def test_an_operator_is_known_under_several_words(centre: Centre) -> None:
    pbx = imported(ALL)
    for raw in ("Carla Támez", "PJSIP/103"):
        assert centre.map(pbx, "agent", raw, user=centre.carla) > 0
    known = {v.agent_raw for v in visits(operator_id=centre.carla.id)}
    assert known == {"Carla Támez", "PJSIP/103"}
    offers = db.session.scalars(select(Offer).filter_by(agent_raw="PJSIP/103"))
    assert {offer.operator_id for offer in offers} == {centre.carla.id}
    import_files(pbx, [OLD_LOG, LOG, MASTER])
    assert {v.operator_id for v in visits(agent_raw="Carla Támez")} == {centre.carla.id}


def test_a_meaning_can_be_changed_and_taken_back(centre: Centre) -> None:
    pbx = imported(ALL)
    before = tables(pbx)
    centre.map(pbx, "queue", "sales", queue=centre.sales)
    centre.map(pbx, "queue", "sales", queue=centre.support)
    assert {v.project_id for v in visits(queue_raw="sales")} == {centre.globex.id}
    centre.map(pbx, "queue", "sales")
    assert tables(pbx) == before
    assert_totals_are_of_the_visits()


def test_every_change_of_meaning_is_in_the_trail(centre: Centre) -> None:
    pbx = imported(ALL)
    changed = centre.map(pbx, "queue", "sales", queue=centre.sales)
    entries = list(db.session.scalars(select(AuditEntry).filter_by(kind="identity")))
    assert [(entry.action, entry.detail) for entry in entries] == [("mapped", {"visits": changed})]
    runs = list(db.session.scalars(select(AuditEntry).filter_by(kind="import")))
    assert [(entry.action, entry.object_name) for entry in runs] == [("imported", "pbx")]


@pytest.mark.parametrize(
    ("kind", "raw", "target"),
    [("queue", "sales", "user"), ("agent", "PJSIP/101", "queue"), ("trunk", None, "queue")],
)
def test_a_word_cannot_mean_what_is_of_another_kind(
    centre: Centre, kind: str, raw: str | None, target: str
) -> None:
    pbx = imported(ALL)
    identity = centre.identity(pbx, kind, raw or "PJSIP/trunk-acme")
    targets = {"user": centre.carla, "queue": centre.sales}
    with pytest.raises(RefusedError):
        map_identity(identity, actor=centre.admin, **{target: targets[target]})


def test_a_moved_queue_leaves_its_history_behind_unless_it_is_taken_along(
    centre: Centre, tmp_path: Path
) -> None:
    pbx = imported([OLD_LOG])
    centre.map_queues(pbx)
    moved = _queue(centre.sales.id)
    moved.project_id = centre.globex.id
    db.session.commit()
    before = {v.id: v.project_id for v in visits(queue_raw="sales")}
    import_files(pbx, [MASTER])  # rebuilds the old calls, which stay where they were
    after = {v.id: v.project_id for v in visits(queue_raw="sales")}
    assert {visit_id: after[visit_id] for visit_id in before} == before
    assert set(before.values()) == {centre.acme.id}
    import_files(pbx, [LOG])  # later calls are of the queue's project now
    assert {v.project_id for v in visits(queue_raw="sales")} == {centre.acme.id, centre.globex.id}
    assert move_history(_queue(centre.sales.id), centre.globex) >= len(before)
    db.session.commit()
    assert {v.project_id for v in visits(queue_raw="sales")} == {centre.globex.id}
    assert_totals_are_of_the_visits()


def _queue(queue_id: uuid.UUID) -> Any:
    from portal.objects.kinds.queue import Queue

    return db.session.scalars(select(Queue).where(Queue.id == queue_id)).one()


def test_another_company_sees_and_changes_nothing(centre: Centre) -> None:
    pbx = imported(ALL)
    centre.map_queues(pbx)
    before, own_company = tables(pbx), current().company_id
    company("Obca Firma")
    assert visits() == []
    imported(ALL)
    assert len(visits()) == 266
    db.session.expunge_all()
    with entered(Scope(own_company, sees_all=True)):
        pbx = db.session.scalars(select(CallSource)).one()
        assert tables(pbx) == before
