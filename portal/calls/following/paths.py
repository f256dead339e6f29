"""What may be followed: files below the folders that the portal's keeper named, and databases."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from portal.objects.fields import FaultError

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "sqlite": "sqlite",
}


def read_path(text: str) -> str:
    """Return a path that may be followed; it need not be there yet."""
    path = Path(text)
    if not path.is_absolute():
        raise FaultError(_("Begin a path with /."))
    if not is_allowed(path):
        raise FaultError(_("This folder is not open to the portal; FOLLOW_ROOTS names those."))
    return str(path)


def is_allowed(path: Path) -> bool:
    """Tell whether a path, wherever its links lead, is below one of ``FOLLOW_ROOTS``."""
    real = path.resolve()
    roots = current_app.config["FOLLOW_ROOTS"] or ()
    return any(real.is_relative_to(Path(root).resolve()) for root in roots)


def check_address(text: str) -> None:
    """Refuse what is no address of a database that can be read. The address itself is not said."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise FaultError(_("This is not the address of a database.")) from None
    kind = url.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise FaultError(_("Begin with postgresql://, mysql:// or mariadb://."))
    if kind == "sqlite" and not (url.database and is_allowed(Path(url.database))):
        raise FaultError(_("This folder is not open to the portal; FOLLOW_ROOTS names those."))
