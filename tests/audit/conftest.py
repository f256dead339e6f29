"""What the tests of the trail share: a company with two projects, and reading its entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.extensions import db
from portal.wall.scope import unscoped
from tests.factories import building, company, project, user

HOSTILE = '<img src=x onerror=alert(1)> =1+1 "Żółć" Işıl'


@dataclass
class Centre:
    """A company with the projects A and B, an Admin, and a supervisor of each project."""

    app: Any
    admin: Any
    a: Any
    b: Any
    anna: Any
    bela: Any

    def entries(self) -> list[AuditEntry]:
        """Return the entries since the company was made, in their order."""
        with self.app.app_context(), unscoped("a test reads all of it"):
            db.session().expire_on_commit = False
            query = select(AuditEntry).where(AuditEntry.seq > self.since)
            found = db.session.scalars(query.order_by(AuditEntry.seq)).all()
            db.session.expunge_all()
            return list(found)

    def told(self) -> list[tuple[Any, ...]]:
        """Return project, action, kind, name, before and after of each of them."""
        names = {self.a.id: "A", self.b.id: "B", None: None}
        return [
            (names.get(e.project_id, "?"), e.action, e.kind, e.object_name, e.before, e.after)
            for e in self.entries()
        ]

    since: int = 0

    def forget(self) -> None:
        """Begin to tell from here on."""
        found = self.entries()
        self.since = found[-1].seq if found else self.since


@pytest.fixture
def centre(app):
    with building(app):
        admin = company()
        a, b = project("Alfa " + HOSTILE), project("Beta Müşteri")
        anna = user("Anna", role="supervisor", projects=[a])
        bela = user("Béla", role="supervisor", projects=[b])
    made = Centre(app, admin, a, b, anna, bela)
    made.forget()
    return made
