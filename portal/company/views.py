"""Company → Settings, and the change of the security type."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.company import forms, operations, queries
from portal.company.models import Security
from portal.errors import ConflictError, RefusedError

bp = Blueprint("company", __name__, url_prefix="/settings")


@bp.route("", methods=["GET", "POST"])
@guard(Permission.COMPANY_SETTINGS)
def settings() -> Any:
    form = forms.SettingsForm(obj=g.identity.company)
    form.offer()
    conflict = False
    if form.validate_on_submit():
        try:
            operations.edit_settings(form.values(), version=form.version.data, actor=g.actor)
            return htmx.see_other(url_for(".settings"), toast=_("The settings are saved."))
        except ConflictError:
            conflict = True
        except RefusedError as error:
            form.refuse(error)
    return htmx.render(
        "company/settings.html",
        status=409 if conflict else 0,
        form=form,
        company=g.identity.company,
        conflict=conflict,
    )


@bp.route("/security", methods=["GET", "POST"])
@guard(Permission.COMPANY_SETTINGS)
def security() -> Any:
    """What the change of the security type will do, in numbers, and the change itself."""
    form = forms.SecurityForm()
    status = 0
    if form.validate_on_submit():
        try:
            to = Security(form.to.data)
            operations.change_security(to, typed=form.typed.data, actor=g.actor)
            return htmx.see_other(url_for(".settings"), toast=_changed(to))
        except ConflictError as error:
            form.refuse(error)
            status = 409
        except RefusedError as error:
            form.refuse(error)
    company = g.identity.company
    allowed = not company.walled or can(Permission.SEE_EVERYTHING)
    return htmx.render(
        "company/security.html",
        status=status,
        form=form,
        company=company,
        allowed=allowed,
        preview=_preview(company.walled) if allowed else None,
    )


def _preview(walled: bool) -> Any:
    return queries.preview_simple() if walled else queries.preview_enhanced()


def _changed(to: Security) -> str:
    if to is Security.ENHANCED:
        return _("The walls are up: each person sees their own projects.")
    return _("The walls are down: everybody sees everything.")
