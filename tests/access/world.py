"""Two companies whose every text says where it belongs, and people who see different parts of it.

Ours has the walled projects A and B, an archived Z, Default (D) and things in no project (U), and
what all of the company may know (O). The other company's are X, Y (its Default), V and W.
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.audit.models import AuditEntry
from portal.calls.models import Call
from portal.calls.models import Visit as VisitRow
from portal.database import MaybeOwned, ProjectRow, name_key, utcnow
from portal.extensions import db
from portal.imports import files
from portal.imports.models import Import, ImportMapping, ImportRefusal
from portal.jobs.models import Job
from portal.members.models import Group, Role, User
from portal.notifications.models import Notification
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.form import FormVersion
from portal.objects.kinds.form.content import Form, Page, Question, Rule
from portal.objects.kinds.scenario import ScenarioVersion
from portal.objects.kinds.sip_provider import ProviderRate
from portal.objects.numbers.models import NumberListEntry
from portal.objects.queues.models import QueueGroup, QueueNumber, QueueUser
from portal.objects.registry import KINDS
from portal.projects.models import Project
from portal.reports.kept.models import FavouriteReport, ReportSubscription, SavedReport
from portal.sealing import sealed
from portal.wall.scope import unscoped
from tests import factories
from tests.access import calls, crm
from tests.access.markers import FORMULA, MARKER, SPICE, Mark, marker, number

OURS, THEIRS = "ABDZUO", "XYVW"
P = Permission


@dataclass(frozen=True)
class Person:
    """Somebody who looks around, and what they may come to know."""

    email: str
    places: str
    own: str
    sees_all: bool = False
    sees_people: bool = False

    def may_know(self, mark: Mark) -> bool:
        if mark.kind == "p" and self.sees_people and set(mark.places) & set(self._company):
            return True
        return bool(set(mark.places) & set(self.visible + self.own))

    @property
    def _company(self) -> str:
        return OURS + "NHPRKI" if "O" in self.places else THEIRS

    @property
    def visible(self) -> str:
        return self._company if self.sees_all else self.places


@dataclass
class World:
    """What was made: rows by kind and place for tests that name them, people, and marked ids."""

    ids: dict[uuid.UUID, Mark] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)

    def copy(self) -> World:
        """Return a world that a test may add to; its rows are the same."""
        rows = {kind: dict(places) for kind, places in self.rows.items()}
        return World(dict(self.ids), dict(self.people), rows, dict(self.projects))

    def put(self, kind: str, places: str, row: Any) -> Any:
        self.rows.setdefault(kind, {})[places] = row.id
        return row


def build(app: Flask) -> World:
    world = World()
    with factories.building(app):
        _ours(world)
        _theirs(world)
    for letter in "AX":
        _rename(app, world.projects[letter])
    with factories.building(app):
        _note_ids(world)
        _note_entries(world)
    return world


def text(kind: str, places: str, more: str = "") -> str:
    return f"{FORMULA}{marker(kind, places)} {more}{SPICE}"


# --- companies


def _ours(world: World) -> None:
    admin = factories.company(text("r", "O"), email="zqpUqz.admin@example.org")
    _name(admin, "U")
    world.people["admin"] = Person(admin.email, OURS, "U", sees_all=True, sees_people=True)
    world.projects["D"] = _named(factories.default_project(), "D")
    for letter in "ABZ":
        world.projects[letter] = _project(letter)
    world.projects["Z"].archived_at = utcnow()
    _people(world)
    for letter in ("A", "B", "D", "Z"):
        _content(world, letter)
        world.put("project", letter, world.projects[letter])
    _content(world, "U")
    _shared(world, "AB")
    calls.plant(world, ("A", "B", "D", "Z", "U"), crossing="AB", company="O")
    crm.plant(world, ("A", "B", "D", "Z", "U"), shared="AB")
    _job(world, "A", "manager of a")
    _keeps(world, "A", "manager of a")
    for target in ("contacts", "base", "numbers"):
        _import(world, "A", "manager of a", target)
    _job(world, "B", "hiring")
    _keeps(world, "B", "hiring")
    _import(world, "B", "hiring", "people")
    _job(world, "U", "admin")
    _import(world, "U", "admin", "people")


def _theirs(world: World) -> None:
    admin = factories.company(text("r", "W"), email="zqpVqz.admin@example.org")
    _name(admin, "V")
    world.people["their admin"] = Person(admin.email, THEIRS, "V", sees_all=True, sees_people=True)
    world.projects["Y"] = _named(factories.default_project(), "Y")
    world.projects["X"] = _project("X")
    world.put("role", "W", _role("W", P.VIEW_CALLS))
    world.people["their operator"] = _person("X", "operator", world=world, company="W")
    for letter in ("X", "Y", "V"):
        _content(world, letter)
    world.put("project", "X", world.projects["X"])
    calls.plant(world, ("X", "Y", "V"), crossing=None, company="W")
    crm.plant(world, ("X", "Y", "V"), shared=None)
    _job(world, "X", "their operator")
    _keeps(world, "X", "their operator")
    _import(world, "X", "their operator", "people")
    _job(world, "V", "their admin")
    _import(world, "V", "their admin", "people")


_MAPPINGS = {
    "numbers": {"number": 0, "label": 1},
    "people": {"name": 0, "email": 1},
    "base": {"number": 0, "name": 1},
    "contacts": {"phone": 0, "name": 1},
}


def _import(world: World, place: str, who: str, target: str) -> None:
    """Let somebody have imported a table of which a row was refused, and have kept its columns."""
    person = world.people[who]
    importer = db.session.scalars(select(User).where(User.email == person.email)).one()
    own = {"company_id": importer.company_id, "person_id": importer.id}
    options = {"file": "x", "country": "PL", "projects": []}
    if target == "people":
        options["role"] = str(world.rows["role"]["W" if place in "XV" else "O"])
    else:
        rows = {"list": world.rows["lists"][place], "dialer": world.rows["dialers"][place]}
        rows["project"] = world.projects[place].id
        options |= {name: str(identifier) for name, identifier in rows.items()}
    name = text("o", person.own, "table ")[:200]
    made = Import(**own, target=target, state="done", file_name=name, file_size=1, options=options)
    kept = ImportMapping(**own, target=target, name=name[:100], name_key=name, columns={})
    db.session.add_all([made, kept])
    db.session.flush()
    refusal = ImportRefusal(**own, import_id=made.id, line=7, reason=name, raw=[name, name])
    db.session.add(refusal)
    db.session.flush()
    world.put("import", place, made)
    draft = Import(**own, target=target, file_name=name, file_size=1, options=options)
    draft.encoding, draft.delimiter, draft.mapping = "utf-8-sig", "|", _MAPPINGS[target]
    db.session.add(draft)
    db.session.flush()
    draft.options = {**options, "import": str(draft.id)}
    table = f"number|{name}\n{number('A', 7)}|{name}\n" if place == "A" else "number|x\n1|x\n"
    files.keep(draft.company_id, draft.id, io.BytesIO(table.encode()))
    for row in (made, kept, refusal, draft):
        _note(world, "o", row.id, person.own)


def _people(world: World) -> None:
    """Make people of all sorts; the last five have roles of the company's own."""
    world.put("role", "O", _role("O", P.VIEW_CALLS, P.EXPORT))
    for places in ("A", "B", "AB"):
        low = places.lower()
        for role in ("supervisor", "operator"):
            world.people[f"{role} of {low}"] = _person(places, role, world=world)
    world.people["supervisor of none"] = _person("", "supervisor", own="N", world=world)
    lists = _role("O", P.LIST_PROJECTS, more="lists ")
    world.people["lister"] = _person("A", lists, own="P", world=world)
    hires = _role("O", P.MANAGE_PEOPLE, P.MANAGE_ROLES, more="hires ")
    world.put("role", "H", hires)
    world.people["hiring"] = _person("", hires, own="H", sees_people=True, world=world)
    all_but = {P.SEE_EVERYTHING, P.MANAGE_PEOPLE, P.COMPANY_SETTINGS}
    manages = _role("O", *(set(P) - all_but), more="manages ")
    world.people["manager of a"] = _person("A", manages, own="K", sees_people=True, world=world)


