"""Operators and numbers of a queue: a part of its form that is saved by itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, g, request, url_for

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.digits import whole
from portal.errors import RefusedError
from portal.objects.kinds.queue import Queue
from portal.objects.queues import operations, queries
from portal.objects.queues.models import MEMBERS

bp = Blueprint("queues", __name__, url_prefix="/objects/queues/<uuid:queue_id>/staff")


@bp.get("")
@guard(Permission.VIEW_OBJECTS, queue=Queue)
def staff(queue: Queue) -> Any:
    return _staff(queue)


@bp.post("")
@guard(Permission.MANAGE_OBJECTS, queue=Queue)
def put(queue: Queue) -> Any:
    """Add an operator or a group, or change the penalty of one."""
    what, member_id = _who()
    return _done(queue, lambda: operations.put(queue, what, member_id, _penalty(), actor=g.actor))


@bp.post("/remove")
@guard(Permission.MANAGE_OBJECTS, queue=Queue)
def take(queue: Queue) -> Any:
    what, member_id = _who()
    return _done(queue, lambda: operations.take(queue, what, member_id, actor=g.actor))


@bp.post("/numbers")
@guard(Permission.MANAGE_OBJECTS, queue=Queue)
def add_number(queue: Queue) -> Any:
    text = request.form.get("number", "").strip()
    return _done(queue, lambda: operations.add_number(queue, text, actor=g.actor))


@bp.post("/numbers/remove")
@guard(Permission.MANAGE_OBJECTS, queue=Queue)
def remove_number(queue: Queue) -> Any:
    number = request.form.get("number", "").replace("\0", "")
    return _done(queue, lambda: operations.remove_number(queue, number, actor=g.actor))


def _who() -> tuple[str, uuid.UUID]:
    """Read whom the form names; what is none is somebody who is not in the project."""
    what, _colon, text = request.form.get("who", "").partition(":")
    if what not in MEMBERS:
        return "user", uuid.UUID(int=0)
    try:
        return what, uuid.UUID(text)
    except ValueError:
        abort(404)


def _penalty() -> int:
    penalty = whole(request.form.get("penalty", "").strip() or "0", 5)
    return -1 if penalty is None else penalty


def _done(queue: Queue, change: Callable[[], None]) -> Any:
    """Make a change; htmx renews this part of the form, all others come to its own page."""
    try:
        change()
    except RefusedError as error:
        return _staff(queue, error, status=422)
    if htmx.wants_fragment():
        return _staff(queue)
    return htmx.see_other(url_for(".staff", queue_id=queue.id))


def _staff(queue: Queue, refusal: RefusedError | None = None, *, status: int = 200) -> Any:
    return htmx.render(
        "queues/staff.html",
        "queues/_staff.html",
        status=status,
        staff=queries.staff(queue),
        refusal=refusal,
    )
