"""Adding numbers to a list by hand, and taking them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
_MOST_TOLD = 10


@dataclass(frozen=True)
class Added:
    """What became of numbers that were typed: how many were added, and how many were there."""

    new: int
    there: int


def add(item: NumberList, text: str, region: str, *, actor: User) -> Added:
    """Add numbers, one a line; nothing is added if one of them is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_AT_ONCE:
        raise RefusedError(
            _("More than %(most)s numbers at once: import them.", most=MOST_AT_ONCE),
            field="numbers",
        )
    found = {line: normalised(line, region) for line in lines}
    wrong = [line for line in lines if found[line] is None]
    if wrong:
        shown = ", ".join(line[:40] for line in wrong[:_MOST_TOLD])
        raise RefusedError(_("These are no numbers: %(numbers)s.", numbers=shown), field="numbers")
    wanted = list(dict.fromkeys(number for number in found.values() if number))
    there = _there(item, wanted)
    new = [number for number in wanted if number not in there]
    for number in new:
        db.session.add(NumberListEntry(company_id=actor.company_id, list_id=item.id, number=number))
    db.session.flush()
    if new:
        _tell(item, "added", {"rows_new": len(new)})
    return Added(len(new), len(lines) - len(new))


def _there(item: NumberList, numbers: Sequence[str]) -> set[str]:
    query = select(NumberListEntry.number).where(
        NumberListEntry.list_id == item.id, NumberListEntry.number.in_(numbers)
    )
    return set(db.session.scalars(query))


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
