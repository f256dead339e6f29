"""The link that ends a subscription: signed, so that it needs neither a sign-in nor a row."""

from __future__ import annotations

import uuid

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from portal.extensions import db
from portal.reports.kept.models import ReportSubscription
from portal.wall.scope import unscoped


def token_of(one: ReportSubscription) -> str:
    return str(_signer().dumps([one.company_id, one.id.hex]))


def subscription(token: str) -> ReportSubscription | None:
    """Return what a link is about; ``None`` for what ended, and for what never was a link."""
    try:
        company_id, key = _signer().loads(token[:500])
    except BadSignature:
        return None
    with unscoped("who ends a subscription by its link is not signed in"):
        return db.session.get(ReportSubscription, (company_id, uuid.UUID(key)))


def end(one: ReportSubscription) -> None:
    with unscoped("who ends a subscription by its link is not signed in"):
        db.session.delete(one)
        db.session.flush()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="end of a subscription")
