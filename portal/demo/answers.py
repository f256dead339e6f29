"""Forms of the demo as its operators have filled them in: on contacts, on calls and on cases."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.access.identity import assume, identity_by_id
from portal.calls.models import Visit
from portal.crm.fillings import operations as fillings
from portal.crm.fillings import queries
from portal.crm.models import Case, CaseCall, Contact
from portal.demo import clients
from portal.demo.cast import THEMES, Theme
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form import CrmForm
from portal.objects.kinds.form import answers as given
from portal.objects.kinds.form.content import Page, Question

if TYPE_CHECKING:
    from portal.demo.loading import Stage

# How many contacts, calls and cases of each project have a form.
CONTACTS, CALLS, CASES = 4, 4, 4
_SAID = {
    "pl": ("Klient prosi o fakturę na maila.", "Wysłać wzór pisma.", "Oddzwonić po południu."),
    "tr": ("Müşteri bilgi bekliyor.", "Belgeler gönderilecek.", "Öğleden sonra aranacak."),
    "en": ("Send the papers again.", "Waits for the photos.", "Call in the afternoon."),
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One form that somebody fills in about something."""

    theme: Theme
    form: CrmForm
    matter: Any
    person: User
    unfinished: bool


def load(stage: Stage, now: dt.datetime, seed: int) -> None:
    """Let operators of each project fill in its form; the last one of each is not finished."""
    chance = random.Random(seed)  # noqa: S311  # the same demo each time, nothing secret
    session: Any = db.session()
    session.expire_on_commit = False  # an operator could not read again what others see
    for theme in THEMES:
        _be(stage, stage.admin)
        project = stage.projects[theme.name]
        form = db.session.scalars(select(CrmForm).where(CrmForm.project_id == project.id)).one()
        todo = _matters(project.id)
        for number, person in enumerate(stage.teams[theme.name][:3]):
            _be(stage, person)
            for matter in todo[number::3]:
                one = Sheet(theme, form, matter, person, unfinished=matter is todo[-1])
                _fill_in(one, now, chance)
    _be(stage, stage.admin)
    session.expire_on_commit = True


def _matters(project_id: Any) -> list[Any]:
    """Return what the forms are about: cases, calls that became one, and contacts with none."""
    cases = list(
        db.session.scalars(
            select(Case).where(Case.project_id == project_id).order_by(Case.id).limit(CASES)
        )
    )
    ids = select(CaseCall.visit_id).where(CaseCall.project_id == project_id)
    calls = select(Visit).where(Visit.id.in_(ids)).order_by(Visit.started_at.desc(), Visit.id)
    link = Contact.Link
    inside = select(link.object_id).where(link.project_id == project_id)
    having = select(Case.contact_id).where(Case.project_id == project_id)
    others = select(Contact).where(Contact.id.in_(inside), Contact.id.not_in(having))
    return [
        *cases,
        *db.session.scalars(calls.limit(CALLS)),
        *db.session.scalars(others.order_by(Contact.id).limit(CONTACTS)),
    ]


def _fill_in(one: Sheet, now: dt.datetime, chance: random.Random) -> None:
    """Let a person answer what they are asked, page by page, as the answers lead them."""
    filling: Any = fillings.begin(one.form, one.matter, actor=one.person)
    content = queries.content_of(queries.version_of(filling))
    answers: dict[str, list[str]] = {}
    page: Page | None = content.pages[0]
    while page is not None:
        for question in page.questions:
            if question.required or chance.random() < 0.85:
                answers[question.id] = [_answer(question, one.theme, now, chance)]
        page = None if one.unfinished else given.following(content, page, answers)
    fillings.keep(filling, answers, content)
    began = _when(one.matter, now, chance)
    if not one.unfinished:
        fillings.finish(filling, actor=one.person)
        filling.completed_at = began + dt.timedelta(seconds=chance.randint(70, 420))
    filling.started_at = began
    filling.changed_at = filling.completed_at or began + dt.timedelta(seconds=40)
    db.session.flush()


def _when(matter: Any, now: dt.datetime, chance: random.Random) -> dt.datetime:
    if isinstance(matter, Visit):
        return matter.started_at + dt.timedelta(seconds=60)
    if isinstance(matter, Case):
        return matter.created_at + dt.timedelta(minutes=chance.randint(5, 50))
    return now - dt.timedelta(hours=chance.randint(1, 60))


def _answer(question: Question, theme: Theme, now: dt.datetime, chance: random.Random) -> str:
    if question.field:
        field = db.session.scalars(
            select(ContactField).where(ContactField.id == uuid.UUID(question.field))
        ).one()
        return clients.value_of(field, chance)
    if question.type == "date":
        return (now.date() + dt.timedelta(days=chance.randint(1, 12))).isoformat()
    if question.type == "long":
        return chance.choice(_SAID[theme.language])
    return chance.choice(question.answers)


def _be(stage: Stage, person: User) -> None:
    """Go on as a person: what they do stands in the activity under their name."""
    db.session.commit()  # who acts is noted then
    identity = identity_by_id(stage.company_id, person.id)
    if identity is None:
        raise LookupError(person.email)
    assume(identity)
