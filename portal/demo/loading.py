"""Loads the demo: two companies with people, groups, projects, objects and calls."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import unicodedata
import uuid
from dataclasses import dataclass, field
from typing import Any

from portal.access.identity import assume, identity_by_id
from portal.accounts.passwords import hashed
from portal.company.models import Company, Security
from portal.company.operations import create_company
from portal.database import name_key, utcnow
from portal.demo import (
    answers,
    cast,
    clients,
    elsewhere,
    lines,
    messages,
    recordings,
    scripts,
    shared,
)
from portal.demo.cast import THEMES, Theme
from portal.extensions import db
from portal.members.models import Group, GroupUser, Role, User
from portal.objects import operations as objects
from portal.objects.kinds.schedule import DAYS
from portal.objects.registry import KINDS
from portal.projects.models import Project, ProjectGroup, ProjectUser
from portal.wall.scope import Scope, entered, unscoped


@dataclass
class Stage:
    """The demo while it is being built."""

    company_id: int
    admin: User
    password_hash: str
    chance: random.Random
    roles: dict[str, Role] = field(default_factory=dict)
    extensions: itertools.count[int] = field(default_factory=lambda: itertools.count(2101))
    people: dict[str, User] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    # Who answers the calls of a theme, by its name.
    teams: dict[str, list[User]] = field(default_factory=dict)


def loaded() -> bool:
    """Tell whether the demo is in the database already."""
    with unscoped("the demo asks whether it has been loaded"):
        return db.session.query(Company.id).first() is not None


def load(now: dt.datetime, *, days: int = 90, seed: int = 20261122) -> None:
    """Load everything into an empty database; the same ``seed`` and ``now`` give the same demo."""
    chance = random.Random(seed)  # noqa: S311  # the same demo each time, nothing secret
    password_hash = hashed(cast.PASSWORD)
    stage = _found(cast.OUTSOURCER, cast.ADMIN, Security.ENHANCED, "pl", password_hash, chance)
    teams = [_theme(stage, theme) for theme in THEMES]
    _special_people(stage)
    made = shared.load(stage, now)
    message = scripts.write(stage, made)
    lines.set_queues(stage, made)
    lines.set_dialers(stage, made, message)
    _phones(stage, now)
    _real_projects(stage)
    db.session.commit()
    recordings.generated(stage, teams, now, days, seed)
    recordings.real(stage, cast.REAL_PEOPLE)
    elsewhere.load(stage, now, seed)
    lines.fill_bases(stage, now, seed)
    clients.load(stage, now, seed)
    messages.load(stage, now, seed)
    answers.load(stage, now, seed)
    db.session.commit()
    clinic = _found(cast.CLINIC, cast.CLINIC_ADMIN, Security.SIMPLE, "pl", password_hash, chance)
    _person(clinic, *cast.CLINIC_OPERATOR, role="operator")
    _clinic_objects(clinic)
    db.session.commit()


def _found(
    name: str,
    admin: tuple[str, str],
    security: Security,
    language: str,
    password_hash: str,
    chance: random.Random,
) -> Stage:
    person, email = admin
    user = create_company(
        name, email=email, admin_name=person, language=language, security=security
    )
    with entered(Scope(user.company_id, sees_all=True, sees_people=True)):
        user.password_hash = password_hash
        db.session.flush()
    identity = identity_by_id(user.company_id, user.id)
    if identity is None:
        raise LookupError(email)
    assume(identity)
    stage = Stage(user.company_id, user, password_hash, chance)
    stage.roles = {role.template or role.name: role for role in db.session.query(Role)}
    stage.people[person] = user
    return stage


def _theme(stage: Stage, theme: Theme) -> tuple[Theme, list[User], list[str]]:
    """Make a project with its group, its people and its own objects; return who answers it."""
    project = _project(stage, theme.name, theme.description)
    group = db.session.query(Group).filter_by(name_key=name_key(theme.team)).first()
    if group is None:
        group = Group(company_id=stage.company_id, name=theme.team, name_key=name_key(theme.team))
        db.session.add(group)
        db.session.flush()
        names = [name for name in cast.NAMES[theme.language] if name not in stage.people][:8]
        for name in names:
            _person(stage, name)
            _join_group(stage, group, stage.people[name])
    db.session.add(
        ProjectGroup(company_id=stage.company_id, project_id=project.id, group_id=group.id)
    )
    db.session.flush()
    for queue in theme.queues:
        _object(stage, "queues", f"{queue}", [project])
    dialers = {one.dialer for one in cast.CAMPAIGNS if THEMES[one.theme] is theme}
    owned = dict.fromkeys(
        [*cast.OWNED[theme.language], *(("dialers", name) for name in sorted(dialers))]
    )
    for slug, name in owned:
        _object(stage, slug, name, [project])
    members = db.session.query(User).join(GroupUser, GroupUser.user_id == User.id)
    people = members.filter(GroupUser.group_id == group.id).order_by(User.extension).all()
    stage.groups[theme.team], stage.teams[theme.name] = group, people
    return theme, people, list(theme.queues)


def _special_people(stage: Stage) -> None:
    """Add who the sign-ins of the demo belong to, and a role of the company's own making."""
    supervisor = _person(stage, *cast.SUPERVISOR, role="supervisor")
    for name in (THEMES[0].name, THEMES[2].name):
        _join_project(stage, stage.projects[name], supervisor)
    one = stage.people[cast.ONE_PROJECT[0]]
    _rename_address(one, cast.ONE_PROJECT[1])
    two = stage.people[cast.TWO_PROJECTS[0]]
    _rename_address(two, cast.TWO_PROJECTS[1])
    _join_project(stage, stage.projects[THEMES[5].name], two)
    _person(stage, *cast.NO_PROJECT)
    db.session.flush()


