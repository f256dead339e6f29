"""People into the company: each gets a role, groups and projects, and an invitation by mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField

from portal import choices
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.access.policy import TEMPLATE_NAMES
from portal.audit import trail
from portal.config import LANGUAGES
from portal.database import name_key, search_key
from portal.errors import RefusedError
from portal.extensions import db
from portal.forms import Form, SeveralField, is_email
from portal.imports.target import Checked, Field, Row, RowError, Target, Verdict
from portal.members import rights
from portal.members.models import Group, Role, User
from portal.members.users import operations, queries
from portal.projects.models import Project
from portal.projects.queries import by_ids

_EXTENSION = re.compile(r"[0-9A-Za-z*#+._-]{0,20}")
_SEPARATORS = re.compile(r"[;|,\n]+")


def _gives_projects() -> bool:
    """Tell whether who is asking may put people into projects, as on the form of a person."""
    return g.identity.company.walled and can(Permission.MANAGE_ACCESS)


class PeopleForm(Form):
    role = SelectField(_l("Role"), description=_l("Of people whose row does not name one."))
    projects = SeveralField(
        _l("Projects"), description=_l("All people of the file join them, besides those it names.")
    )

    def offer(self, given: Any) -> None:
        roles = [one for one in queries.all_roles() if rights.may_give(one, actor=g.actor)]
        self.role.choices = [(str(one.id), rights.role_name(one)) for one in roles]
        projects = choices.projects() if _gives_projects() else []
        self.projects.choices = [(str(one.id), one.name) for one in projects]
        if not self.is_submitted():
            least = [str(one.id) for one in roles if one.template == "operator"]
            self.role.data = least[0] if least else None
            self.projects.data = [key for key, _ in self.projects.choices if len(projects) == 1]
        if not projects:
            del self.projects

    @property
    def obstacle(self) -> str:
        return "" if self.role.choices else _("There is no role that you may give.")

    def values(self) -> dict[str, Any]:
        projects = self.projects.data if "projects" in self else []
        return {"role": self.role.data, "projects": projects}


@dataclass(frozen=True)
class Into:
    """What the rows of one import may name, by the form in which names are compared."""

    role: Role
    roles: dict[str, Role]
    groups: dict[str, Group]
    projects: dict[str, Project]
    everybodys: tuple[Project, ...]


def prepare(options: dict[str, Any]) -> Into:
    giveable = [one for one in queries.all_roles() if rights.may_give(one, actor=g.actor)]
    role = next((one for one in giveable if str(one.id) == options["role"]), None)
    if role is None:
        raise RefusedError(_("You may not give this role, or it is no longer here."))
    open_ones = choices.projects() if _gives_projects() else []
    projects = {str(one.id): one for one in by_ids(one.id for one in open_ones)}
    if not projects.keys() >= set(options["projects"]):
        raise RefusedError(_("Some of these projects are no longer here."))
    groups = queries.all_groups()
    closed = rights.groups_elsewhere([one.id for one in groups])
    return Into(
        role,
        {key: one for one in giveable for key in _names_of(one)},
        {one.name_key: one for one in groups if one.id not in closed},
        {one.name_key: one for one in projects.values()},
        tuple(projects[key] for key in options["projects"]),
    )


def _names_of(role: Role) -> set[str]:
    """Return what a role is called: a template in the language of who imports, and in English."""
    if role.template is None:
        return {name_key(role.name)}
    return {role.template, name_key(str(TEMPLATE_NAMES[role.template]))}


def check(row: Row, into: Into) -> Checked:
    if len(row["name"]) > 100 or len(name_key(row["name"])) > 200:
        raise RowError(_("The name has more than %(most)s characters.", most=100))
    if not is_email(row["email"]) or len(row["email"]) > 254:
        raise RowError(_("This is not an e-mail address."))
    if not _EXTENSION.fullmatch(row["extension"]):
        raise RowError(_("An extension has digits, letters, dots and dashes only."))
    role = into.roles.get(name_key(row["role"])) if row["role"] else into.role
    if role is None:
        raise RowError(_("There is no role %(name)s that you may give.", name=row["role"][:100]))
    values = {
        "person": {
            "name": row["name"],
            "email": row["email"],
            "extension": row["extension"],
            "language": _language(row["language"]),
            "timezone": None,
        },
        "role": role,
        "groups": _named(row["groups"], into.groups, _l("There is no group %(name)s.")),
        "projects": list(
            dict.fromkeys(
                [
                    *into.everybodys,
                    *_named(row["projects"], into.projects, _l("There is no project %(name)s.")),
                ]
            )
        ),
    }
    return Checked(name_key(row["email"]), values)


def _language(text: str) -> str | None:
    if not text:
        return None
    known = {search_key(name): code for code, name in LANGUAGES.items()}
    code = known.get(search_key(text), search_key(text)[:2])
    if code not in LANGUAGES:
        raise RowError(_("The portal does not speak %(name)s.", name=text[:50]))
    return code


def _named(text: str, known: dict[str, Any], missing: Any) -> list[Any]:
    """Return what a cell names; a name may hold the very sign that separates names elsewhere."""
    if name_key(text) in known:
        return [known[name_key(text)]]
    names = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
    for name in names:
        if name_key(name) not in known:
            raise RowError(str(missing) % {"name": name[:100]})
    return [known[name_key(name)] for name in names]


def judge(rows: Sequence[Checked], into: Into) -> list[Verdict]:
    """Leave people who are there as they are: who imports may not be allowed to change them."""
    keys = select(User.email_key).where(User.email_key.in_({row.key for row in rows}))
    there = set(db.session.scalars(keys))
    verdicts = []
    for row in rows:
        verdicts.append(Verdict("same" if row.key in there else "new"))
        there.add(row.key)
    return verdicts


def write(rows: Sequence[Checked], verdicts: Sequence[Verdict], into: Into) -> list[Verdict]:
    return [
        _create(row) if verdict.fate == "new" else verdict
        for row, verdict in zip(rows, verdicts, strict=True)
    ]


def _create(row: Checked) -> Verdict:
    try:
        with db.session.begin_nested():
            operations.create(
                row.values["person"],
                row.values["role"],
                groups=row.values["groups"],
                projects=row.values["projects"],
                actor=g.actor,
            )
    except RefusedError as error:
        return Verdict("refused", str(error.message))
    return Verdict("new")


def finish(options: dict[str, Any], detail: dict[str, Any], into: Into) -> None:
    trail.record(
        "imported",
        kind="user",
        object_name=options["file"],
        detail=detail,
    )


def home(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "users.index", {}


TARGET = Target(
    name="people",
    order=10,
    icon="users",
    label=_l("People into the company"),
    purpose=_l("Each is created with role, groups and projects, and is invited by mail."),
    permissions=(Permission.MANAGE_PEOPLE,),
    fields=(
        Field(
            "name",
            _l("Name"),
            required=True,
            guesses=(
                "full name", "user", "user name", "employee", "person",
                "imie i nazwisko", "nazwisko i imie", "nazwa", "pracownik", "uzytkownik", "osoba",
                "ad soyad", "adi soyadi", "isim", "ad", "calisan", "kullanici", "personel",
            ),
        ),
        Field(
            "email",
            _l("E-mail"),
            required=True,
            guesses=(
                "mail", "email", "email address", "address",
                "adres email", "adres e mail", "poczta", "e poczta",
                "eposta", "e posta", "posta", "e posta adresi",
            ),
        ),
        Field(
            "extension",
            _l("Extension"),
            guesses=("ext", "internal number", "wewnetrzny", "numer wewnetrzny", "dahili"),
        ),
        Field("role", _l("Role"), guesses=("position", "rola", "stanowisko", "rol", "gorev")),
        Field(
            "groups",
            _l("Groups"),
            guesses=("group", "team", "grupa", "grupy", "zespol", "grup", "gruplar", "ekip"),
            hint=_l("Several are separated by semicolons."),
        ),
        Field(
            "projects",
            _l("Projects"),
            guesses=("project", "projekt", "projekty", "proje", "projeler"),
            hint=_l("Several are separated by semicolons."),
            offered=_gives_projects,
        ),
        Field("language", _l("Language"), guesses=("lang", "jezyk", "dil")),
    ),
    form=PeopleForm,
    prepare=prepare,
    check=check,
    judge=judge,
    write=write,
    finish=finish,
    home=home,
    at_once=25,
)  # fmt: skip
