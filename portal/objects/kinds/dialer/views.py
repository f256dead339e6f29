"""Starting, pausing and stopping a dialer."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.errors import RefusedError
from portal.objects.kinds.dialer import KIND, Dialer, running
from portal.objects.views import bp, refused


@bp.post("/dialers/<uuid:dialer_id>/state")
@guard(Permission.VIEW_OBJECTS, Permission.MANAGE_OBJECTS, dialer=Dialer)
def change_state(dialer: Dialer) -> Any:
    state = request.form.get("state", "")
    if state not in _SAID:
        abort(400)
    try:
        running.put(dialer, state, actor=g.actor)
    except RefusedError as error:
        return refused(KIND, dialer, error)
    url = url_for(".edit", kind=KIND, item_id=dialer.id)
    return htmx.see_other(url, toast=_SAID[state](dialer.name))


_SAID = {
    running.RUNNING: lambda name: _("%(name)s is running.", name=name),
    running.PAUSED: lambda name: _("%(name)s is paused.", name=name),
    running.STOPPED: lambda name: _("%(name)s is stopped.", name=name),
}