def _person(
    places: str,
    role: Any,
    *,
    own: str = "",
    sees_people: bool = False,
    world: World,
    company: str = "O",
) -> Person:
    """Make somebody who is in the projects ``places``; ``own`` is the mark of who is in none."""
    mine = marker("p", places or own)
    made = factories.user(
        text("p", places or own, f"{role if isinstance(role, str) else ''} "),
        email=f"{mine}.{uuid.uuid4().hex[:6]}@example.org",
        role=role,
        extension=f"{mine}.{uuid.uuid4().hex[:4]}",
    )
    for letter in places:
        factories.join(world.projects[letter], made)
    return Person(made.email, places + company, own or places, sees_people=sees_people)


# --- content


def _content(world: World, letter: str) -> None:
    """Give a project (or none) people, a group, and an object of every kind."""
    where = world.projects.get(letter)
    member = factories.user(
        text("p", letter, "member "),
        email=f"{marker('p', letter)}.member@example.org",
        role="operator",
    )
    group = factories.group(text("p", letter, "group "), member)
    group.description = text("p", letter, "about ")
    if where is not None:
        factories.join(where, group)
        direct = factories.user(
            text("p", letter, "direct "), email=f"{marker('p', letter)}.direct@example.org"
        )
        factories.join(where, direct)
    world.put("group", letter, group)
    world.put("user", letter, member)
    for slug, kind in KINDS.items():
        if where is not None or not kind.owned:
            _object(world, slug, letter, [where] if where else [])
    if where is not None:
        sent = {"channel": "email", "status": "sent", "parts": 1, "currency": "EUR"}
        sent |= {"company_id": where.company_id, "project_id": where.id, "sent_at": utcnow()}
        said = text("o", letter, "message ")
        sent |= {"template_raw": said[:100], "recipient": f"{marker('o', letter)}@example.org"}
        db.session.add(Notification(**sent, reference=said[:100]))


