"""Connecting to the database of an exchange so that nothing can be written there."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import ArgumentError, DBAPIError

from portal.errors import RefusedError

_CONNECT_S, _ANSWER_S = 5, 20
_DRIVERS = {
    **dict.fromkeys(("postgresql", "postgres"), "postgresql+psycopg"),
    **dict.fromkeys(("mysql", "mariadb"), "mysql+pymysql"),
    "sqlite": "sqlite",
}
# What an address may say beside the place; anything else could undo what is set here.
_OPTIONS = {"host", "sslmode", "sslrootcert", "ssl_ca", "unix_socket"}
_READ_ONLY = f"-c default_transaction_read_only=on -c statement_timeout={_ANSWER_S}s"


def checked(url: str) -> sa.URL:
    """Return the parts of an address, with the driver to use; refuse one that is none."""
    try:
        address = sa.make_url(url.strip())
        driver = _DRIVERS[address.get_backend_name()]
    except (ArgumentError, KeyError, ValueError):
        raise RefusedError(
            _("An address begins with postgresql://, mysql:// or sqlite:/// here.")
        ) from None
    if not address.database or address.database == ":memory:":
        raise RefusedError(_("The address names no database."))
    if refused := sorted(address.query.keys() - _OPTIONS):
        raise RefusedError(_("The address may not set %(name)s.", name=refused[0]))
    return address.set(drivername=driver)


def engine_of(url: str) -> sa.Engine:
    """Return an engine with one connection at most, on which each statement only reads."""
    address = checked(url)
    more: dict[str, Any] = {"connect_args": {"connect_timeout": _CONNECT_S}}
    if address.drivername == "sqlite":
        path = f"file:{quote(address.database or '')}?mode=ro"
        more = {"creator": lambda: _sqlite(path), "poolclass": sa.QueuePool}
    elif address.drivername.startswith("mysql"):
        more["connect_args"] |= {
            "read_timeout": _ANSWER_S,
            "write_timeout": _ANSWER_S,
            "charset": "utf8mb4",
            "password": (address.password or "").encode(),  # PyMySQL itself writes Latin-1
            "init_command": "SET SESSION TRANSACTION READ ONLY",
        }
    else:
        more["connect_args"]["options"] = f"{_READ_ONLY} -c timezone=UTC"
    try:
        # Each statement is a transaction: none stays open while calls are built.
        return sa.create_engine(
            address,
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            **more,
        )
    except ModuleNotFoundError:
        raise RefusedError(
            _("To read MySQL and MariaDB, install Bulkhead with its extra “mysql”.")
        ) from None


def _sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, uri=True, timeout=_CONNECT_S, check_same_thread=False)
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    connection.execute("PRAGMA query_only = ON")
    return connection


def unreadable(url: str, error: Exception) -> RefusedError:
    """Say why a database could not be read, without what is secret in its address."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    said = cause.args[-1] if cause.args else ""  # MySQL's driver puts a number before it
    reason = (str(said).strip() or type(cause).__name__).splitlines()[0][:300]
    password = sa.make_url(url.strip()).password
    for secret in {str(password or ""), quote(str(password or ""), safe="")} - {""}:
        reason = reason.replace(secret, "…")
    return RefusedError(_("The database cannot be read: %(reason)s", reason=reason))
