"""Who sees which working time: statuses of their projects, and N/A for the rest (decision 13)."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.extensions import db
from portal.statuses.models import (
    OperatorStatus,
    Presence,
    PresenceDay,
    ProjectSet,
    StatusDay,
)
from portal.statuses.queries import NOT_TOLD, by_day, journal
from portal.wall.scope import Scope, current, entered
from tests.factories import building
from tests.statuses.centre import DAY, Centre, at, call, in_order, line
from tests.statuses.test_rebuilding import ADAS_DAY, day_of_ada

MODELS = (ProjectSet, ProjectSet.Link, OperatorStatus, StatusDay, Presence, PresenceDay)
WHOLE = (DAY - dt.timedelta(days=30), DAY + dt.timedelta(days=30))


@pytest.fixture
def centre(app: Flask, tmp_path: Path) -> Iterator[Centre]:
    with building(app):
        made = Centre(tmp_path)
        made.know()
        yield made


def seeing(*projects: object, user_id: uuid.UUID | None = None) -> Scope:
    ids = tuple(project.id for project in projects)
    return Scope(current().company_id, user_id or uuid.UUID(int=1), project_ids=ids)


def lines(agent: uuid.UUID | None = None) -> list[tuple]:
    return [
        (
            one.status,
            one.reason,
            (one.starts_at - DAY).total_seconds() / 3600,
            (one.ends_at - DAY).total_seconds() / 3600,
        )
        for one in journal(*WHOLE)
        if agent is None or one.operator_id == agent
    ]


def test_each_sees_their_projects_and_the_rest_is_one_stretch(centre: Centre) -> None:
    centre.read(in_order(day_of_ada()))
    assert lines() == [row[:4] for row in ADAS_DAY]
    with entered(seeing(centre.acme)):
        assert lines() == [
            ("ready", "", 0, 1),
            ("talk", "", 1, 1.5),
            ("ready", "", 1.5, 3),
            ("away", "Lunch", 3, 4),
            ("ready", "", 4, 5),
            (NOT_TOLD, "", 5, 6),
            ("ready", "", 6, 7),
            ("after_call", "ACW", 7, 7.5),
            ("ready", "", 7.5, 8),
        ]
    with entered(seeing(centre.globex)):
        assert lines() == [
            ("ready", "", 0, 1),
            (NOT_TOLD, "", 1, 1.5),
            ("ready", "", 1.5, 3),
            ("away", "Lunch", 3, 4),
            ("ready", "", 4, 5),
            ("talk", "", 5, 6),
            (NOT_TOLD, "", 6, 8),  # ready, after-call work and ready: which, is not told
        ]
        assert {(one.status, one.seconds, one.count, one.longest) for one in by_day(*WHOLE)} == {
            ("ready", 3.5 * 3600, 2, 1.5 * 3600),
            ("away", 3600, 1, 3600),
            ("talk", 3600, 1, 3600),
            (NOT_TOLD, 2.5 * 3600, 0, 0),
        }
    with entered(seeing(centre.third)):
        assert lines() == []
    with entered(seeing(user_id=centre.ada.id)):
        assert lines() == [(NOT_TOLD, "", 0, 8)]


def test_that_somebody_stands_by_for_more_projects_is_not_told(centre: Centre) -> None:
    centre.read(
        in_order(
            [
                line(0, "sales|Ada|ADDMEMBER|"),
                line(1, "support|Ada|ADDMEMBER|"),
                line(2, "NONE|Ada|PAUSEALL|Lunch"),
                line(2.5, "help|Ada|PAUSE|Lunch"),
                line(3, "support|Ada|REMOVEMEMBER|"),
                line(4, "sales|Ada|REMOVEMEMBER|"),
                line(4, "help|Ada|REMOVEMEMBER|"),
            ]
        )
    )
    with entered(seeing(centre.acme)):
        assert lines() == [("ready", "", 0, 2), ("away", "Lunch", 2, 4)]
    with entered(seeing(centre.acme, centre.globex)):
        assert lines() == [("ready", "", 0, 2), ("away", "Lunch", 2, 4)]


def test_a_choice_of_projects_makes_nothing_not_told(centre: Centre) -> None:
    centre.read(in_order(day_of_ada()))
    with entered(seeing(centre.acme, centre.globex)):
        chosen = journal(*WHOLE, projects=[centre.globex.id])
        assert NOT_TOLD not in {one.status for one in chosen}
        assert sum(one.seconds for one in chosen) == 5.5 * 3600
        days = by_day(*WHOLE, projects=[centre.globex.id])
        assert sum(one.seconds for one in days) == 5.5 * 3600


def test_a_period_cuts_what_goes_beyond_it(centre: Centre) -> None:
    centre.read(in_order(day_of_ada()))
    with entered(seeing(centre.globex)):
        found = journal(at(1.25), at(3.5))
        assert [(one.status, one.starts_at, one.ends_at) for one in found] == [
            (NOT_TOLD, at(1.25), at(1.5)),
            ("ready", at(1.5), at(3)),
            ("away", at(3), at(3.5)),
        ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_seen_and_what_is_not_told_are_the_presence(centre: Centre, seed: int) -> None:
    """For any viewer and any days of work, to the second; nobody sees a foreign row."""
    chance = random.Random(seed)
    verbs = ("ADDMEMBER|", "REMOVEMEMBER|", "PAUSE|Lunch", "PAUSE|ACW", "UNPAUSE|")
    everywhere = ("PAUSEALL|Break", "UNPAUSEALL|", "AGENTLOGIN|x", "AGENTLOGOFF|x")
    text = []
    for agent in ("Ada", "Bo"):
        for _ in range(120):
            hours = chance.uniform(0, 60)
            if chance.random() < 0.3:
                queue = chance.choice(["sales", "support", "help", "unknown"])
                text.append(call(hours, chance.uniform(1, 90), queue, agent))
            elif chance.random() < 0.2:
                text.append(line(hours, f"NONE|{agent}|{chance.choice(everywhere)}"))
            else:
                queue = chance.choice(["sales", "support", "help", "unknown"])
                text.append(line(hours, f"{queue}|{agent}|{chance.choice(verbs)}"))
    centre.read(in_order(text))
    projects = [centre.acme, centre.globex, centre.third]
    viewers = [current(), seeing(), seeing(user_id=centre.ada.id)]
    viewers += [seeing(*chance.sample(projects, n)) for n in (1, 1, 2, 3)]
    for viewer in viewers:
        with entered(viewer):
            _assert_adds_up(viewer)


def _assert_adds_up(viewer: Scope) -> None:
    online = select(Presence.agent_id, Presence.starts_at, Presence.ends_at)
    presences = db.session.execute(online.order_by(Presence.agent_id, Presence.starts_at)).all()
    seen_people = {agent_id for agent_id, _, _ in presences}
    found = [one for one in journal(*WHOLE) if one.agent_id in seen_people]
    spans: list[list] = []
    for one in found:
        if spans and spans[-1][0] == one.agent_id and spans[-1][2] == one.starts_at:
            spans[-1][2] = one.ends_at
        else:
            spans.append([one.agent_id, one.starts_at, one.ends_at])
    assert [tuple(span) for span in spans] == [p for p in map(tuple, presences) if p[1] < p[2]]
    for one, other in pairwise(found):  # nothing of N/A can be counted
        touching = one.agent_id == other.agent_id and one.ends_at == other.starts_at
        assert not (touching and one.status == other.status == NOT_TOLD)
        assert one.agent_id != other.agent_id or one.ends_at <= other.starts_at
    total = db.session.scalar(select(func.sum(PresenceDay.seconds))) or 0
    days = [one for one in by_day(*WHOLE) if one.agent_id in seen_people]
    assert sum(one.seconds for one in days) == total
    per_status: dict[str, int] = {}
    for one in found:
        per_status[one.status] = per_status.get(one.status, 0) + one.seconds
    for one in days:
        per_status[one.status] = per_status.get(one.status, 0) - one.seconds
    assert set(per_status.values()) <= {0}
    if not viewer.sees_all:
        linked = select(ProjectSet.Link.object_id)
        for model in (OperatorStatus, StatusDay):
            rows = db.session.scalars(select(model.project_set_id)).all()
            assert set(rows) <= set(db.session.scalars(linked))
        links = db.session.scalars(select(ProjectSet.Link.project_id)).all()
        assert set(links) <= viewer.projects


def test_another_company_sees_nothing(app: Flask, centre: Centre) -> None:
    centre.read(in_order(day_of_ada()))
    ids = (centre.acme.id, centre.globex.id)
    with entered(Scope(current().company_id + 1, uuid.UUID(int=1), project_ids=ids)):
        for model in MODELS:
            assert db.session.scalars(select(model)).all() == []
