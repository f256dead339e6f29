"""Signing people in without the sign-in page: a session's row and its cookie."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts import browser, operations
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import Scope, entered, unscoped


def sign_in(app: Flask, client: FlaskClient, email: str, company_id: int | None = None) -> None:
    """Give ``client`` a session of the person with this address (in one of several companies)."""
    with app.app_context():
        with unscoped("a test names a person"):
            wanted = select(User).where(User.email == email)
            if company_id is not None:
                wanted = wanted.where(User.company_id == company_id)
            person = db.session.scalars(wanted).one()
        with entered(Scope(person.company_id, person.id)):
            token = operations.start_session(person, address="127.0.0.1", device="a test")
            db.session.commit()
        client.set_cookie(browser.cookie_name(), token)
