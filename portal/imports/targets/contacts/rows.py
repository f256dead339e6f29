"""How a row of contacts is read, what there is of it already, and how it is written."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update

from portal.crm import fields
from portal.crm.models import Contact, ContactValue
from portal.database import name_key, new_id, search_key, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.imports.days import day_of
from portal.imports.target import Checked, Row, RowError, Verdict
from portal.imports.writing import insert_all, with_repeats
from portal.objects.kinds.contact_field import ContactField
from portal.objects.numbers.normal import normalised
from portal.wall.arrays import Among
from portal.wall.criteria import looked_up
from portal.wall.scope import unscoped

_MOST_NAME = 150
_YES = {"yes", "y", "true", "1", "tak", "t", "prawda", "evet", "e", "dogru"}
_NO = {"no", "n", "false", "0", "nie", "falsz", "hayir", "h", "yanlis"}
_EACH = looked_up(Contact, "each_contact")
_UNTOLD = {"untold": "one entry tells the whole import", "synchronize_session": False}


@dataclass(frozen=True)
class Into:
    """Where the contacts of one import go; ``fields``: what of them may be filled in, by name."""

    company_id: int
    project_id: uuid.UUID
    region: str
    import_id: uuid.UUID
    actor_id: uuid.UUID
    fields: dict[str, ContactField]


def check(row: Row, into: Into) -> Checked:
    if len(row["name"]) > _MOST_NAME or len(name_key(row["name"])) > 2 * _MOST_NAME:
        raise RowError(_("The name has more than %(most)s characters.", most=_MOST_NAME))
    number = normalised(row["phone"], into.region)
    if number is None:
        raise RowError(_("This is not a telephone number."))
    values = {one.id: _value(one, row[name], into) for name, one in into.fields.items()}
    kept = {field_id: value for field_id, value in values.items() if value}
    return Checked(number, {"name": row["name"], "values": kept})


def _value(field: ContactField, text: str, into: Into) -> str:
    """Return a value as it is kept; an empty cell says nothing of it."""
    if not text:
        return ""
    try:
        if len(text) > fields.MOST_TEXT:
            raise RefusedError(_("At most %(max)d characters.", max=fields.MOST_TEXT))
        return fields.read(field, _as_typed(field, text, into))
    except RefusedError as error:
        raise RowError(f"{field.name}: {error.message}") from None


def _as_typed(field: ContactField, text: str, into: Into) -> str:
    """Return what a form would send for a value as spreadsheets have it."""
    match field.type:
        case "date":
            day = day_of(text)
            return day.isoformat() if day else text
        case "yes_no":
            word = search_key(text)
            return "yes" if word in _YES else "no" if word in _NO else text
        case "choice":
            known = {name_key(one): one for one in field.choices}
            return known.get(name_key(text), text)
        case "phone":
            return normalised(text, into.region) or text
    return text


@dataclass(frozen=True)
class _Known:
    """A contact that is there: whether it is in the project, and what stands in its fields."""

    id: uuid.UUID
    named_by: uuid.UUID | None
    inside: bool
    values: dict[uuid.UUID, str]


def judge(rows: Sequence[Checked], into: Into) -> list[Verdict]:
    there = _known({row.key for row in rows}, into)
    return [_verdict(row, there.get(row.key), again, into) for row, again in with_repeats(rows)]


def _known(keys: set[str], into: Into) -> dict[str, _Known]:
    """Return the contacts with these numbers; of several the one that is in the project."""
    query = select(_EACH.id, _EACH.phone_key, _EACH.named_by)
    query = query.where(Among(_EACH.phone_key, keys)).order_by(_EACH.id)
    found = db.session.execute(query).all()
    ids = [row.id for row in found]
    link = Contact.Link
    members = select(link.object_id).where(
        link.project_id == into.project_id, Among(link.object_id, ids)
    )
    inside = set(db.session.scalars(members)) if ids else set()
    values = _values_of(ids, into)
    known: dict[str, _Known] = {}
    for row in found:
        if row.phone_key not in known or (row.id in inside and not known[row.phone_key].inside):
            known[row.phone_key] = _Known(
                row.id, row.named_by, row.id in inside, values.get(row.id, {})
            )
    return known


def _values_of(ids: Sequence[uuid.UUID], into: Into) -> dict[uuid.UUID, dict[uuid.UUID, str]]:
    own = [one.id for one in into.fields.values()]
    found: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    if ids and own:
        query = select(ContactValue.contact_id, ContactValue.field_id, ContactValue.value).where(
            Among(ContactValue.contact_id, ids), ContactValue.field_id.in_(own)
        )
        for contact_id, field_id, value in db.session.execute(query):
            found.setdefault(contact_id, {})[field_id] = value
    return found


def _verdict(row: Checked, known: _Known | None, again: bool, into: Into) -> Verdict:
    """Leave the name as it is: it may be another project's too, and somebody has chosen it."""
    if again or (known is not None and known.named_by == into.import_id):
        return Verdict("refused", _("This number stands in the file before."))
    if known is None:
        return Verdict("new")
    same = known.inside and all(
        known.values.get(field_id) == value for field_id, value in row.values["values"].items()
    )
    return Verdict("same" if same else "changed", existing=known)