def _shared(world: World, places: str) -> None:
    for slug, kind in KINDS.items():
        if not kind.owned:
            _object(world, slug, places, [world.projects[letter] for letter in places])


def _object(world: World, slug: str, places: str, projects: list[Project]) -> None:
    made = factories.make_object(
        slug,
        text("o", places, f"{slug} "),
        *projects,
        notes=text("o", places, "notes "),
        **_settings(world, slug, places),
    )
    world.put(slug, places, made)
    if slug == "forms":
        own = {"company_id": made.company_id, "project_id": made.project_id}
        version = FormVersion(**own, form_id=made.id, number=1, content=made.draft)
        db.session.add(version)
        db.session.flush()
        world.put("form version", places, version)
    if slug == "scenarios":
        own = {"company_id": made.company_id, "project_id": made.project_id}
        published = ScenarioVersion(**own, scenario_id=made.id, number=1, content=made.draft)
        db.session.add(published)
    if slug == "sip-providers":
        key = {"company_id": made.company_id, "provider_id": made.id}
        day = utcnow() - timedelta(days=1)
        amounts = {"minute": 50_000, "setup": 0, "step_s": 60, "starts_at": day}
        prefix = number(places, calls.OUTBOUND)[1:]
        db.session.add(ProviderRate(**key, prefix=prefix, **amounts))
    if slug == "lists":
        entry = NumberListEntry(list_id=made.id, company_id=made.company_id)
        entry.number, entry.label = number(places, 900), text("o", places, "entry ")
        db.session.add(entry)
    if slug in ("dialers", "queues"):
        _parts(world, slug, places, made)


