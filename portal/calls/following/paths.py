"""What may be followed: files below the folders that the portal's keeper named, and databases."""

from __future__ import annotations

from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from portal.calls.following import addresses
from portal.errors import RefusedError
from portal.objects.fields import FaultError


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
    """Refuse what is no address of a database that may be read. The address itself is not said."""
    try:
        url = addresses.checked(text)
    except RefusedError as error:
        raise FaultError(error.message) from None
    if url.drivername == "sqlite" and not is_allowed(Path(url.database or "")):
        raise FaultError(_("This folder is not open to the portal; FOLLOW_ROOTS names those."))
