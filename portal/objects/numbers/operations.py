"""Adding numbers to a list by hand, and taking them out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit import trail
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.objects import queries as objects
from portal.objects.kinds.number_list import KIND, NumberList
from portal.objects.numbers.models import NumberListEntry
from portal.objects.numbers.normal import normalised

MOST_AT_ONCE = 1000
MOST_TOLD = 10


@dataclass
class Added:
    """What became of numbers that were typed.

    ``again``: typed more than once, ``there``: in the list as they were typed, ``changed``: in it
    with another label or expiry, which is now the one that was typed.
    """

    new: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def add(
    item: NumberList,
    text: str,
    region: str,
    *,
    label: str = "",
    expires_on: dt.date | None = None,
    actor: User,
) -> Added:
    """Add numbers, one a line; nothing is added if one of them is none."""
    told = Added()
    known = _there(item, wanted := _read(text, region, told))
    for number in wanted:
        entry = known.get(number)
        if entry is None:
            told.new.append(number)
            entry = NumberListEntry(company_id=actor.company_id, list_id=item.id, number=number)
            db.session.add(entry)
        elif (label and entry.label != label) or (expires_on or None) != entry.expires_on:
            told.changed.append(number)
        else:
            told.there.append(number)
            continue
        entry.label, entry.expires_on = label or entry.label or "", expires_on
    db.session.flush()
    counts = {"rows_new": len(told.new), "rows_changed": len(told.changed)}
    if any(counts.values()):
        _tell(item, "added", {name: count for name, count in counts.items() if count})
    return told


def _read(text: str, region: str, told: Added) -> list[str]:
    """Return the numbers of the lines, each once; refuse them all if one is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_AT_ONCE:
        raise RefusedError(
            _("More than %(most)s numbers at once: import them.", most=MOST_AT_ONCE),
            field="numbers",
        )
    found = {line: normalised(line, region) for line in lines}
    wrong = [line for line in lines if found[line] is None]
    if wrong:
        shown = ", ".join(line[:40] for line in wrong[:MOST_TOLD])
        raise RefusedError(_("These are no numbers: %(numbers)s.", numbers=shown), field="numbers")
    numbers = [number for line in lines if (number := found[line])]
    once = list(dict.fromkeys(numbers))
    told.again = [number for number in once if numbers.count(number) > 1]
    return once


def _there(item: NumberList, numbers: Sequence[str]) -> dict[str, NumberListEntry]:
    query = select(NumberListEntry).where(
        NumberListEntry.list_id == item.id, NumberListEntry.number.in_(numbers)
    )
    return {entry.number: entry for entry in db.session.scalars(query)}


def remove(item: NumberList, entry: NumberListEntry, *, actor: User) -> None:
    db.session.delete(entry)
    db.session.flush()
    _tell(item, "removed", {"rows": 1})


def _tell(item: NumberList, action: str, detail: dict[str, int]) -> None:
    trail.record(
        f"numbers_{action}",
        kind=NumberList.kind,
        object_id=item.id,
        object_name=item.name,
        project_ids=objects.projects_of(KIND, item),
        detail=detail,
    )
