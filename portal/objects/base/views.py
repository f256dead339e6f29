"""The page of a dialer's numbers: how far it is with them, and each of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask_babel import lazy_gettext as _l

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.objects.base import queries
from portal.objects.kinds.dialer import Dialer

bp = Blueprint("base", __name__, url_prefix="/objects/dialers/<uuid:dialer_id>/numbers")
STATES = {
    "waiting": (_l("Waiting"), "quiet"),
    "reached": (_l("Reached"), "ok"),
    "done": (_l("Done"), "info"),
    "wrong": (_l("Wrong"), "bad"),
    "excluded": (_l("Excluded"), "warn"),
}
PROGRESS = {
    "total": _l("Total"),
    **{state: label for state, (label, _look) in STATES.items()},
    "duplicate": _l("Duplicates"),
}


@bp.get("")
@guard(Permission.VIEW_OBJECTS, Permission.SEE_NUMBERS, dialer=Dialer)
def index(dialer: Dialer) -> Any:
    filters = _filters()
    after = request.args.get("after", "").replace("\0", "")[:20]
    found = queries.numbers(dialer, filters, after)
    shown, more = found[: queries.PAGE], len(found) > queries.PAGE
    return htmx.render(
        "base/index.html",
        "base/_rows.html" if after else "base/_list.html",
        dialer=dialer,
        filters=filters,
        numbers=shown,
        next_key=shown[-1].number if more else None,
        total=queries.total(dialer, filters),
        progress=queries.progress(dialer),
        labels=PROGRESS,
        states=STATES,
    )


def _filters() -> queries.Filters:
    """Read from the address what is listed; what is not known is left out."""
    state = request.args.get("state", "")
    return queries.Filters(
        text=request.args.get("q", "").replace("\0", "").strip()[:100],
        state=state if state in STATES else "",
    )
