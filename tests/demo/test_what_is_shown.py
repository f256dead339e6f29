"""The demo as it is loaded: each kind is worth a look, and all of it could have been typed."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.crm.fillings.models import COMPLETE, DRAFT, FormFilling
from portal.crm.models import STATUSES, Case, ContactValue
from portal.demo import cast, lines, loading, scripts, shared
from portal.extensions import db
from portal.objects.base.models import STATES, DialerNumber
from portal.objects.kinds.dialer import Dialer
from portal.objects.kinds.phone import IpPhone
from portal.objects.numbers.models import NumberListEntry
from portal.objects.queues.models import QueueGroup, QueueNumber, QueueUser
from portal.objects.registry import KINDS
from portal.objects.versions import queries as versions
from portal.wall.scope import unscoped

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
DAYS = 7


@pytest.fixture(params=["sqlite"])
def database(request, stores):
    """One database is enough: the demo is made by what is tested on both."""
    store = stores.database(request.param)
    yield store
    store.reset()


@pytest.fixture
def demo(app):
    with app.app_context():
        loading.load(NOW, days=DAYS)
        db.session.remove()
    return app


def counted(column):
    return dict(db.session.execute(select(column, func.count()).group_by(column)).all())


def test_the_demo_is_worth_a_look(demo, visitor):
    with demo.app_context(), unscoped("the test looks at both companies of the demo"):
        assert set(counted(Case.status)) == set(STATUSES)
        assert set(counted(DialerNumber.state)) >= set(STATES) - {"done"}
        assert counted(Dialer.state).keys() == {"running", "paused", "stopped"}
        assert counted(FormFilling.status).keys() == {COMPLETE, DRAFT}
        for column in (FormFilling.case_id, FormFilling.visit_id, FormFilling.contact_id):
            assert db.session.scalar(select(func.count(column))) >= 30
        told = select(AuditEntry.actor_name).where(AuditEntry.kind == FormFilling.kind).distinct()
        people = set(db.session.scalars(told))
        assert cast.ADMIN[0] not in people
        assert len(people) > 10
        expired = NumberListEntry.expires_on < NOW.date()
        assert db.session.scalar(select(func.count()).where(expired)) == 8
        assert len(set(counted(QueueUser.penalty))) > 1
        assert len(set(counted(QueueGroup.penalty))) > 1
        assert min(counted(QueueNumber.queue_id).values()) == 1
        assert db.session.scalar(select(func.count(ContactValue.id))) > 100
        assert db.session.scalar(select(func.count()).where(IpPhone.secret.is_(None))) == 0
        assert _drafts("scenarios") == len(scripts.SCENARIO_DRAFTS)
        assert _drafts("forms") == len(scripts.FORM_DRAFTS)
        assert len(lines.DIALLING) == db.session.scalar(select(func.count(Dialer.id)))
    _could_have_been_typed(visitor(cast.ADMIN[1]), demo)


def _drafts(slug):
    """Return how many of a kind have a draft behind what works; each has been published."""
    kind, found = KINDS[slug], 0
    for item in db.session.scalars(select(kind.model)):
        newest = versions.newest(kind, item)
        assert newest is not None
        assert kind.content.check(item, versions.draft_of(kind, item)) == []
        found += newest.content != item.draft
    return found


def _could_have_been_typed(admin, app):
    """Save objects as they are: what the demo has put there is what their forms take."""
    with app.app_context(), unscoped("the test looks at both companies of the demo"):
        company = db.session.scalar(select(Dialer.company_id).limit(1))
        addresses = [
            f"/objects/{slug}/{identifier}"
            for slug, kind in KINDS.items()
            for identifier in db.session.scalars(
                select(kind.model.id)
                .where(kind.model.company_id == company)
                .order_by(kind.model.id)
                .limit(6)
            )
        ]
    assert len(addresses) >= len(shared.SCHEDULES) * len(KINDS) - 6
    for address in addresses:
        saved = admin.get(address).submit("Zapisz zmiany Ctrl ↵", status=None)
        assert (saved.status, saved.errors()) == (200, {}), address
