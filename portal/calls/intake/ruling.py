"""The page on which many names of a source get their meaning at once: its rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal import htmx
from portal.access.guard import guard, require
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.calls.evidence import CallRule, CallSource
from portal.calls.intake import mapping, rules, words
from portal.calls.intake import names as names_of
from portal.calls.intake.rule_form import RuleForm
from portal.calls.restamping import Ahead
from portal.errors import ConflictError, RefusedError
from portal.jobs.models import Job


def register(bp: Blueprint) -> None:
    both = ["GET", "POST"]
    bp.add_url_rule("/<uuid:source_id>/rules", "rules", index)
    bp.add_url_rule("/<uuid:source_id>/rules/new", "create_rule", create, methods=both)
    bp.add_url_rule("/rules/<uuid:rule_id>/edit", "edit_rule", edit, methods=both)
    bp.add_url_rule("/rules/<uuid:rule_id>/delete", "delete_rule", delete, methods=["POST"])


def kinds() -> tuple[str, ...]:
    """Return what rules can be about; a default project only where there are several."""
    may = {"source": g.identity.company.walled, "number": can(Permission.SEE_NUMBERS)}
    return tuple(kind for kind in words.RULED if may.get(kind, True))


def _require(kind: str) -> None:
    """Refuse who may not see numbers: by rules of numbers, calls to them could be counted."""
    if kind == "number":
        require(Permission.SEE_NUMBERS)


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def index(source: CallSource) -> Any:
    return htmx.render("sources/rules.html", **_list(source, _kind()))


@guard(Permission.IMPORT_CALLS, sees_all=True, source=CallSource)
def create(source: CallSource) -> Any:
    kind = _kind()
    form = RuleForm()
    form.offer(kind, names_of.choices(kind, walled=g.identity.company.walled), None)
    if not form.validate_on_submit():
        return _form(form, source, kind, None)
    try:
        if "preview" in request.form:
            moves = rules.try_create(source, kind, form.settings())
            return _form(form, source, kind, None, moves=moves)
        return _saved(source, kind, rules.create(source, kind, form.settings(), actor=g.actor))
    except RefusedError as error:
        form.refuse(error)
        return _form(form, source, kind, None)


@guard(Permission.IMPORT_CALLS, sees_all=True, rule=CallRule)
def edit(rule: CallRule) -> Any:
    source, kind = rule.source, rule.kind
    _require(kind)
    form = RuleForm(obj=rule)
    form.offer(kind, names_of.choices(kind, walled=g.identity.company.walled), rule)
    if not form.validate_on_submit():
        return _form(form, source, kind, rule)
    settings, version = form.settings(), form.version.data or 0
    try:
        if "preview" in request.form:
            moves = rules.try_change(rule, settings, version=version)
            return _form(form, source, kind, rule, moves=moves)
        return _saved(source, kind, rules.change(rule, settings, version=version, actor=g.actor))
    except ConflictError as error:
        return _form(form, source, kind, rule, status=409, theirs=error.theirs)
    except RefusedError as error:
        form.refuse(error)
        return _form(form, source, kind, rule)


@guard(Permission.IMPORT_CALLS, sees_all=True, rule=CallRule)
def delete(rule: CallRule) -> Any:
    source, kind = rule.source, rule.kind
    _require(kind)
    return _saved(source, kind, rules.remove(rule, actor=g.actor))


def _kind() -> str:
    kind = request.args.get("kind", "")
    _require(kind)
    return kind if kind in kinds() else "queue"


def _saved(source: CallSource, kind: str, job: Job | None) -> Response:
    again, toast = _("Saved. The calls are being assigned again."), _("Nothing was changed.")
    url = url_for(".rules", source_id=source.id, kind=kind, job=job.id if job else None)
    return htmx.see_other(url, toast=again if job else toast)


def _list(source: CallSource, kind: str) -> dict[str, Any]:
    return {
        "source": source,
        "kind": kind,
        "kinds": kinds(),
        "rules": rules.rules_of_kind(source, kind),
        "unmapped": mapping.unmapped(source.id),
        "job": mapping.job_of(source),
        "words": words,
        "label_of": names_of.label_of,
    }


def _form(
    form: RuleForm,
    source: CallSource,
    kind: str,
    rule: CallRule | None,
    *,
    status: int = 0,
    theirs: CallRule | None = None,
    moves: Ahead | None = None,
) -> Any:
    """Show the form in its drawer, over the list."""
    return htmx.render(
        "sources/rule.html",
        "sources/_rule.html",
        status=status,
        form=form,
        rule=rule,
        theirs=theirs,
        moves=moves,
        **(
            {"source": source, "kind": kind, "words": words, "label_of": names_of.label_of}
            if htmx.wants_fragment()
            else _list(source, kind)
        ),
    )
