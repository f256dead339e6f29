"""IP phones are the phones and softphones that operators work on."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import BooleanField, ValidationError

from portal import sealing
from portal.database import ProjectShared, Ref
from portal.errors import RefusedError
from portal.extensions import db
from portal.forms import choice, line
from portal.members.models import User
from portal.objects.fields import FaultError, ReadField
from portal.objects.kind import Kind
from portal.objects.models import ObjectKind
from portal.objects.picking import people_in
from portal.objects.settings import PersonPicker, Settings

TRANSPORTS = {"udp": "UDP", "tcp": "TCP", "tls": "TLS", "wss": "WSS"}
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike
_LENGTH = 24


class IpPhone(ObjectKind, ProjectShared, db.Model):
    """``secret`` is sealed: it is shown in the answer that made it, and never again.

    ``registered_at``: when the phone was last heard of, if the exchange has told.
    """

    __tablename__ = "ip_phones"
    kind = "phone"

    extension: Mapped[str] = mapped_column(String(16), default="")
    login: Mapped[str] = mapped_column(String(64), default="")
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    model: Mapped[str] = mapped_column(String(100), default="")
    caller_id: Mapped[str] = mapped_column(String(32), default="")
    transport: Mapped[str] = mapped_column(String(8), default="udp")
    registered_at: Mapped[dt.datetime | None] = mapped_column(info={"audit": False})
    user = Ref(User, nullable=True)


# The trail of each project of the phone would name the user, also where nobody may know them.
IpPhone.__table__.c.user_id.info["audit"] = False


def _read(pattern: str, message: Any) -> Any:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise FaultError(str(message))
        return text

    return read


class PhoneSettings(Settings):
    sections = {
        _l("Phone"): ("extension", "user_id", "model", "caller_id"),
        _l("Registration"): ("login", "transport", "renew"),
    }
    beside = ("renew",)
    preview_page = "objects/previews/phone.html"

    extension = ReadField(
        _l("Internal number"),
        _read(r"[0-9*#]{1,16}", _l("At most 16 digits, * and # allowed.")),
        limit=16,
    )
    user_id = PersonPicker(_l("User"), "users")
    model = line(_l("Model"))
    caller_id = ReadField(
        _l("Caller ID"),
        _read(r"\+?[0-9]{2,20}", _l("Digits only, with + before a country's code.")),
        limit=21,
    )
    login = ReadField(
        _l("SIP login"),
        _read(r"[A-Za-z0-9._-]{1,64}", _l("Letters from A to Z, digits, dots, _ and -.")),
        limit=64,
        description=_l("Empty: the internal number. Its secret is made by itself and shown once."),
    )
    transport = choice(_l("Transport"), TRANSPORTS)
    renew = BooleanField(_l("Make a new secret"))

    @property
    def _login(self) -> str:
        return self.login.data or re.sub(r"[*#]", "", self.extension.data or "")

    def validate_login(self, field: Any) -> None:
        if field.errors or self.extension.errors:
            return  # not even what a login looks like
        if _is_taken(self._login, self.item):
            raise ValidationError(_("Another phone has this login already."))

    @classmethod
    def refuse_change(cls, item: IpPhone, values: dict[str, Any]) -> None:
        if _is_taken(values.get("login", ""), item):
            raise RefusedError(_("Another phone has this login already."), field="login")

    def validate_user_id(self, field: Any) -> None:
        """A phone's user is in each of its projects: else one of them would not know the name."""
        kept = self.item is not None and field.data == self.item.user_id
        if kept or not field.data or "projects" not in self:
            return
        projects = self["projects"]
        for project_id, _name in projects.choices:
            chosen = project_id in (projects.data or ())
            if chosen and field.data not in people_in(uuid.UUID(project_id)):
                raise ValidationError(_("This person is not in all of the projects of the phone."))

    def settings(self) -> dict[str, Any]:
        values = super().settings() | {"login": self._login}
        if self.user_id.hides:
            values["user_id"] = self.item.user_id if self.item else None
        stored = self.item is not None and self.item.secret is not None
        if self._login and (self.renew.data or not stored):
            self.shown_once = "".join(secrets.choice(_LETTERS) for _number in range(_LENGTH))
            values["secret"] = sealing.sealed(self.shown_once)
        return values

    def preview(self) -> dict[str, Any]:
        return {"registered_at": self.item.registered_at if self.item else None}


def _is_taken(login: str, item: IpPhone | None) -> bool:
    query = select(IpPhone.id).where(IpPhone.login == login)
    if item is not None:
        query = query.where(IpPhone.id != item.id)
    return bool(login) and db.session.scalars(query.limit(1)).first() is not None


KIND = Kind(
    slug="phones",
    model=IpPhone,
    order=100,
    icon="device-desktop",
    label=_l("IP phone"),
    plural=_l("IP phones"),
    add=_l("New IP phone"),
    purpose=_l("IP phones are the phones and softphones that operators work on."),
    settings=PhoneSettings,
)
