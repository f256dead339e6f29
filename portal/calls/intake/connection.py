"""The page on which a source is connected: what is followed, what may be sent, how it is going."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.access.permissions import Permission
from portal.calls.evidence import CallSource
from portal.calls.intake import forms, operations, queries, words
from portal.calls.intake.mapping import unmapped
from portal.calls.receiving import gate
from portal.calls.receiving.operations import make_token, revoke_token
from portal.errors import ConflictError, RefusedError


def register(bp: Blueprint) -> None:
    own = "/<uuid:source_id>/connection"
    bp.add_url_rule(own, "connection", connection, methods=["GET", "POST"])
    bp.add_url_rule(f"{own}/token", "token", token, methods=["POST"])
    bp.add_url_rule(f"{own}/token/revoke", "revoke", revoke, methods=["POST"])


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def connection(source: CallSource) -> Any:
    form = forms.ConnectionForm(obj=source)
    if form.validate_on_submit():
        try:
            operations.connect(source, form.values(), version=form.version.data, actor=g.actor)
            toast = _("%(name)s saved.", name=source.name)
            return htmx.see_other(url_for(".connection", source_id=source.id), toast=toast)
        except ConflictError as error:
            return _page(source, form, status=409, theirs=error.theirs)
        except RefusedError as error:
            form.refuse(error)
    return _page(source, form)


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def token(source: CallSource) -> Any:
    """Make a token, which this answer shows and no other; the one before is void."""
    made = make_token(source, actor=g.actor)
    return _page(source, forms.ConnectionForm(formdata=None, obj=source), token=made)


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def revoke(source: CallSource) -> Any:
    revoke_token(source, actor=g.actor)
    toast = _("Nothing can be sent to %(name)s any more.", name=source.name)
    return htmx.see_other(url_for(".connection", source_id=source.id), toast=toast)


def _page(
    source: CallSource,
    form: forms.ConnectionForm,
    *,
    status: int = 0,
    token: str = "",
    theirs: Any = None,
) -> Any:
    if not form.errors:
        form.show()
    return htmx.render(
        "sources/connection.html",
        status=status,
        source=source,
        form=form,
        token=token,
        theirs=theirs,
        intake=f"{current_app.config['BASE_URL'].rstrip('/')}{gate.PATH}",
        roots=current_app.config["FOLLOW_ROOTS"] or (),
        unmapped=unmapped(source.id),
        waiting=queries.deliveries_waiting(source),
        words=words,
    )
