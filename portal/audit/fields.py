"""What the fields and values of entries are called on screen."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.policy import TEMPLATE_NAMES
from portal.audit.values import OWN
from portal.calls.log import numbers
from portal.config import LANGUAGES
from portal.crm import fields as own
from portal.extensions import db
from portal.filters import show_date, show_datetime, show_number
from portal.members.models import Role
from portal.members.rights import role_name
from portal.objects.kinds.contact_field import TYPES, ContactField
from portal.objects.kinds.dialer.models import MODES, STATES
from portal.objects.kinds.number_list import PURPOSES
from portal.objects.kinds.scenario.models import USES
from portal.objects.registry import KINDS

MOST_NAMES = 50

_LABELS: dict[str, LazyString] = {
    "name": _l("Name"),
    "description": _l("Description"),
    "notes": _l("Notes"),
    "active": _l("Active"),
    "is_default": _l("Default project"),
    "archived_at": _l("Archived"),
    "users": _l("Users"),
    "groups": _l("Groups"),
    "permissions": _l("Permissions"),
    "template": _l("Template"),
    "role": _l("Role"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "extension": _l("Extension"),
    "language": _l("Language"),
    "timezone": _l("Time zone"),
    "service_s": _l("Service level: answered within (s)"),
    "short_abandon_s": _l("Short calls: left within (s)"),
    "target_service_level": _l("Target of the service level (%)"),
    "target_abandonment": _l("Target of abandonment (%)"),
    "target_aht_s": _l("Target of AHT (s)"),
    "target_occupancy": _l("Target of occupancy (%)"),
    "security": _l("Security type"),
    "password_hash": _l("Password"),
    "totp_secret": _l("Second factor"),
    "project": _l("Project"),
    "source": _l("Call source"),
    "kind": _l("Kind"),
    "raw": _l("Name in the source"),
    "queue": _l("Queue"),
    "dialer": _l("Dialer"),
    "user": _l("User"),
    "ignored": _l("Ignored"),
    "filter": _l("Filter"),
    "format": _l("Format"),
    "visits": _l("Calls"),
    "rows": _l("Rows"),
    "rows_new": _l("Added"),
    "rows_changed": _l("Changed"),
    "rows_same": _l("There already"),
    "rows_refused": _l("Refused"),
    "address": _l("Address"),
    "people": _l("Users"),
    "objects": _l("Objects"),
    "files": _l("Files"),
    "lines_read": _l("Lines read"),
    "lines_malformed": _l("Lines with faults"),
    "calls_new": _l("New calls"),
    "calls_changed": _l("Changed calls"),
    "history": _l("History"),
    "reverts": _l("Reverts the change of"),
    "permission": _l("Permission"),
    "contact": _l("Contact"),
    "contacts": _l("Contacts"),
    "status": _l("Status"),
    "owner": _l("Owner"),
    "due": _l("Due"),
    "call": _l("Call"),
    "state": _l("State"),
    "case": _l("Case"),
    "version": _l("Version"),
    "type": _l("Type"),
    "choices": _l("Choices"),
    "pattern": _l("Pattern"),
    "rule_pattern": _l("Names"),
    "valid_from": _l("Valid from"),
    "valid_until": _l("Valid until"),
    "required": _l("Required"),
    "show_in_list": _l("Show in lists"),
    "hidden_from": _l("Hidden from"),
    "read_only_for": _l("Read only for"),
    "penalty": _l("Penalty"),
    "number": _l("Number"),
    "system": _l("Telephone system"),
    "paths": _l("Files and folders to follow"),
    "database_secret": _l("Database to read"),
    "overlap_s": _l("Look back, in seconds"),
    "keep_days": _l("Keep raw lines, in days"),
    "token_hash": _l("Token"),
    "token_end": _l("End of the token"),
    "looked_at": _l("Last looked at"),
    "last_data_at": _l("Last data"),
    "error": _l("Disturbance"),
    "error_since": _l("Disturbed since"),
}

_KIND_LABELS: dict[str, LazyString] = {
    "company": _l("Company"),
    "project": _l("Project"),
    "user": _l("User"),
    "group": _l("Group"),
    "role": _l("Role"),
    "call_source": _l("Call source"),
    "call_layout": _l("Layout of a call source"),
    "identity": _l("Name in a source"),
    "call_rule": _l("Rule of a source"),
    "import": _l("Import"),
    "import_refusal": _l("Refused rows"),
    "visit": _l("Calls"),
    "contact": _l("Contact"),
    "case": _l("Case"),
    "filling": _l("Filled-in form"),
    "activity": _l("Activity"),
    "page": _l("Page"),
}

STATUSES = {
    "new": _l("New"),
    "in_progress": _l("In progress"),
    "waiting": _l("Waiting"),
    "done": _l("Done"),
}

_CHOICES: dict[str, dict[str, Any]] = {
    "status": STATUSES,
    "type": TYPES,
    "mode": MODES,
    "state": STATES,
    "purpose": PURPOSES,
    "used_for": USES,
    "security": {"simple": _l("Simple"), "enhanced": _l("Enhanced")},
    "template": TEMPLATE_NAMES,
    "language": LANGUAGES,
    "permissions": {one.value: one.label for one in Permission},
    "permission": {one.value: one.label for one in Permission},
    "history": {"stays": _l("stays with the old project"), "moves": _l("moves along")},
    "kind": {
        "queue": _l("Queue"),
        "agent": _l("Operator"),
        "did": _l("Number that was called"),
        "trunk": _l("Trunk"),
        "account": _l("Account code"),
        "context": _l("Context"),
    },
}


_OF_ROLES = ("hidden_from", "read_only_for")


def _role_names(ids: list[str]) -> list[str]:
    names = {str(role.id): str(role_name(role)) for role in db.session.scalars(select(Role))}
    return [names[one] for one in ids if one in names]


def _own_id(field: str) -> str:
    return field.split(":", 2)[1]


def _own_fields() -> dict[str, ContactField]:
    """Return the fields of projects that the viewer sees: values of others are not told."""
    if "own_fields" not in g:
        g.own_fields = {str(field.id): field for field in own.seen()}
    return g.own_fields


def is_labelled(field: str) -> bool:
    return field in _LABELS or field in _tables() or field in _settings()


def _tables() -> dict[str, LazyString]:
    """Return the kinds of objects by the name under which a project has them as members."""
    return {kind.model.__tablename__: kind.plural for kind in KINDS.values()}


@cache
def _settings() -> dict[str, LazyString]:
    """Return the labels of the settings of all kinds, by column and by what it refers to."""
    labels: dict[str, LazyString] = {}
    for kind in KINDS.values():
        for names in kind.settings.sections.values():
            for name in names:
                text = getattr(kind.settings, name).args[0]
                labels |= {name: text, name.removesuffix("_id"): text}
    return labels


def label(field: str) -> str:
    if field.startswith(OWN):
        return field.split(":", 2)[2]
    known = _LABELS.get(field) or _tables().get(field) or _settings().get(field)
    return str(known) if known is not None else field.replace("_", " ").capitalize()


def kind_label(kind: str) -> str:
    known = _KIND_LABELS.get(kind) or next(
        (one.label for one in KINDS.values() if one.name == kind), None
    )
    return str(known) if known is not None else kind.replace("_", " ").capitalize()


def shown(field: str, value: Any) -> Any:
    """Return a value as it is shown: a text, a list of texts, or None."""
    if field.startswith(OWN) and isinstance(value, str):
        return own.shown(_own_fields()[_own_id(field)], value)
    if field == "phone" and isinstance(value, str):
        return numbers.shown(value)
    if field == "rule_pattern" and isinstance(value, str):
        return numbers.pattern_shown(value)
    match value:
        case None:
            return None
        case bool():
            return _("Yes") if value else _("No")
        case int() | float():
            return show_number(value)
        case list():
            if field in _OF_ROLES:
                value = _role_names(value)
            texts = [str(_CHOICES.get(field, {}).get(one, one)) for one in value[:MOST_NAMES]]
            more = len(value) - len(texts)
            if more:
                texts.append(
                    ngettext("%(more)s more", "%(more)s more", more, more=show_number(more))
                )
            return texts
        case {"at": moment}:
            return show_datetime(dt.datetime.fromisoformat(moment))
        case {"day": day}:
            return show_date(dt.date.fromisoformat(day))
        case {"secret": True}:
            return _("hidden")
        case dict():
            return ", ".join(f"{label(name)}: {shown(name, one)}" for name, one in value.items())
    return str(_CHOICES.get(field, {}).get(value, value))


def rows(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the rows of the table of what changed: label, before, after."""
    old, new = before or {}, after or {}
    order = {field: place for place, field in enumerate(_LABELS)}
    told_of = [
        one for one in {*old, *new} if not one.startswith(OWN) or _own_id(one) in _own_fields()
    ]
    found = sorted(told_of, key=lambda field: (order.get(field, len(order)), field))
    told = []
    for field in found:
        row = {
            "label": label(field),
            "before": shown(field, old.get(field)),
            "after": shown(field, new.get(field)),
        }
        if old.get(field) == new.get(field):  # a secret: that it is another one is all there is
            row["after"] = _("changed")
        told.append(row)
    return told
