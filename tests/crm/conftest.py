"""An office with two walled projects, fields of each, and people who see different parts of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from portal.access.permissions import Permission
from portal.calls.evidence import CallSource
from portal.calls.models import Call, Visit
from portal.crm.models import Case, Contact, ContactValue
from portal.crm.phones import compared
from portal.database import new_id, utcnow
from portal.objects.kinds.form import FormVersion
from portal.objects.kinds.form.content import Form, Page
from portal.wall.scope import current
from tests import factories as make

P = Permission
NASTY = "Łucja \"<img src=x onerror=alert(1)>\" 'İş' =1+1"
# Without a company's time zone a number needs its prefix to be understood.
PHONE, OTHER = "+48512345460", "+905321234567"


@dataclass
class Office:
    """What was made, by name; ``people``: visitors, each signed in when first spoken of."""

    sign_in: Any
    emails: dict[str, str] = field(default_factory=dict)
    projects: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    visitors: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        if name not in self.visitors:
            self.visitors[name] = self.sign_in(self.emails[name])
        return self.visitors[name]


@pytest.fixture
def office(app, visitor):
    found = Office(visitor)
    with make.building(app):
        admin = make.company()
        ours, theirs = make.project("Ours – Łódź"), make.project("Theirs – İzmir")
        found.projects = {"ours": ours, "theirs": theirs}
        found.emails["admin"] = admin.email
        for name, places in {"ours": [ours], "theirs": [theirs], "both": [ours, theirs]}.items():
            found.emails[name] = make.user(f"S {name}", role="supervisor", projects=places).email
        found.emails["nowhere"] = make.user("S nowhere", role="supervisor").email
        found.emails["operator"] = make.user("Filip Ćma", projects=[ours]).email
        reader = make.role("Reader", P.VIEW_CONTACTS, P.VIEW_ACTIVITY, P.SEE_NUMBERS, P.EXPORT)
        editor = make.role("Editor", P.VIEW_CONTACTS, P.EDIT_CONTACTS, P.SEE_NUMBERS)
        found.roles = {"reader": reader, "editor": editor}
        found.emails["reader"] = make.user("Rea Der", role=reader, projects=[ours]).email
        found.emails["editor"] = make.user("Edi Tor", role=editor, projects=[ours]).email
        found.fields = {
            "ours": own_field("Meter", ours, show_in_list=True),
            "theirs": own_field("Policy", theirs, show_in_list=True),
            "shared": own_field("Birthday", ours, theirs, type="date"),
        }
    return found


def own_field(name: str, *projects: Any, **settings: Any) -> Any:
    return make.make_object("contact-fields", name, *projects, **settings)


def contact(name: str, *projects: Any, phone: str = "", **values: Any) -> Any:
    """Make a contact within ``building``; ``values``: pairs of a field and its value."""
    made = make._add(Contact(name=name, phone=phone, phone_key=compared(phone)))
    for one in projects:
        make._add(Contact.Link(project_id=one.id, object_id=made.id))
    for one, value in values.get("values", ()):
        make._add(ContactValue(contact_id=made.id, field_id=one.id, value=value))
    return made


def case(name: str, of: Any, project: Any, **values: Any) -> Any:
    return make._add(
        Case(
            company_id=current().company_id,
            name=name,
            contact_id=of.id,
            project_id=project.id,
            **values,
        )
    )


def names(page: Any) -> list[str]:
    return [row[0] for row in page.rows("table") if len(row) > 1]


def published_form(name: str, project: Any, *pages: Page, **values: Any) -> Any:
    """Make a form within ``building`` that was published as it is drafted."""
    draft = Form(pages).plain()
    made = make.make_object("forms", name, project, draft=draft, **values)
    make._add(FormVersion(project_id=project.id, form_id=made.id, number=1, content=draft))
    return made


def visit(project: Any, number: str) -> Any:
    """Make a call of one visit within ``building``."""
    source = make._add(CallSource(name="PBX", name_key=str(new_id()), timezone="UTC"))
    common = {"source_id": source.id, "started_at": utcnow(), "direction": "in"}
    common |= {"result": "answered", "number": number}
    call = make._add(Call(native_key="1", visits=1, caller_name="", user_field="", **common))
    raw = ("did", "queue_raw", "agent_raw", "trunk_raw", "account_raw", "context_raw")
    digits = number.lstrip("+")
    return make._add(
        Visit(
            call_id=call.id,
            ordinal=1,
            kind="direct",
            project_id=project.id if project else None,
            ended_at=utcnow(),
            wait_s=1,
            talk_s=2,
            ended_by="caller",
            transferred_to="",
            caller_name="",
            digits=digits,
            digits_reversed=digits[::-1],
            first_in_project=True,
            crosses_projects=False,
            only_visit=True,
            **common,
            **dict.fromkeys(raw, ""),
        )
    )
