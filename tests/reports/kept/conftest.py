"""Two projects with calls of the last hours, and people who see one, both or none of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from portal.access.permissions import Permission
from portal.accounts.models import Mail
from portal.calls.evidence import Identity
from portal.calls.importing import import_files
from portal.calls.operations import create_source
from portal.database import utcnow
from portal.extensions import db
from portal.members.models import User
from portal.projects.models import ProjectUser
from portal.reports.kept.models import ReportSubscription
from portal.wall.scope import unscoped
from tests.factories import building, company, make_object, project, role, user

NASTY = '=1+1 "<img src=x onerror=alert(1)>" Łódź\'İ'
P = Permission
CALLS = {"ours": 7, "theirs": 4}


@dataclass
class Office:
    """Who and what was made, by name; each person signs in when first spoken of."""

    app: Any
    sign_in: Any
    people: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    visitors: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        if name not in self.visitors:
            self.visitors[name] = self.sign_in(self.people[name].email)
        return self.visitors[name]

    def due(self) -> None:
        """Let a day pass for all subscriptions."""
        with self.app.app_context(), unscoped("the test lets time pass"):
            early = utcnow() - dt.timedelta(minutes=1)
            db.session.execute(update(ReportSubscription).values(next_at=early))
            db.session.commit()

    def mails(self) -> list[Mail]:
        with self.app.app_context():
            return list(db.session.scalars(select(Mail).order_by(Mail.id)))

    def change(self, name: str, **values: Any) -> None:
        """Change a person behind their back."""
        with building(self.app, of=self.people["admin"]):
            person = db.session.get(User, (self.people[name].company_id, self.people[name].id))
            for key, value in values.items():
                setattr(person, key, value)

    def leave(self, name: str, where: str) -> None:
        """Take a person out of a project."""
        with building(self.app, of=self.people["admin"]):
            gone = (ProjectUser.user_id == self.people[name].id,)
            gone += (ProjectUser.project_id == self.ids[where],)
            db.session.execute(
                delete(ProjectUser).where(*gone).execution_options(untold="the test")
            )


def lines() -> str:
    start = int((utcnow() - dt.timedelta(hours=1)).timestamp())
    text = []
    for queue, count in CALLS.items():
        for number in range(count):
            call, at = f"{start}.{queue}{number}", start + number
            text += [
                f"{at}|{call}|{queue}|NONE|ENTERQUEUE||+4850000{number:04}|1",
                f"{at + 5}|{call}|{queue}|Agent|CONNECT|5|x.{number}|3",
                f"{at + 35}|{call}|{queue}|Agent|COMPLETECALLER|5|30|1",
            ]
    return "\n".join([*text, ""])


@pytest.fixture
def office(app, visitor, tmp_path):
    app.config["UPLOADS_FOLDER"] = str(tmp_path / "uploads")
    path = tmp_path / "queue_log"
    path.write_text(lines())
    made = Office(app, visitor)
    with building(app):
        admin = company()
        ours, theirs = project(f"Ours {NASTY}"), project("Theirs – İzmir")
        made.people = {
            "admin": admin,
            "both": user("Owen O'Neil", role="supervisor", projects=[ours, theirs]),
            "ours": user("Agata Żak", role="supervisor", projects=[ours]),
            "blind": user("Rea Der", role=role("Blind", P.VIEW_CALLS), projects=[ours]),
            "reader": user("Rhea", role=role("Reader", P.VIEW_REPORTS), projects=[ours]),
        }
        source = create_source(admin.company_id, "PBX", "UTC")
        for name, where in (("ours", ours), ("theirs", theirs)):
            queue = make_object("queues", f"Queue {name} {NASTY}", where)
            key = {"company_id": source.company_id, "source_id": source.id}
            db.session.add(Identity(**key, kind="queue", raw=name, queue_id=queue.id))
            made.ids |= {name: where.id, f"queue {name}": queue.id}
        made.people = {name: known(one) for name, one in made.people.items()}
        db.session.commit()
        import_files(source, [path])
    with building(app):
        made.people["stranger"] = known(company("Elsewhere"))
    return made


def known(person: User) -> SimpleNamespace:
    """Return what tests ask for; imports let go of rows."""
    return SimpleNamespace(id=person.id, company_id=person.company_id, email=person.email)
