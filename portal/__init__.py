"""Bulkhead: a portal for call centres that serve several clients, with walls between them.

Read :func:`create_app` first: configure, bind, register, check.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, g
from jinja2 import StrictUndefined
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from portal import (
    charts,
    cli,
    connections,
    errors,
    filters,
    headers,
    htmx,
    languages,
    navigation,
    options,
    sealing,
)
from portal.access import guard
from portal.access.identity import can
from portal.access.permissions import Permission
from portal.accounts import afterwards, browser
from portal.audit import trail
from portal.calls.receiving import gate
from portal.config import LANGUAGES, configure
from portal.extensions import babel, csrf, db, login_manager, migrate
from portal.jobs import claims, registry


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the portal. ``config`` overrides what the environment says."""
    app = Flask(__name__)
    configure(app, config)
    sealing.check(app)
    _bind(app)
    _register(app)
    guard.check(app)
    return app


def _bind(app: Flask) -> None:
    """Bind the extensions, and the wall to every database connection."""
    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)
    login_manager.init_app(app)
    login_manager.request_loader(browser.current_person)
    login_manager.unauthorized_handler(browser.ask_to_sign_in)
    afterwards.install(app)
    trail.install()
    claims.install()
    babel.init_app(app, locale_selector=languages.language)
    with app.app_context():
        connections.prepare(db.engine)


def _register(app: Flask) -> None:
    """Register what answers requests: in this order before, and in reverse after, each of them."""
    headers.register(app)
    errors.register(app)
    filters.register(app)
    app.jinja_env.filters.update(charts.FILTERS | options.FILTERS)
    cli.register(app)
    app.after_request(htmx.vary)
    app.before_request(_begin)
    app.after_request(_end)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
    registry.find()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    languages.register(app)
    app.jinja_env.globals.update(can=can, Permission=Permission, languages=LANGUAGES)
    app.context_processor(lambda: {"sections": navigation.sections()})
    gate.register(app)


def _blueprints() -> list[Any]:
    """Import the views last: they stand on everything else."""
    from portal.accounts import views as accounts
    from portal.audit import views as activity
    from portal.calls.intake import views as sources
    from portal.calls.log import views as calls
    from portal.calls.receiving import views as receiving
    from portal.company import views as company
    from portal.crm.cases import views as cases
    from portal.crm.contacts import views as contacts
    from portal.crm.fillings import views as fillings
    from portal.imports import views as imports
    from portal.jobs import views as jobs
    from portal.members import views as members
    from portal.objects import views as objects
    from portal.objects.base import views as base
    from portal.objects.kinds.scenario import views as scenarios
    from portal.objects.numbers import views as numbers
    from portal.objects.questionnaire import views as questionnaire
    from portal.objects.queues import views as queues
    from portal.objects.versions import views as versions
    from portal.projects import views as projects
    from portal.reports import views as reports
    from portal.reports.exporting import views as exporting
    from portal.reports.kept import views as kept
    from portal.reports.today import views as today

    return [
        accounts.bp,
        activity.bp,
        calls.bp,
        cases.bp,
        company.bp,
        contacts.bp,
        fillings.bp,
        imports.bp,
        jobs.bp,
        members.users,
        members.groups,
        members.roles,
        numbers.bp,
        base.bp,
        queues.bp,
        objects.bp,
        questionnaire.bp,
        projects.bp,
        receiving.bp,
        reports.bp,
        exporting.bp,
        kept.bp,
        sources.bp,
        today.bp,
        scenarios.bp,
        versions.bp,
    ]


def _begin() -> None:
    g.request_id = uuid.uuid4().hex[:12]
    browser.recognise()


def _end(response: Response) -> Response:
    """One request is one transaction: kept when a change succeeded, else undone."""
    try:
        if _succeeded(response) and connections.writing():
            db.session.commit()
        else:
            db.session.rollback()
        trail.write_apart()  # exports, reveals and refused attempts
    except OperationalError as error:
        return current_app.make_response(errors.not_ready(error))
    except Exception:
        db.session.rollback()  # the page that says so reads the database
        raise
    return response


def _succeeded(response: Response) -> bool:
    return response.status_code < 400