def _parts(world: World, slug: str, place: str, made: Any) -> None:
    """Give a dialer a number, and a queue an operator, a group and a number of its own."""
    key = {"company_id": made.company_id, "project_id": made.project_id}
    if slug == "dialers":
        told = {"name": text("o", place, "base ")[:100], "note": text("o", place, "remark ")}
        one = DialerNumber(**key, dialer_id=made.id, number=number(place, 910), **told)
        db.session.add(one)
        return
    part = {**key, "queue_id": made.id}
    db.session.add(QueueUser(**part, user_id=world.rows["user"][place], penalty=1))
    db.session.add(QueueGroup(**part, group_id=world.rows["group"][place], penalty=2))
    db.session.add(QueueNumber(**part, number=number(place, 920)))


def _settings(world: World, slug: str, places: str) -> dict[str, Any]:
    """Return settings of an object: texts, and for a phone of two projects a user of one."""
    said, secret = text("o", places, "set "), sealed("of a device")
    match slug:
        case "schedules":
            return {"exceptions": f"2026-12-24 # {said}"}
        case "sip-providers":
            return {"login": said, "connection": "registration", "secret": secret}
        case "scenarios":
            return {"draft": _steps(said, world.rows["schedules"][places])}
        case "dialers":
            return {"caller_id": number(places, 905)}
        case "forms":
            return {"draft": _form(said)}
        case "templates":
            return {"sender": f"{marker('o', places)}@example.org", "subject": said, "body": said}
        case "phones" if "user" in world.rows and places[0] in world.rows["user"]:
            user_id = world.rows["user"][places[0]]
            return {"model": said, "secret": secret, "user_id": user_id}
        case "phones":
            return {"model": said, "secret": secret}
    return {}


def _steps(said: str, schedule_id: uuid.UUID) -> dict[str, Any]:
    """Return what a scenario says while it is open, and that it hangs up."""
    says = {"key": "says", "do": "say", "set": {"text": said}}
    ways = [{"on": "open", "steps": [says]}, {"on": "closed", "steps": []}]
    chosen = {"schedule_id": str(schedule_id)}
    asks = {"key": "asks", "do": "schedule", "set": chosen, "ways": ways}
    return {"steps": [asks, {"key": "ends", "do": "hang_up"}]}


def _form(said: str) -> dict[str, Any]:
    """Return a form of one page that asks one question."""
    rule = Rule("yes", "end", 9)
    question = Question("q1", "choice", said, hint=said, choices=(said[:200], "yes"), rules=(rule,))
    return Form((Page("p1", said, said, "end", (question,)),)).plain()


def _job(world: World, place: str, who: str) -> None:
    """Let somebody have started a job that failed: only they know of it, and who sees all."""
    person = world.people[who]
    starter = db.session.scalars(select(User).where(User.email == person.email)).one()
    words = {"title": text("o", person.own, "job "), "error": text("o", person.own, "fault ")}
    ended = {"state": "failed", "started_at": utcnow(), "finished_at": utcnow()}
    job = Job(
        company_id=starter.company_id,
        person_id=starter.id,
        kind="of long ago",
        arguments={},
        **words,
        **ended,
    )
    db.session.add(job)
    db.session.flush()
    world.put("job", place, job)
    _note(world, "o", job.id, person.own)


