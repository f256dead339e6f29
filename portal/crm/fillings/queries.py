"""What is asked of filled-in forms. The wall filters by itself: nothing here names a company."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from portal.crm import fields
from portal.crm.fillings.models import COMPLETE, DRAFT, FormAnswer, FormFilling
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form import CrmForm, FormVersion
from portal.objects.kinds.form import answers as given
from portal.objects.kinds.form.content import Form, Question, read
from portal.objects.queries import archived

MOST = 50


@dataclass(frozen=True)
class Row:
    """One line of a list: a filled-in form, which form, in which version, by whom."""

    filling: FormFilling
    form: str
    number: int
    person: str


def offered(project_ids: Collection[uuid.UUID]) -> list[CrmForm]:
    """Return the forms of these projects that can be filled in: active and published.

    In a project that is archived nothing is begun any more.
    """
    places = set(project_ids) - archived(set(project_ids))
    published = select(FormVersion.form_id)
    query = select(CrmForm).where(
        CrmForm.project_id.in_(places), CrmForm.active, CrmForm.id.in_(published)
    )
    return list(db.session.scalars(query.order_by(CrmForm.search_key, CrmForm.id)))


def filled(column: Any, identifier: uuid.UUID) -> list[Row]:
    """Return the forms filled in on something, newest first: ``column`` refers to it."""
    same = and_(
        FormVersion.company_id == FormFilling.company_id,
        FormVersion.id == FormFilling.form_version_id,
    )
    its = and_(CrmForm.company_id == FormVersion.company_id, CrmForm.id == FormVersion.form_id)
    query = (
        select(FormFilling, CrmForm.name, FormVersion.number)
        .join(FormVersion, same)
        .join(CrmForm, its)
        .where(column == identifier)
        .order_by(FormFilling.id.desc())
        .limit(MOST)
    )
    found = db.session.execute(query).all()
    names = _names({filling.filled_by_id for filling, _form, _number in found})
    return [
        Row(filling, form, number, names.get(filling.filled_by_id, ""))
        for filling, form, number in found
    ]


def _names(ids: set[uuid.UUID | None]) -> dict[uuid.UUID | None, str]:
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row.id: row.name for row in rows}


def version_of(filling: FormFilling) -> FormVersion:
    key = (filling.company_id, filling.form_version_id)
    return db.session.get_one(FormVersion, key)


def form_of(version: FormVersion) -> CrmForm:
    return db.session.get_one(CrmForm, (version.company_id, version.form_id))


def content_of(version: FormVersion) -> Form:
    return read(version.content)


def answers_of(filling: FormFilling) -> dict[str, list[str]]:
    """Return the answers by question, as they are kept."""
    query = select(FormAnswer.question, FormAnswer.value).where(FormAnswer.filling_id == filling.id)
    found: dict[str, list[str]] = {}
    for question, value in db.session.execute(query.order_by(FormAnswer.place)):
        found.setdefault(question, []).append(value)
    return found


def begun(version: FormVersion, person: User, column: Any, identifier: uuid.UUID) -> Any:
    """Return what a person has begun to fill in and not finished, so that it is gone on with."""
    query = select(FormFilling).where(
        FormFilling.form_version_id == version.id,
        FormFilling.filled_by_id == person.id,
        FormFilling.status == DRAFT,
        column == identifier,
    )
    return db.session.scalars(query.limit(1)).first()


def completed_with(form: CrmForm, question: Question, answer: str) -> int:
    """Return how many forms were finished with an answer, in any version."""
    versions = select(FormVersion.id).where(FormVersion.form_id == form.id)
    finished = select(FormFilling.id).where(
        FormFilling.form_version_id.in_(versions), FormFilling.status == COMPLETE
    )
    query = select(func.count(FormAnswer.id)).where(
        FormAnswer.question == question.id,
        FormAnswer.counted == answer,
        FormAnswer.filling_id.in_(finished),
    )
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Sight:
    """What the viewer may read of answers: those that go into contact fields are as these are."""

    known: dict[str, ContactField]

    def hides(self, question: Question) -> bool:
        field = self.known.get(question.field)
        return field is not None and fields.hidden(field)

    def shown(self, question: Question, values: list[str]) -> str:
        """Return an answer as it is read; a number masked where it is masked in the field."""
        field = self.known.get(question.field)
        if field is not None and field.type == "phone" and values:
            return fields.shown(field, values[0])
        return given.shown(question, values)


def sight_of(content: Form) -> Sight:
    ids = [uuid.UUID(one.field) for _page, one in content.questions() if one.field]
    found = db.session.scalars(select(ContactField).where(ContactField.id.in_(ids)))
    return Sight({str(field.id): field for field in found})