def _real_projects(stage: Stage) -> None:
    """Make the two projects that the real calls belong to; their operators are in them by name."""
    names = list(cast.REAL_PEOPLE)
    for number, (name, description, queue) in enumerate(cast.REAL_PROJECTS):
        project = _project(stage, name, description)
        _object(stage, "queues", queue, [project])
        for person in names[2 * number : 2 * number + 2]:
            user = stage.people.get(person) or _person(stage, person)
            _join_project(stage, project, user)
    db.session.flush()


def _project(stage: Stage, name: str, description: str) -> Project:
    project = Project(
        company_id=stage.company_id,
        name=name,
        name_key=name_key(name),
        description=description,
        target_service_level=stage.chance.choice((75, 80, 85)),
        target_abandonment=stage.chance.choice((5, 8, 10)),
        target_aht_s=stage.chance.choice((180, 240, 300)),
    )
    db.session.add(project)
    db.session.flush()
    stage.projects[name] = project
    return project


def _person(stage: Stage, name: str, email: str = "", role: str = "operator") -> User:
    email = email or f"{_ascii(name).replace(' ', '.').replace(chr(39), '')}@brannova.example"
    user = User(
        company_id=stage.company_id,
        name=name,
        name_key=name_key(name),
        email=email,
        email_key=name_key(email),
        extension=str(next(stage.extensions)),
        role_id=stage.roles[role].id,
        password_hash=stage.password_hash,
        created_at=utcnow(),
    )
    db.session.add(user)
    db.session.flush()
    stage.people[name] = user
    return user


def _ascii(name: str) -> str:
    folded = name.casefold().replace("ł", "l").replace("ı", "i")
    decomposed = unicodedata.normalize("NFD", folded)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _rename_address(user: User, email: str) -> None:
    user.email, user.email_key = email, name_key(email)


def _join_group(stage: Stage, group: Group, user: User) -> None:
    db.session.add(GroupUser(company_id=stage.company_id, group_id=group.id, user_id=user.id))


def _join_project(stage: Stage, project: Project, user: User) -> None:
    db.session.add(ProjectUser(company_id=stage.company_id, project_id=project.id, user_id=user.id))


def _object(
    stage: Stage, slug: str, name: str, projects: list[Project], **settings: Any
) -> uuid.UUID:
    values = {"name": name, "notes": "", "active": True, **settings}
    return objects.create(KINDS[slug], values, projects, actor=stage.admin).id


def _phones(stage: Stage, now: dt.datetime) -> None:
    """Give every operator of a group a phone, in the projects of the group."""
    memberships = db.session.query(GroupUser.user_id, ProjectGroup.project_id).join(
        ProjectGroup, ProjectGroup.group_id == GroupUser.group_id
    )
    places: dict[uuid.UUID, list[Project]] = {}
    by_id = {project.id: project for project in stage.projects.values()}
    for user_id, project_id in memberships:
        places.setdefault(user_id, []).append(by_id[project_id])
    people = [user for user in stage.people.values() if user.id in places]
    lines.give_phones(stage, now, {user: places[user.id] for user in people})


def _clinic_objects(stage: Stage) -> None:
    default = db.session.query(Project).one()
    week = dict.fromkeys(DAYS[:5], "07:00-19:00") | {"saturday": "08:00-13:00"}
    zone = {"timezone": "Europe/Warsaw"}
    hours = _object(stage, "schedules", "Pn–Pt 7–19", [default], **week, **zone)
    for number, name in enumerate(("Rejestracja", "Wyniki badań"), 601):
        settings = {"extension": str(number), "schedule_id": hours, "wrap_up_s": 20}
        _object(stage, "queues", name, [default], **settings)
    text = "{contact.name}, przypominamy o wizycie. Aby ją odwołać, prosimy o telefon."
    sms = {"channel": "sms", "template_language": "pl", "sender": "JasnySwit", "body": text}
    _object(stage, "templates", "Przypomnienie o wizycie (SMS)", [default], **sms)
