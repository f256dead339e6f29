"""The configuration: from the environment, with safe defaults that fail loudly in production."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from portal.demo.cast import SIGN_INS

LANGUAGES = {"en": "English", "pl": "Polski", "tr": "Türkçe"}


def configure(app: Flask, overrides: Mapping[str, Any] | None) -> None:
    """Fill ``app.config`` from the environment and ``overrides``; refuse to start without a key."""
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SECRET_KEY"),
        # What seals secrets that are stored, the newest first; without any, SECRET_KEY does.
        SEALING_KEYS=_words(os.environ.get("SEALING_KEYS")),
        SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL"),
        # The owner of the tables, for migrations; the portal itself must not be the owner.
        OWNER_DATABASE_URI=os.environ.get("OWNER_DATABASE_URL"),
        TRUSTED_HOSTS=_words(os.environ.get("TRUSTED_HOSTS")),
        # Addresses in mails are built from this and never from the Host header.
        BASE_URL=os.environ.get("BASE_URL", "http://127.0.0.1:8000"),
        MAIL_SERVER=os.environ.get("MAIL_SERVER"),
        MAIL_PORT=int(os.environ.get("MAIL_PORT", "587")),
        MAIL_USERNAME=os.environ.get("MAIL_USERNAME"),
        MAIL_PASSWORD=os.environ.get("MAIL_PASSWORD"),
        MAIL_SENDER=os.environ.get("MAIL_SENDER", "bulkhead@localhost"),
        # Where uploads wait for their import; by default within the instance folder.
        UPLOADS_FOLDER=os.environ.get("UPLOADS_FOLDER"),
        # Folders below which sources of calls may follow files, on the machines of the workers.
        FOLLOW_ROOTS=_words(os.environ.get("FOLLOW_ROOTS")),
        # How long a job stays with a worker that gives no sign of life.
        JOB_LEASE_S=30,
        DEMO=os.environ.get("DEMO") == "1",
        PROPAGATE_BUGS=False,
        MAX_CONTENT_LENGTH=256 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=20_000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="bulkhead_form",
        SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_DEFAULT_TIMEZONE="UTC",
    )
    app.config.from_mapping(overrides or {})
    if app.config["DEMO"]:
        _demo(app)
    app.config["SESSION_COOKIE_SECURE"] = app.config["BASE_URL"].startswith("https:")
    for name in ("SECRET_KEY", "SQLALCHEMY_DATABASE_URI"):
        if not app.config[name]:
            raise RuntimeError(
                f"{name.replace('SQLALCHEMY_DATABASE_URI', 'DATABASE_URL')} is not set"
            )


def _demo(app: Flask) -> None:
    """Give the demo a database and a key of its own under the instance folder."""
    app.config["DEMO_SIGN_INS"] = SIGN_INS
    folder = Path(app.instance_path)
    app.config["FOLLOW_ROOTS"] = [*(app.config["FOLLOW_ROOTS"] or ()), str(folder / "followed")]
    key = folder / "demo.key"
    if not key.exists():
        key.write_text(secrets.token_hex(32))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or key.read_text()
    app.config["SQLALCHEMY_DATABASE_URI"] = (
        app.config["SQLALCHEMY_DATABASE_URI"] or f"sqlite:///{folder / 'demo.sqlite'}"
    )


def _words(text: str | None) -> list[str] | None:
    return text.split(",") if text else None
