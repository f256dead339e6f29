"""What the activity is restricted to: read from the address."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import MultiDict

from portal.errors import RefusedError
from portal.periods import Period, period_from

MOST_VALUES = 500
MOST_TEXT = 200

# Actions that are no changes; whatever is not named here is one.
WHAT: dict[str, tuple[str, ...]] = {
    "exports": ("exported", "mailed", "revealed"),
    "sign_ins": ("signed_in", "signed_out", "signed_out_elsewhere"),
    "refused": ("sign_in_refused", "sign_in_locked", "code_refused", "refused"),
}
WHAT_LABELS: dict[str, LazyString] = {
    "changes": _l("Changes"),
    "exports": _l("Exports"),
    "sign_ins": _l("Sign-ins"),
    "refused": _l("Refused attempts"),
}


@dataclass(frozen=True)
class Filters:
    """Filters of the activity. An empty tuple or text restricts nothing."""

    period: Period
    text: str = ""
    person_ids: tuple[uuid.UUID, ...] = ()
    project_ids: tuple[uuid.UUID, ...] = ()
    kinds: tuple[str, ...] = ()
    what: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.person_ids or self.project_ids or self.kinds or self.what)


def what_of(action: str) -> str:
    return next((what for what, actions in WHAT.items() if action in actions), "changes")


def read(arguments: MultiDict[str, str], *, timezone: str) -> Filters:
    """Return the filters that an address names; raise RefusedError where it makes no sense."""
    what = _values(arguments, "what")
    if not set(what) <= set(WHAT_LABELS):
        raise RefusedError(_("This filter is not understood."), field="what")
    return Filters(
        period=period_from(arguments, timezone),
        text=_text(arguments.get("q", "")),
        person_ids=_ids(arguments, "person"),
        project_ids=_ids(arguments, "project"),
        kinds=tuple(kind[:40].replace("\0", "") for kind in _values(arguments, "kind")),
        what=what,
    )


def told(arguments: MultiDict[str, str]) -> str:
    """Return filters as an export's entry keeps them: an entry names no project but its own."""
    kept = [
        f"{name}={value}"
        for name, value in arguments.items(multi=True)
        if value and name not in ("project", "before", "on")
    ]
    return " ".join(kept)[:2000]


def _text(text: str) -> str:
    text = text.replace("\0", "").strip()
    if len(text) > MOST_TEXT:
        raise RefusedError(_("At most %(max)d characters.", max=MOST_TEXT), field="q")
    return text


def _values(arguments: MultiDict[str, str], name: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(value for value in arguments.getlist(name) if value))
    if len(values) > MOST_VALUES:
        raise RefusedError(_("Too many values are chosen at once."), field=name)
    return values


def _ids(arguments: MultiDict[str, str], name: str) -> tuple[uuid.UUID, ...]:
    try:
        return tuple(uuid.UUID(value) for value in _values(arguments, name))
    except ValueError:
        raise RefusedError(_("This filter is not understood."), field=name) from None


def without(arguments: MultiDict[str, str], *names: str, **values: Any) -> dict[str, Any]:
    """Return the arguments of an address like this one, without some filters or with others."""
    kept = {
        name: several
        for name, several in arguments.to_dict(flat=False).items()
        if name not in names and name not in ("before", "on")
    }
    return {**kept, **values}
