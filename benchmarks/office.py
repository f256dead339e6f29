"""A company of 60 people with 5,000 contacts and 2,000 objects, in few projects or in many.

The first two projects have a fifth of all of it, however many others there are: so who is in these
two sees as much in a company of ten projects as in one of three hundred.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import insert

from portal.crm.fillings.models import FormAnswer, FormFilling
from portal.crm.models import STATUSES, Case, Contact, ContactValue
from portal.database import new_id, search_key, utcnow
from portal.extensions import db
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.form import FormVersion
from portal.objects.kinds.form.content import Form, Page, Question
from portal.objects.kinds.scenario import ScenarioTarget, ScenarioVersion
from portal.objects.numbers.models import NumberListEntry
from portal.objects.queues.models import QueueUser
from portal.objects.registry import KINDS
from portal.wall.scope import current, unscoped
from tests import factories

CONTACTS, OBJECTS, PEOPLE, CASES, FILLINGS, NUMBERS = 5000, 2000, 60, 3000, 500, 2000
EVERYWHERE = 5  # contact fields that are in all projects, and stand in lists
_FORM = Form(
    tuple(
        Page(
            f"p{page}",
            f"Strona {page}",
            "Dzień dobry, dzwonię w sprawie umowy.",
            questions=tuple(
                Question(f"q{page}{one}", "choice", f"Pytanie {one}?", choices=("Tak", "Nie"))
                for one in range(5)
            ),
        )
        for page in range(4)
    )
)
_UNTOLD = {"untold": "a benchmark fills its tables", "synchronize_session": False}


@dataclass
class Office:
    """Who looks at it, and one row of each sort that all of them see, by name."""

    viewers: dict[str, str] = field(default_factory=dict)
    projects: list[Any] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)
    one: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, list[Any]] = field(default_factory=dict)
    shared: dict[tuple[str, Any], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def place(self, number: int) -> Any:
        """Return the project of the thing with a number."""
        if number % 5 == 0:
            return self.projects[number // 5 % 2]
        return self.projects[2 + number % (len(self.projects) - 2)]

    def places(self, number: int) -> list[Any]:
        """Return the projects of a shared thing: of every fourth two."""
        further = [self.place(number + 7)] if number % 4 == 0 else []
        return list({one.id: one for one in (self.place(number), *further)}.values())


def fill(app: Flask, projects: int) -> Office:
    office = Office()
    with factories.building(app):
        admin = factories.company()
        office.projects = [factories.project(f"Obsługa Łódź {n:03}") for n in range(projects)]
        both = office.projects[:2]
        operator = factories.user("Łucja Żółć", role="operator", projects=both)
        supervisor = factories.user("Ayşe Işık", role="supervisor", projects=both)
        office.viewers = {
            "administrator": admin.email,
            "supervisor of two": supervisor.email,
            "operator of two": operator.email,
        }
        others = (_person(office, number) for number in range(PEOPLE - 3))
        office.people = [operator, supervisor, *others]
        for number in range(12):
            members = factories.group(f"Zespół {number}", *office.people[number * 5 :][:5])
            factories.join(office.place(number), members)
            office.one.setdefault("group", members)
        for slug in ("schedules", "lists", "templates", "sip-providers", "contact-fields",
                     "phones", "queues", "scenarios", "dialers", "forms"):  # fmt: skip
            office.objects[slug] = [_object(office, slug, n) for n in range(OBJECTS // len(KINDS))]
            office.one[slug] = office.objects[slug][0]
            db.session.commit()
        _versions(office)
        _contacts(office)
        _numbers(office)
        office.one |= {"project": both[0], "person": operator}
    return office


def _person(office: Office, number: int) -> Any:
    where = {one.id: one for one in (office.place(number * 3 + more) for more in range(5))}
    role = "supervisor" if number % 6 == 0 else "operator"
    return factories.user(f"Osoba {number:02} Żak", role=role, projects=where.values())


def _object(office: Office, slug: str, number: int) -> Any:
    name, kind = f"{slug} Łódź {number:03}", KINDS[slug]
    if kind.owned:
        where = office.place(number)
        made = factories.make_object(slug, name, where, **_settings(office, slug, where))
    elif slug == "contact-fields" and number < EVERYWHERE:
        where, made = office.projects, None
        made = factories.make_object(slug, name, *where, show_in_list=True)
    else:
        where = office.places(number)
        made = factories.make_object(slug, name, *where)
    for one in [where] if kind.owned else where:
        office.shared[slug, one.id].append(made)
    if slug == "queues":
        key = {"company_id": made.company_id, "project_id": made.project_id}
        people = office.people[:1] if number % 5 == 0 else office.people[number % 50 :][:5]
        db.session.add_all(QueueUser(**key, queue_id=made.id, user_id=p.id) for p in people)
    return made


def _settings(office: Office, slug: str, where: Any) -> dict[str, Any]:
    """Let an owned object use shared ones of its project."""
    shared = office.shared
    schedules, lists, queues = (
        shared[slug, where.id][:1] for slug in ("schedules", "lists", "queues")
    )
    if slug == "queues":
        return _to("schedule_id", schedules) | _to("blocked_list_id", lists)
    if slug == "dialers":
        return _to("schedule_id", schedules) | _to("queue_id", queues)
    if slug == "scenarios":
        return {"draft": _steps(lists, queues)}
    return {"draft": _FORM.plain()} if slug == "forms" else {}


def _to(name: str, things: list[Any]) -> dict[str, Any]:
    return {name: things[0].id} if things else {}


def _steps(lists: list[Any], queues: list[Any]) -> dict[str, Any]:
    end = {"key": "end", "do": "hang_up", "set": {}, "ways": []}
    asked = [
        {"key": "l", "do": "list", "set": {"list_id": str(one.id)},
         "ways": [{"on": "listed", "steps": [{**end, "key": "e"}]}]} for one in lists
    ]  # fmt: skip
    says = [
        {"key": f"s{n}", "do": "say", "set": {"text": "Dzień dobry"}, "ways": []} for n in range(8)
    ]
    to = [{"key": "q", "do": "queue", "set": {"queue_id": str(o.id)}, "ways": []} for o in queues]
    return {"steps": [*asked, *says, *(to or [end])]}


def _versions(office: Office) -> None:
    """Publish every form and scenario."""
    for slug, model in (("forms", FormVersion), ("scenarios", ScenarioVersion)):
        for made in office.objects[slug]:
            key = {"company_id": made.company_id, "project_id": made.project_id}
            content = KINDS[slug].content.read(made.draft).plain()
            values = {f"{model.part_of}_id": made.id, "number": 1, "content": content}
            db.session.add(model(**key, **values))
            for one in office.shared["lists", made.project_id][:1] if slug == "scenarios" else ():
                db.session.add(ScenarioTarget(**key, scenario_id=made.id, list_id=one.id))
    db.session.flush()


def _contacts(office: Office) -> None:
    """Make the contacts with their values, cases and filled-in forms."""
    ids, company = [new_id() for _ in range(CONTACTS)], current().company_id
    common = {"company_id": company}
    where = {n: office.places(n) for n in range(CONTACTS)}
    _put(Contact, ({**common, "id": ids[n], **_named(f"Klient Żółć {n * 37 % CONTACTS:04}"),
                    "phone": f"+48512{n:06}", "phone_key": f"+48512{n:06}",
                    "created_at": utcnow()} for n in where))  # fmt: skip
    _put(Contact.Link, ({**common, "project_id": one.id, "object_id": ids[n]}
                        for n, places in where.items() for one in places))  # fmt: skip
    _put(ContactValue, (
        {**common, "id": new_id(), "contact_id": ids[n], "field_id": own.id,
         "value": f"Wartość {n % 90}", "search_key": f"wartosc {n % 90}"}
        for n, places in where.items()
        for own in office.shared["contact-fields", places[0].id][:EVERYWHERE + 2]
    ))  # fmt: skip
    cases = [
        {**common, "id": new_id(), "project_id": where[n][0].id, "contact_id": ids[n],
         **_named(f"Sprawa Łódź {n}"), "status": STATUSES[n % 4], "notes": "Oddzwonić po 15.",
         "owner_id": office.people[n % len(office.people)].id, "due": dt.date(2026, 12, 1),
         "created_at": utcnow(), "changed_at": utcnow(), "version": 1} for n in range(CASES)
    ]  # fmt: skip
    _put(Case, cases)
    _fillings(office, ids)
    office.one |= {"contact": ids[0], "case": cases[0]["id"]}


def _fillings(office: Office, ids: list[Any]) -> None:
    """Fill in the form of the first project on its contacts."""
    form, version = office.objects["forms"][0], FormVersion
    query = db.select(version.id).where(version.form_id == form.id)
    where = {"company_id": form.company_id, "project_id": form.project_id}
    rows = [
        {**where, "id": new_id(), "form_version_id": db.session.scalar(query),
         "contact_id": ids[0] if n < 20 else ids[n // 2 * 10], "status": "complete",
         "filled_by_id": office.people[0].id, "started_at": utcnow(), "changed_at": utcnow(),
         "completed_at": utcnow(), "version": 1} for n in range(FILLINGS)
    ]  # fmt: skip
    _put(FormFilling, rows)
    _put(FormAnswer, (
        {**where, "id": new_id(), "filling_id": row["id"], "question": f"q0{one}", "place": 0,
         "value": "Tak", "counted": "Tak"} for row in rows for one in range(5)
    ))  # fmt: skip
    office.one["filling"] = rows[0]["id"]


def _numbers(office: Office) -> None:
    """Put numbers into the list and into the dialer that are looked at."""
    told, dialer = office.one["lists"], office.one["dialers"]
    common = {"company_id": told.company_id, "added_at": utcnow()}
    _put(NumberListEntry, ({**common, "id": new_id(), "list_id": told.id, "label": "Żółć",
                            "search_key": "zolc", "number": f"+48512{n:06}"}
                           for n in range(NUMBERS)))  # fmt: skip
    _put(DialerNumber, ({**common, "id": new_id(), "project_id": dialer.project_id,
                         "dialer_id": dialer.id, "number": f"+48512{n:06}", "name": "Żółć",
                         "search_key": "zolc", "state": "waiting", "attempts": 0}
                        for n in range(NUMBERS)))  # fmt: skip


def _named(name: str) -> dict[str, str]:
    return {"name": name, "search_key": search_key(name)}


def _put(model: Any, rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> None:
    with unscoped("a benchmark fills its tables"):
        db.session.execute(insert(model), list(rows), execution_options=_UNTOLD)
