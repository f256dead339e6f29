"""Stars, saved filters and subscriptions: drawers over the home of reports, and a link's page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from portal import htmx
from portal.access.guard import guard, public, require
from portal.access.permissions import Permission
from portal.accounts import browser
from portal.errors import RefusedError
from portal.forms import Form
from portal.periods import CUSTOM
from portal.reports.kept import addresses, links, operations
from portal.reports.kept.forms import SaveForm, SubscriptionForm
from portal.reports.kept.models import ReportSubscription, SavedReport
from portal.reports.kept.times import EVERY, PERIODS
from portal.reports.registry import REPORTS
from portal.reports.terms import Report
from portal.reports.views import asked_of, home

bp = Blueprint("kept", __name__, url_prefix="/reports")


@bp.post("/<report:report>/favourite")
@guard(Permission.VIEW_REPORTS)
def favour(report: Report) -> Any:
    for permission in report.permissions:
        require(permission)
    operations.favour(report, request.form.get("wanted") == "1", actor=g.actor)
    return htmx.see_other(browser.came_from() or url_for("reports.show", report=report))


@bp.route("/<report:report>/saved/new", methods=["GET", "POST"])
@guard(Permission.VIEW_REPORTS)
def save(report: Report) -> Any:
    """Keep the filters of the address under a name."""
    form, filter = SaveForm(), _filter(report)
    if form.validate_on_submit():
        try:
            operations.save(report, filter, form.name.data, actor=g.actor)
            toast = _("%(name)s is kept.", name=form.name.data)
            return htmx.see_other(_page_of(report, filter), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _drawer(form, report, filter, url_for(".save", report=report, **_values(filter)))


@bp.route("/saved/<uuid:saved_id>", methods=["GET", "POST"])
@guard(Permission.VIEW_REPORTS, saved=SavedReport)
def rename(saved: SavedReport) -> Any:
    report, form = _report_of(saved), SaveForm(obj=saved)
    if form.validate_on_submit():
        try:
            operations.rename(saved, form.name.data)
            toast = _("%(name)s saved.", name=saved.name)
            return htmx.see_other(_page_of(report, saved.filter), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    action = url_for(".rename", saved_id=saved.id)
    delete = url_for(".delete", saved_id=saved.id)
    return _drawer(form, report, saved.filter, action, delete)


@bp.post("/saved/<uuid:saved_id>/delete")
@guard(Permission.VIEW_REPORTS, saved=SavedReport)
def delete(saved: SavedReport) -> Any:
    report, name = _report_of(saved), saved.name
    operations.delete(saved)
    toast = _("%(name)s deleted.", name=name)
    return htmx.see_other(url_for("reports.show", report=report), toast=toast)


@bp.route("/<report:report>/subscriptions/new", methods=["GET", "POST"])
@guard(Permission.VIEW_REPORTS)
def subscribe(report: Report) -> Any:
    """Have the report mailed with the filters of the address."""
    form, filter = SubscriptionForm(), _filter(report)
    if request.method == "GET":
        shown = request.args.get("period") or report.default_period
        form.period.data = PERIODS["week"] if shown == CUSTOM else shown
    if form.validate_on_submit():
        try:
            operations.subscribe(report, **_wanted(form, filter), actor=g.actor)
            toast = _("It is mailed to %(email)s.", email=g.actor.email)
            return htmx.see_other(_page_of(report, filter), toast=toast)
        except RefusedError as error:
            form.refuse(error)
    return _drawer(form, report, filter, url_for(".subscribe", report=report, **_values(filter)))


@bp.route("/subscriptions/<uuid:subscription_id>", methods=["GET", "POST"])
@guard(Permission.VIEW_REPORTS, subscription=ReportSubscription)
def change(subscription: ReportSubscription) -> Any:
    report, form = _report_of(subscription), SubscriptionForm(obj=subscription)
    if request.method == "GET":
        form.period.data = addresses.parsed(subscription.filter).get(
            "period", report.default_period
        )
    if form.validate_on_submit():
        try:
            operations.reschedule(subscription, **_wanted(form, subscription.filter))
            return htmx.see_other(url_for("reports.index"), toast=_("Saved."))
        except RefusedError as error:
            form.refuse(error)
    action = url_for(".change", subscription_id=subscription.id)
    end = url_for(".end", subscription_id=subscription.id)
    return _drawer(form, report, subscription.filter, action, end)


@bp.post("/subscriptions/<uuid:subscription_id>/end")
@guard(Permission.VIEW_REPORTS, subscription=ReportSubscription)
def end(subscription: ReportSubscription) -> Any:
    _report_of(subscription)
    operations.delete(subscription)
    return htmx.see_other(url_for("reports.index"), toast=_("It is mailed no more."))


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
@public
def unsubscribe(token: str) -> Any:
    """End a subscription by the link of its mails; only the button does, programs open links."""
    one = links.subscription(token)
    report = REPORTS.get(one.report) if one is not None else None
    if one is None or report is None:
        return htmx.render("reports/kept/link_ended.html", status=404)
    if request.method != "POST":
        return htmx.render(
            "reports/kept/unsubscribe.html", report=report, every=EVERY[one.every], token=token
        )
    links.end(one)
    return htmx.render("reports/kept/unsubscribed.html", report=report)


def _filter(report: Report) -> str:
    """Return the filters of the address, which must be some that the viewer may use."""
    try:
        asked_of(report)
    except RefusedError:
        abort(404)
    return addresses.written(request.args)


def _report_of(row: SavedReport | ReportSubscription) -> Report:
    """Return the report that a row of one's own is about; it may be gone with a version."""
    if row.report not in REPORTS:
        abort(404)
    return REPORTS[row.report]


def _wanted(form: SubscriptionForm, filter: str) -> dict[str, Any]:
    period = addresses.written(addresses.parsed(filter), period=form.period.data)
    return {"filter": period, "every": form.every.data, "hour": form.hour.data}


def _values(filter: str) -> dict[str, Any]:
    return addresses.as_values(addresses.parsed(filter))


def _page_of(report: Report, filter: str) -> str:
    kept = addresses.read(report, filter)
    return url_for("reports.show", report=report, **addresses.as_values(kept.arguments))


def _drawer(form: Form, report: Report, filter: str, action: str, delete: str = "") -> Any:
    """Show a form in its drawer; asked for by its address alone it lies over the home."""
    return htmx.render(
        "reports/kept/form.html",
        "reports/kept/_form.html",
        form=form,
        report=report,
        home=_page_of(report, filter),
        action=action,
        delete=delete,
        mailed=isinstance(form, SubscriptionForm),
        **({} if htmx.wants_fragment() else home()),
    )
