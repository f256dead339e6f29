"""Numbers into a list."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField

from portal.access.permissions import Permission
from portal.audit import trail
from portal.database import new_id, search_key, utcnow
from portal.errors import RefusedError
from portal.extensions import db
from portal.forms import Form
from portal.imports import guesses
from portal.imports.days import day_of
from portal.imports.target import Checked, Field, Row, RowError, Target, Verdict
from portal.imports.writing import compared, insert_all, overwrite, with_repeats
from portal.objects import queries
from portal.objects.kinds.number_list import KIND, NumberList
from portal.objects.numbers.forms import countries
from portal.objects.numbers.models import NumberListEntry
from portal.objects.numbers.normal import normalised, region_of

_MOST_LABEL = 100


class NumbersForm(Form):
    list = SelectField(_l("List"))
    country = SelectField(
        _l("Country"), description=_l("Of numbers that begin without a country code.")
    )

    def offer(self, given: Any) -> None:
        lists = list(db.session.scalars(select(NumberList).order_by(NumberList.search_key)))
        places = queries.places(KIND, lists)
        self.list.choices = [(str(one.id), _named(one, places[one.id])) for one in lists]
        self.country.choices = countries()
        if not self.is_submitted():
            self.list.data = given.get("list") or (str(lists[0].id) if lists else None)
            self.country.data = region_of(g.identity.company.timezone)

    @property
    def obstacle(self) -> str:
        return "" if self.list.choices else _("There is no list yet. Create one first.")

    def values(self) -> dict[str, Any]:
        return {"list": self.list.data, "country": self.country.data}


def _named(one: NumberList, places: queries.Places) -> str:
    return f"{one.name} – {places}" if places else one.name


@dataclass(frozen=True)
class Into:
    """Where the numbers of one import go."""

    company_id: int
    list_id: uuid.UUID
    region: str
    import_id: uuid.UUID


def prepare(options: dict[str, Any]) -> Into:
    list_id = uuid.UUID(options["list"])
    found = select(NumberList.id).where(NumberList.id == list_id)
    if db.session.scalar(found) is None:
        raise RefusedError(_("This list is no longer here."))
    company_id = g.identity.company.id
    return Into(company_id, list_id, options["country"], uuid.UUID(options["import"]))


def check(row: Row, into: Into) -> Checked:
    number = normalised(row["number"], into.region)
    if number is None:
        raise RowError(_("This is not a telephone number."))
    if len(row["label"]) > _MOST_LABEL:
        raise RowError(_("The label has more than %(most)s characters.", most=_MOST_LABEL))
    expires = day_of(row["expires_on"]) if row["expires_on"] else None
    if row["expires_on"] and expires is None:
        raise RowError(_("This is not a date: write 2026-12-31 or 31.12.2026."))
    return Checked(number, {"label": row["label"], "expires_on": expires})


def judge(rows: Sequence[Checked], into: Into) -> list[Verdict]:
    entries = select(NumberListEntry).where(
        NumberListEntry.list_id == into.list_id, NumberListEntry.number.in_({r.key for r in rows})
    )
    there = {entry.number: entry for entry in db.session.scalars(entries)}
    return [
        compared(row, there.get(row.key), again, into.import_id, repeated="refused")
        for row, again in with_repeats(rows)
    ]


def write(rows: Sequence[Checked], verdicts: Sequence[Verdict], into: Into) -> list[Verdict]:
    """Write what was judged in the same transaction; who imports holds the list (see hold)."""
    now = utcnow()
    judged = zip(rows, verdicts, strict=True)
    new = [_new(row, into, now) for row, verdict in judged if verdict.fate == "new"]
    overwrite(rows, verdicts, into.import_id)
    insert_all(NumberListEntry, new)
    db.session.flush()
    return list(verdicts)


def hold(into: Into) -> None:
    """Let two imports into one list take turns."""
    key = (into.company_id, into.list_id)
    if db.session.get(NumberList, key, with_for_update={"key_share": True}) is None:
        raise RefusedError(_("This list is no longer here."))


def _new(row: Checked, into: Into, now: dt.datetime) -> dict[str, Any]:
    return {
        "company_id": into.company_id,
        "id": new_id(),
        "list_id": into.list_id,
        "number": row.key,
        "added_at": now,
        "named_by": into.import_id,
        "search_key": search_key(row.values["label"]),
        **row.values,
    }


def finish(options: dict[str, Any], detail: dict[str, Any], into: Into) -> None:
    one = db.session.get_one(NumberList, (into.company_id, into.list_id))
    trail.record(
        "imported",
        kind=NumberList.kind,
        object_id=one.id,
        object_name=one.name,
        project_ids=queries.projects_of(KIND, one),
        detail=detail,
    )


def home(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "numbers.index", {"list_id": uuid.UUID(options["list"])}


TARGET = Target(
    name="numbers",
    order=20,
    icon="list",
    label=_l("Numbers into a list"),
    purpose=_l("Unwanted, VIP or other numbers, from a spreadsheet into one of your lists."),
    permissions=(Permission.MANAGE_OBJECTS, Permission.SEE_NUMBERS),
    fields=(
        Field(
            "number",
            _l("Number"),
            required=True,
            guesses=guesses.NUMBER,
        ),
        Field(
            "label",
            _l("Label"),
            guesses=(
                "name", "description", "note", "comment", "customer", "company",
                "nazwa", "opis", "etykieta", "imie i nazwisko", "klient", "firma", "uwagi",
                "ad", "adi", "isim", "ad soyad", "aciklama", "etiket", "musteri", "not",
            ),
        ),
        Field(
            "expires_on",
            _l("Expires on"),
            guesses=(
                "expires", "expiry", "expiry date", "valid until", "until", "expiration",
                "wygasa", "wazny do", "wazne do", "data waznosci", "do dnia",
                "bitis", "bitis tarihi", "son tarih", "gecerlilik", "son kullanma tarihi",
            ),
        ),
    ),
    form=NumbersForm,
    prepare=prepare,
    check=check,
    judge=judge,
    write=write,
    hold=hold,
    finish=finish,
    home=home,
)  # fmt: skip