def _keeps(world: World, place: str, who: str) -> None:
    """Let somebody keep filters of a report, have it mailed, and have had it written to a file."""
    person = world.people[who]
    owner = db.session.scalars(select(User).where(User.email == person.email)).one()
    own = {"company_id": owner.company_id, "person_id": owner.id}
    report = {"report": "queue-summary", "filter": f"project={world.projects[place].id}"}
    name = text("o", person.own, "kept ")[:100]
    at = {"every": "day", "hour": 7, "next_at": utcnow() + timedelta(days=300)}
    result = {"rows": 1, "name": name, "sees_all": False, "projects": [], "permissions": []}
    export_id = uuid.uuid4()
    made = {
        "saved": SavedReport(**own, **report, name=name, name_key=name_key(name)),
        "subscription": ReportSubscription(**own, **report, **at),
        "favourite": FavouriteReport(**own, report="queue-summary"),
        "export": Job(
            **own,
            kind="export_report",
            title=name,
            state="done",
            id=export_id,
            arguments={"export_id": str(export_id)},
            result=result,
            finished_at=utcnow(),
        ),
    }
    db.session.add_all(made.values())
    db.session.flush()
    for kind, row in made.items():
        world.put(kind, place, row)
        _note(world, "o", row.id, person.own)


def _project(letter: str) -> Project:
    return factories.project(text("j", letter, "project "), text("j", letter, "about "))


def _role(letter: str, *permissions: Permission, more: str = "") -> Any:
    made = factories.role(text("r", letter, more), *permissions)
    made.description = text("r", letter, "about ")
    return made


def _named(project: Project, letter: str) -> Project:
    project.name = text("j", letter, "Default ")
    project.name_key = name_key(project.name)
    project.description = text("j", letter, "about ")
    return project


def _name(person: User, letter: str) -> None:
    person.name = text("p", letter, "admin ")
    person.name_key = name_key(person.name)
    person.extension = marker("p", letter)


# --- what the trail tells, and whose every id is


def _rename(app: Flask, company: Project) -> None:
    """Change something of every place once more, so that the activity has a before and an after."""
    with factories.building(app, of=company):
        for model in (Project, Group, User, *(kind.model for kind in KINDS.values())):
            for row in db.session.scalars(select(model)):
                row.name = f"{row.name}!"
                row.name_key = name_key(row.name)
        crm.change()


def _note_ids(world: World) -> None:
    """Note for the id of every row which places it belongs to."""
    letters = {project.id: letter for letter, project in world.projects.items()}
    with unscoped("the ids of all rows are noted"):
        for mapper in db.Model.registry.mappers:
            if issubclass(mapper.class_, ProjectRow | MaybeOwned) and "id" in mapper.columns:
                for row in db.session.scalars(select(mapper.class_)):
                    _note(world, "o", row.id, letters.get(row.project_id) or _none_of(world, row))
        for project in world.projects.values():
            _note(world, "j", project.id, letters[project.id])
        for model in (User, Group, *(k.model for k in KINDS.values() if not k.owned)):
            kind = "p" if model in (User, Group) else "o"
            for row in db.session.scalars(select(model)):
                _note(world, kind, row.id, MARKER.search(row.name)[2].upper())
        for role in db.session.scalars(select(Role)):
            _note(world, "r", role.id, "O" if _none_of(world, role) == "U" else "W")
        for call in db.session.scalars(select(Call)):
            visits = select(VisitRow.project_id).where(VisitRow.call_id == call.id)
            places = {
                letters.get(one) or _none_of(world, call) for one in db.session.scalars(visits)
            }
            _note(world, "c", call.id, "".join(sorted(places)))


def _note_entries(world: World) -> None:
    """Note for each project an entry that can be reverted: its queue got another name."""
    letters = {project.id: letter for letter, project in world.projects.items()}
    renamed = (AuditEntry.kind == "queue", AuditEntry.action == "changed")
    with unscoped("the entries of all projects are noted"):
        for entry in db.session.scalars(select(AuditEntry).where(*renamed)):
            world.put("entry", letters[entry.project_id], entry)


def _none_of(world: World, row: Any) -> str:
    ours = world.projects["A"].company_id
    return "U" if row.company_id == ours else "V"


def _note(world: World, kind: str, identifier: uuid.UUID, places: str) -> None:
    world.ids[identifier] = Mark(kind, places, f"id of {kind} in {places}")
