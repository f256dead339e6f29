"""Numbers into the base of a dialer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, update
from wtforms import SelectField

from portal.access.permissions import Permission
from portal.audit import trail
from portal.database import new_id, search_key, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.forms import Form
from portal.imports import guesses
from portal.imports.target import Checked, Field, Row, RowError, Target, Verdict
from portal.imports.writing import compared, insert_all, overwrite, with_repeats
from portal.objects import queries
from portal.objects.base.models import DialerNumber
from portal.objects.kinds.dialer import KIND, Dialer, DialerExclusion
from portal.objects.numbers.forms import countries
from portal.objects.numbers.models import NumberListEntry
from portal.objects.numbers.normal import normalised, region_of

_MOST_NAME, _MOST_NOTE = 100, 500


class BaseForm(Form):
    dialer = SelectField(_l("Dialer"))
    country = SelectField(
        _l("Country"), description=_l("Of numbers that begin without a country code.")
    )

    def offer(self, given: Any) -> None:
        dialers = list(db.session.scalars(select(Dialer).order_by(Dialer.search_key, Dialer.id)))
        places = queries.places(KIND, dialers)
        self.dialer.choices = [
            (str(one.id), " – ".join([one.name, *places[one.id].names])) for one in dialers
        ]
        self.country.choices = countries()
        if not self.is_submitted():
            self.dialer.data = given.get("dialer") or (str(dialers[0].id) if dialers else None)
            self.country.data = region_of(g.identity.company.timezone)

    @property
    def obstacle(self) -> str:
        return "" if self.dialer.choices else _("There is no dialer yet. Create one first.")

    def values(self) -> dict[str, Any]:
        return {"dialer": self.dialer.data, "country": self.country.data}


@dataclass(frozen=True)
class Into:
    """Where the numbers of one import go."""

    company_id: int
    dialer_id: uuid.UUID
    project_id: uuid.UUID
    region: str
    import_id: uuid.UUID


def prepare(options: dict[str, Any]) -> Into:
    dialer_id = uuid.UUID(options["dialer"])
    project_id = db.session.scalar(select(Dialer.project_id).where(Dialer.id == dialer_id))
    if project_id is None:
        raise _gone()
    import_id = uuid.UUID(options["import"])
    return Into(g.identity.company.id, dialer_id, project_id, options["country"], import_id)


def _gone() -> RefusedError:
    return RefusedError(_("This dialer is no longer here."))


def check(row: Row, into: Into) -> Checked:
    number = normalised(row["number"], into.region)
    if number is None:
        raise RowError(_("This is not a telephone number."))
    if len(row["name"]) > _MOST_NAME:
        raise RowError(_("The name has more than %(most)s characters.", most=_MOST_NAME))
    if len(row["note"]) > _MOST_NOTE:
        raise RowError(_("The note has more than %(most)s characters.", most=_MOST_NOTE))
    return Checked(number, {"name": row["name"], "note": row["note"]})


def judge(rows: Sequence[Checked], into: Into) -> list[Verdict]:
    keys = {row.key for row in rows}
    query = select(DialerNumber).where(
        DialerNumber.dialer_id == into.dialer_id, DialerNumber.number.in_(keys)
    )
    there = {one.number: one for one in db.session.scalars(query)}
    excluded = _excluded(keys, into)
    verdicts = []
    for row, again in with_repeats(rows):
        verdict = compared(row, there.get(row.key), again, into.import_id, repeated="same")
        if verdict.fate == "new" and row.key in excluded:
            verdict = Verdict("new", _("It is in an excluded list: it is not dialled."))
        verdicts.append(verdict)
    return verdicts


def _excluded(keys: set[str], into: Into) -> set[str]:
    """Return the numbers that a list which the dialer excludes names today."""
    lists = select(DialerExclusion.list_id).where(DialerExclusion.dialer_id == into.dialer_id)
    today = utcnow().date()
    entries = select(NumberListEntry.number).where(
        NumberListEntry.list_id.in_(lists),
        NumberListEntry.number.in_(keys),
        or_(NumberListEntry.expires_on.is_(None), NumberListEntry.expires_on >= today),
    )
    return set(db.session.scalars(entries))


def write(rows: Sequence[Checked], verdicts: Sequence[Verdict], into: Into) -> list[Verdict]:
    """Write what was judged in the same transaction; who imports holds the dialer (see hold)."""
    now = utcnow()
    judged = zip(rows, verdicts, strict=True)
    new = [_new(row, verdict, into, now) for row, verdict in judged if verdict.fate == "new"]
    overwrite(rows, verdicts, into.import_id)
    insert_all(DialerNumber, new)
    db.session.flush()
    return list(verdicts)


def _new(row: Checked, verdict: Verdict, into: Into, now: dt.datetime) -> dict[str, Any]:
    return {
        "company_id": into.company_id,
        "id": new_id(),
        "project_id": into.project_id,
        "dialer_id": into.dialer_id,
        "number": row.key,
        "state": "excluded" if verdict.reason else "waiting",
        "added_at": now,
        "named_by": into.import_id,
        "search_key": search_key(*row.values.values()),
        **row.values,
    }


def hold(into: Into) -> None:
    """Let two imports into one dialer take turns, and keep it in its project until the commit."""
    key = (into.company_id, into.dialer_id)
    options: dict[str, Any] = {"with_for_update": {"key_share": True}, "populate_existing": True}
    dialer = db.session.get(Dialer, key, **options)
    if dialer is None or dialer.project_id != into.project_id:
        raise _gone()


def finish(options: dict[str, Any], detail: dict[str, Any], into: Into) -> None:
    one = db.session.get_one(Dialer, (into.company_id, into.dialer_id))
    counted = update(Dialer).where(Dialer.id == one.id)
    counted = counted.values(
        base_wrong=Dialer.base_wrong + detail["rows_refused"],
        base_duplicate=Dialer.base_duplicate + detail["rows_same"] + detail["rows_changed"],
    )
    untold = {"untold": "the entry of the import tells it", "synchronize_session": False}
    db.session.execute(counted, execution_options=untold)
    trail.record(
        "imported",
        kind=Dialer.kind,
        object_id=one.id,
        object_name=one.name,
        project_ids=[one.project_id],
        detail=detail,
    )


def home(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "base.index", {"dialer_id": uuid.UUID(options["dialer"])}


TARGET = Target(
    name="base",
    order=18,
    icon="phone-outgoing",
    label=_l("Numbers into a dialer"),
    purpose=_l("Whom a dialer is to call, from a spreadsheet into its base."),
    permissions=(Permission.MANAGE_OBJECTS, Permission.SEE_NUMBERS),
    fields=(
        Field(
            "number",
            _l("Number"),
            required=True,
            guesses=guesses.NUMBER,
        ),
        Field(
            "name",
            _l("Name"),
            guesses=guesses.CLIENT,
        ),
        Field(
            "note",
            _l("Note"),
            guesses=(
                "notes", "comment", "description", "remark",
                "uwagi", "opis", "komentarz", "notatka",
                "aciklama", "not", "notlar", "yorum",
            ),
        ),
    ),
    form=BaseForm,
    prepare=prepare,
    check=check,
    judge=judge,
    write=write,
    hold=hold,
    finish=finish,
    home=home,
)  # fmt: skip
