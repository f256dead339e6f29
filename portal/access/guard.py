"""What a view needs, declared on the view: silence denies.

>>> @bp.get("/projects/<uuid:project_id>/edit")
... @guard(Permission.MANAGE_PROJECTS, project=Project)
... def edit(project): ...

The guard loads; the view receives objects, never ids. A row that the viewer may not see answers
404, byte for byte like one that never existed; a member without the permission gets 403.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Flask, abort, g, request

from portal.access.identity import can
from portal.access.permissions import Permission
from portal.audit import trail
from portal.connections import writing
from portal.database import CompanyScoped
from portal.extensions import db, login_manager

View = Callable[..., Any]


@dataclass(frozen=True)
class Access:
    """What a view declared: for the start-up check and the access map."""

    public: bool = False
    permissions: tuple[Permission, ...] = ()
    any_of: tuple[Permission, ...] = ()
    walled: bool = False
    sees_all: bool = False

    def __str__(self) -> str:
        if self.public:
            return "public"
        parts = [*self.permissions, *(["|".join(self.any_of)] if self.any_of else [])]
        parts += ["sees-all"] if self.sees_all else []
        return "+".join(parts) or "signed-in"


def guard(
    *permissions: Permission,
    any_of: tuple[Permission, ...] = (),
    walled: bool = False,
    sees_all: bool = False,
    **objects: type[CompanyScoped] | Callable[[dict[str, Any]], type[CompanyScoped]],
) -> Callable[[View], View]:
    """Let the view run for a signed-in person who holds ``permissions`` (and one of ``any_of``).

    ``objects``: name of the view's argument → model (or a function of the other arguments that
    tells it), loaded by the route's ``<uuid:name_id>``.
    ``walled``: the page exists only while the company has the enhanced security type.
    ``sees_all``: only for who sees every project, by permission or in a company of simple type.
    """

    def declare(view: View) -> View:
        @functools.wraps(view)
        def guarded(**arguments: Any) -> Any:
            if g.get("identity") is None:
                return login_manager.unauthorized()
            if walled and not g.identity.company.walled:
                abort(404)
            for name, model in objects.items():
                identifier = arguments.pop(f"{name}_id")
                found = model if isinstance(model, type) else model(arguments)
                arguments[name] = load(found, identifier)
            if not _allowed(permissions, any_of) or (sees_all and not g.scope.sees_all):
                _refuse()
            return view(**arguments)

        guarded.access = Access(  # type: ignore[attr-defined]  # read by check()
            permissions=permissions, any_of=any_of, walled=walled, sees_all=sees_all
        )
        return guarded

    return declare


def public(view: View) -> View:
    """Declare that a view is for everybody, signed in or not."""
    view.access = Access(public=True)  # type: ignore[attr-defined]  # read by check()
    return view


def load(model: type[CompanyScoped], identifier: Any) -> Any:
    """Return the row that the viewer may see; else answer 404.

    Rows of a ``private`` model are their person's alone, whoever sees everything.
    Who is about to change it keeps it until then: the version or state that is compared stays the
    last one.
    """
    held = hasattr(model, "version") or getattr(model, "one_at_a_time", False)
    lock: Any = {"of": model, "key_share": True} if writing() and held else None
    key = (g.identity.company.id, identifier)
    waiting = lock is not None
    row: Any = db.session.get(model, key, with_for_update=lock, populate_existing=waiting)
    if row is None or (getattr(model, "private", False) and row.person_id != g.identity.user.id):
        abort(404)
    return row


def require(permission: Permission) -> None:
    """Answer 403 unless the person holds ``permission``: for needs that depend on the input."""
    if not can(permission):
        _refuse()


def _refuse() -> NoReturn:
    """Answer 403; the attempt is kept in the trail, the rest of the request is undone."""
    trail.record("refused", kind="page", object_name=request.path, refused=True)
    abort(403)


def _allowed(permissions: tuple[Permission, ...], any_of: tuple[Permission, ...]) -> bool:
    return all(map(can, permissions)) and (not any_of or any(map(can, any_of)))


def access_of(app: Flask, endpoint: str) -> Access | None:
    return getattr(app.view_functions[endpoint], "access", None)


def check(app: Flask) -> None:
    """Refuse to start an app in which a view says nothing about access."""
    silent = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and access_of(app, rule.endpoint) is None
    )
    if silent:
        raise RuntimeError(f"these views declare no access: {', '.join(silent)}")
