"""Trying passwords and codes: counted first, checked then, and the same for unknown people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _

from portal.accounts import events, passwords, queries, second_factor, throttle
from portal.audit import trail
from portal.database import name_key
from portal.errors import RefusedError
from portal.extensions import db
from portal.members.models import User
from portal.wall.scope import Scope


def check_password(email: str, password: str, *, address: str) -> Sequence[Any]:
    """Return the people whose address and password these are, one for each of their companies.

    Nothing is held in the database while the passwords are checked, which takes long on purpose.
    """
    key = name_key(email)
    account, client = throttle.for_account(key), throttle.for_client(address)
    try:
        throttle.take(account, client)
    except throttle.ThrottledError as error:
        if error.just_now(account):
            _keep("locked", email, address)
        raise
    known = queries.candidates(key)
    db.session.commit()
    people = passwords.matching(known, password)
    if not people:
        _keep("refused", email, address)
        raise RefusedError(_("The e-mail or the password is wrong."))
    throttle.forgive(account)
    throttle.give_back(client)
    return people


def _keep(what: str, email: str, address: str) -> None:
    """Note a refused attempt and commit: its answer is a refusal, which undoes the rest."""
    events.note(what, email, client=address)
    db.session.commit()


def check_own_password(user: User, password: str, field: str, address: str) -> None:
    """Check the password that a signed-in person gives in ``field`` to confirm something."""
    account, client = throttle.for_account(user.email_key), throttle.for_client(address)
    throttle.take(account, client)
    if not passwords.matching([user], password):
        _keep("refused", user.email, address)
        raise RefusedError(_("The password is wrong."), field)
    throttle.forgive(account)
    throttle.give_back(client)


def asks_for_code(person: Any) -> bool:
    return person.totp_secret is not None


def check_code(user: User, code: str) -> None:
    """Check the second factor of a person whose password was right; act as them from then on."""
    scope, name = Scope(user.company_id, user.id), user.name
    account = throttle.for_code(user.company_id, user.id)
    throttle.take(account)
    g.scope = scope
    if not second_factor.accepts(user, code):
        trail.record(
            "code_refused", kind="user", object_id=scope.user_id, object_name=name, refused=True
        )
        raise RefusedError(_("This code is wrong or was used already."), "code")
    throttle.forgive(account)


def count_mail(email: str, *, address: str) -> None:
    """Count a mail that somebody asks for: nobody's mailbox is flooded from here."""
    throttle.take(throttle.for_mails(name_key(email)), throttle.for_client(address))
