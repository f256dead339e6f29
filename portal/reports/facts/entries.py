"""Entries of the trail: what was changed, and what of clients' data left the portal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func

from portal.audit import fields, sentences
from portal.audit.filters import WHAT
from portal.audit.models import AuditEntry
from portal.projects.models import Project
from portal.reports import dimensions
from portal.reports.terms import Column, Dimension, Fact, Measure, Sum

_NO_CHANGES = [action for actions in WHAT.values() for action in actions]
_PART = "\x1f"
_LEFT = AuditEntry.action == "exported"
_CHANGED = func.coalesce(AuditEntry.after, AuditEntry.before)
_ROWS = case((_LEFT, AuditEntry.detail["rows"].as_integer()), else_=1)

ENTRIES = Sum("entries")
CREATED = Sum("created", AuditEntry.action == "created")
DELETED = Sum("deleted", AuditEntry.action == "deleted")
EXPORTS = Sum("exports", _LEFT)
VIEWS = Sum("views", AuditEntry.action == "revealed")
ROWS = Sum("rows", of=func.coalesce(_ROWS, 0))
LARGEST = Sum("largest", _LEFT, _ROWS, how="max")


def _kinds(kinds: Collection[str]) -> dict[str, str]:
    return {kind: fields.kind_label(kind) for kind in kinds}


def _sentence(told: str) -> str:
    kind, action, who, name = told.split(_PART, 3)
    return sentences.plain(kind, action, who=sentences.who(who), name=name)


def _labels(values: dict[str, Any] | None) -> str:
    return ", ".join(row["label"] for row in fields.rows(values, None))


def _before(values: dict[str, Any] | None) -> str:
    return _told(fields.rows(values, None), "before")


def _after(values: dict[str, Any] | None) -> str:
    return _told(fields.rows(None, values), "after")


def _told(rows: list[dict[str, Any]], side: str) -> str:
    """Write fields and their values on one line."""
    texts = ((row["label"], row[side]) for row in rows)
    joined = ((name, ", ".join(one) if isinstance(one, list) else one) for name, one in texts)
    return "; ".join(f"{name}: {text}" for name, text in joined if text)


BY_PROJECT = replace(dimensions.by_project(AuditEntry.project_id), nothing=_l("The company"))
BY_PERSON = replace(
    dimensions.by_operator(AuditEntry.actor_id), label=_l("User"), nothing=_l("Somebody else")
)
BY_KIND = Dimension("kind", _l("Kind"), AuditEntry.kind, names=_kinds)

CHANGES = (
    Measure(
        "entries",
        _l("Changes"),
        _l("Recorded changes; one that touches several projects counts in each."),
        (ENTRIES,),
    ),
    Measure("created", _l("Created"), _l("Changes that made something new."), (CREATED,)),
    Measure("deleted", _l("Deleted"), _l("Changes that removed something."), (DELETED,)),
)
LEAVING = (
    Measure("exports", _l("Exports"), _l("Files that were downloaded."), (EXPORTS,)),
    Measure("views", _l("Revealed numbers"), _l("Masked numbers that were uncovered."), (VIEWS,)),
    Measure(
        "rows",
        _l("Rows"),
        _l("Rows of these files, where they were counted, and one for each revealed number."),
        (ROWS,),
    ),
    Measure(
        "largest",
        _l("Largest export"),
        _l("The most rows that one of these files had."),
        (LARGEST,),
    ),
)

_SEEN = (
    Column("time", _l("Time"), AuditEntry.at, "moment"),
    Column("who", _l("Who"), AuditEntry.actor_name, "person", text=sentences.who),
    Column(
        "what",
        _l("What happened"),
        AuditEntry.kind + _PART + AuditEntry.action + _PART + AuditEntry.actor_name + _PART
        + AuditEntry.object_name,
        text=_sentence,
    ),
    Column("project", _l("Project"), dimensions.name_of(Project, AuditEntry.project_id)),
)  # fmt: skip
_FILTERS = (
    dimensions.of_projects(AuditEntry.project_id),
    dimensions.of_groups(AuditEntry.actor_id),
    replace(dimensions.of_operators(AuditEntry.actor_id), label=_l("User")),
)
CHANGE_LOG = Fact(
    name="changes",
    model=AuditEntry,
    at=AuditEntry.at,
    columns=(
        *_SEEN,
        Column("kind", _l("Kind"), AuditEntry.kind, text=fields.kind_label),
        Column("object", _l("Object"), AuditEntry.object_name),
        Column(
            "fields", _l("Fields"), func.coalesce(AuditEntry.after, AuditEntry.before), text=_labels
        ),
        Column("before", _l("Before"), AuditEntry.before, text=_before),
        Column("after", _l("After"), AuditEntry.after, text=_after),
    ),
    filters=_FILTERS,
    source=_l("Nothing was changed: every change that somebody makes is recorded by itself."),
    where=(AuditEntry.action.not_in(_NO_CHANGES),),
)
DATA = Fact(
    name="exports",
    model=AuditEntry,
    at=AuditEntry.at,
    columns=(
        *_SEEN,
        Column("object", _l("Object"), AuditEntry.object_name),
        Column("rows", _l("Rows"), _ROWS, "count"),
        Column("address", _l("Address"), AuditEntry.address),
    ),
    filters=_FILTERS,
    source=_l("Nobody exported or revealed anything: each time is recorded by itself."),
    where=(AuditEntry.action.in_(WHAT["exports"]),),
)