def write(rows: Sequence[Checked], verdicts: Sequence[Verdict], into: Into) -> list[Verdict]:
    """Write what was judged in the same transaction; who imports holds the project (see hold)."""
    now = utcnow()
    new = {
        row.key: _new(row, into, now)
        for row, verdict in zip(rows, verdicts, strict=True)
        if verdict.fate == "new"
    }
    joining = [one["id"] for one in new.values()]
    stale: list[tuple[uuid.UUID, uuid.UUID]] = []
    values = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.fate == "refused":
            continue
        known: _Known | None = verdict.existing
        contact_id = known.id if known else new[row.key]["id"]
        if known and not known.inside:
            joining.append(known.id)
        for field_id, value in row.values["values"].items():
            before = known.values.get(field_id) if known else None
            if before is not None and before != value:
                stale.append((contact_id, field_id))
            if before != value:
                values.append(_new_value(contact_id, field_id, value, into))
    if new:  # without RETURNING: nobody sees them before they are in the project
        db.session.execute(insert(Contact), list(new.values()), execution_options=_UNTOLD)
    with unscoped("the contacts were made or seen just now; nobody sees new ones before this"):
        insert_all(Contact.Link, [_membership(one, into) for one in joining], **_UNTOLD)
    _take_out(stale)
    insert_all(ContactValue, values, **_UNTOLD)
    _note_import([v.existing.id for v in verdicts if v.existing is not None], into)
    return list(verdicts)


def _take_out(stale: list[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Take out the values that others come in place of."""
    by_field: dict[uuid.UUID, list[uuid.UUID]] = {}
    for contact_id, field_id in stale:
        by_field.setdefault(field_id, []).append(contact_id)
    for field_id, contact_ids in by_field.items():
        gone = delete(ContactValue).where(
            ContactValue.field_id == field_id, Among(ContactValue.contact_id, contact_ids)
        )
        db.session.execute(gone, execution_options=_UNTOLD)


def _note_import(ids: list[uuid.UUID], into: Into) -> None:
    if ids:
        named = update(Contact).where(Among(Contact.id, ids)).values(named_by=into.import_id)
        db.session.execute(named, execution_options=_UNTOLD)


def _new(row: Checked, into: Into, now: dt.datetime) -> dict[str, Any]:
    return {
        "company_id": into.company_id,
        "id": new_id(),
        "name": row.values["name"],
        "search_key": search_key(row.values["name"]),
        "phone": row.key,
        "phone_key": row.key,
        "created_at": now,
        "created_by_id": into.actor_id,
        "named_by": into.import_id,
    }


def _membership(contact_id: uuid.UUID, into: Into) -> dict[str, Any]:
    return {
        "company_id": into.company_id,
        "project_id": into.project_id,
        "object_id": contact_id,
    }


def _new_value(
    contact_id: uuid.UUID, field_id: uuid.UUID, value: str, into: Into
) -> dict[str, Any]:
    return {
        "company_id": into.company_id,
        "id": new_id(),
        "contact_id": contact_id,
        "field_id": field_id,
        "value": value,
        "search_key": search_key(value),
    }
