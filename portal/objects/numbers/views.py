"""The numbers of a list: looked at, searched, added and taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.errors import RefusedError
from portal.filters import show_number
from portal.objects.kinds.number_list import PURPOSES, NumberList
from portal.objects.numbers import operations, queries
from portal.objects.numbers.forms import NumbersForm, today

bp = Blueprint("numbers", __name__, url_prefix="/objects/lists/<uuid:list_id>/numbers")
SEES = (Permission.VIEW_OBJECTS, Permission.SEE_NUMBERS)
CHANGES = (Permission.MANAGE_OBJECTS, Permission.SEE_NUMBERS)


@bp.get("")
@guard(*SEES, list=NumberList)
def index(list: NumberList) -> Any:
    form = NumbersForm()
    form.offer()
    return _page(list, form)


@bp.post("")
@guard(*CHANGES, list=NumberList)
def add(list: NumberList) -> Any:
    form = NumbersForm()
    form.offer()
    if form.validate_on_submit():
        try:
            added = operations.add(
                list,
                form.numbers.data or "",
                form.country.data,
                label=form.label.data or "",
                expires_on=form.expires_on.data,
                actor=g.actor,
            )
            return htmx.see_other(url_for(".index", list_id=list.id), toast=_said(added))
        except RefusedError as error:
            form.refuse(error)
    return _page(list, form)


@bp.post("/remove")
@guard(*CHANGES, list=NumberList)
def remove(list: NumberList) -> Any:
    """Take one number out; it is named by itself, as it stands in the list."""
    number = request.form.get("number", "").replace("\0", "")
    entry = queries.entry(list, number)
    if entry is not None:
        operations.remove(list, entry, actor=g.actor)
    toast = _("%(number)s is no longer in the list.", number=number[:40])
    return htmx.see_other(url_for(".index", list_id=list.id), toast=toast)


def _said(added: operations.Added) -> str:
    """Say what became of the numbers, and name those that were not added."""
    new, changed = len(added.new), len(added.changed)
    told = [
        ngettext("%(count)s number added.", "%(count)s numbers added.", new,
            count=show_number(new)),
    ]  # fmt: skip
    if changed:
        told.append(
            ngettext("%(count)s changed.", "%(count)s changed.", changed,
                count=show_number(changed))
        )  # fmt: skip
    if added.there:
        told.append(_("There already: %(numbers)s.", numbers=_some(added.there)))
    if added.again:
        told.append(_("Typed more than once: %(numbers)s.", numbers=_some(added.again)))
    return " ".join(told)


def _some(numbers: Sequence[str]) -> str:
    """Return the first numbers, and how many more there are."""
    named = ", ".join(numbers[: operations.MOST_TOLD])
    more = len(numbers) - operations.MOST_TOLD
    if more <= 0:
        return named
    return ngettext(
        "%(numbers)s and %(count)s more", "%(numbers)s and %(count)s more", more,
        numbers=named, count=show_number(more),
    )  # fmt: skip


def _page(item: NumberList, form: NumbersForm) -> Any:
    text = request.args.get("q", "").replace("\0", "").strip()[:100]
    after = request.args.get("after", "").replace("\0", "")[:20]
    found = queries.entries(item, text, after)
    shown, more = found[: queries.PAGE], len(found) > queries.PAGE
    return htmx.render(
        "numbers/index.html",
        "numbers/_rows.html" if after else "numbers/_list.html",
        item=item,
        purpose=PURPOSES[item.purpose],
        form=form,
        entries=shown,
        total=queries.total(item, text),
        expired=queries.expired(item, text, today()),
        today=today(),
        text=text,
        next_key=shown[-1].number if more else None,
    )
