"""Keys of stored secrets: the newest seals, all open, and nothing is lost when they change."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from portal import create_app, sealing
from portal.audit.models import AuditEntry
from portal.calls.evidence import CallSource
from portal.calls.operations import create_source
from portal.extensions import db
from portal.members.models import User
from portal.objects.kinds.sip_provider import SipProvider
from tests.factories import building, company, make_object, project


def stored(app, of):
    """Return the secrets as they can be opened now, with how many entries the trail has."""
    with building(app, of=of):
        factor = db.session.scalars(select(User.totp_secret).where(User.id == of.id)).one()
        secret = db.session.scalars(select(SipProvider.secret)).one()
        entries = len(db.session.scalars(select(AuditEntry.id)).all())
        return sealing.opened(factor), sealing.opened(secret), entries


def test_a_key_is_changed_without_losing_anything(app, monkeypatch):
    with building(app):
        admin = company()
        admin.totp_secret = sealing.sealed("JBSWY3DP")
        make_object("sip-providers", "Łódź", project("Ours"), secret=sealing.sealed("Żółć"))
    before = stored(app, admin)
    assert before[:2] == ("JBSWY3DP", "Żółć")
    old, new = (Fernet.generate_key().decode() for _number in range(2))
    for keys in ([old], [new, old]):
        monkeypatch.setitem(app.config, "SEALING_KEYS", keys)
        assert stored(app, admin) == before
        result = app.test_cli_runner().invoke(args=["portal", "reseal"])
        assert result.exception is None, result.exception
        assert result.output == "2 secrets are sealed with the newest key\n"
    monkeypatch.setitem(app.config, "SEALING_KEYS", [new])
    assert stored(app, admin) == before
    monkeypatch.setitem(app.config, "SEALING_KEYS", [old])
    with pytest.raises(InvalidToken):
        stored(app, admin)


def test_the_database_of_a_source_is_read_after_a_change_of_keys(app, monkeypatch):
    address = "mysql://reader:Żółć@pbx/asteriskcdrdb"
    old, new = (Fernet.generate_key().decode() for _number in range(2))
    monkeypatch.setitem(app.config, "SEALING_KEYS", [old])
    with building(app):
        admin = company()
        source = create_source(admin.company_id, "Main exchange", "Europe/Warsaw")
        source.database_secret = sealing.sealed(address)
    monkeypatch.setitem(app.config, "SEALING_KEYS", [new, old])
    result = app.test_cli_runner().invoke(args=["portal", "reseal"])
    assert result.output == "1 secrets are sealed with the newest key\n"
    monkeypatch.setitem(app.config, "SEALING_KEYS", [new])
    with building(app, of=admin):
        kept = db.session.scalars(select(CallSource.database_secret)).one()
        assert sealing.opened(kept) == address


def test_a_key_that_is_none_stops_the_start():
    config = {"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    with pytest.raises(RuntimeError, match="SEALING_KEYS"):
        create_app(config | {"SEALING_KEYS": ["too short"]})
