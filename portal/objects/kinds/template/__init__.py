"""Notification templates are the texts of e-mails and SMS."""

from __future__ import annotations

import re
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import ValidationError
from wtforms.validators import StopValidation

from portal.config import LANGUAGES
from portal.database import ProjectShared
from portal.extensions import db
from portal.forms import choice, is_email, line, lines
from portal.objects.kind import Kind
from portal.objects.kinds.template import texts
from portal.objects.models import ObjectKind
from portal.objects.settings import Settings

CHANNELS = {"email": _l("E-mail"), "sms": _l("SMS")}
MOST_PARTS = 10
_SENDER = 11


class NotificationTemplate(ObjectKind, ProjectShared, db.Model):
    __tablename__ = "notification_templates"
    kind = "template"

    channel: Mapped[str] = mapped_column(String(8), default="email")
    template_language: Mapped[str] = mapped_column(String(8), default="en")
    sender: Mapped[str] = mapped_column(String(100), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text, default="")


class TemplateSettings(Settings):
    sections = {
        _l("Message"): ("channel", "template_language", "sender", "subject", "body"),
    }
    preview_page = "objects/previews/template.html"
    variables = texts.VARIABLES

    channel = choice(_l("Sent as"), CHANNELS)
    template_language = choice(
        _l("Language"), LANGUAGES, default=lambda: g.identity.company.language
    )
    sender = line(
        _l("Sender"),
        description=_l("An address for e-mails; a number or at most 11 letters for SMS."),
    )
    subject = line(_l("Subject"), limit=200)
    body = lines(_l("Text"), limit=5000)

    def validate_sender(self, field: Any) -> None:
        if field.data and self.channel.data == "email" and not is_email(field.data):
            raise ValidationError(_("This is not an e-mail address."))
        if field.data and self.channel.data == "sms" and not _is_sms_sender(field.data):
            raise ValidationError(_("A number like +48221234567, or at most 11 plain letters."))

    def validate_subject(self, field: Any) -> None:
        if self.channel.data == "sms" and field.data:
            raise ValidationError(_("An SMS has no subject."))
        if self.channel.data == "email" and self.body.data and not field.data:
            raise ValidationError(_("An e-mail needs a subject."))
        _refuse_unknown(field)

    def validate_body(self, field: Any) -> None:
        _refuse_unknown(field)
        if self.channel.data == "sms" and self._sms().parts > MOST_PARTS:
            raise ValidationError(_("An SMS has at most %(parts)d parts.", parts=MOST_PARTS))

    def _sms(self) -> texts.Sms:
        return texts.measured(texts.filled(self.body.data or "", self._sample()))

    def _sample(self) -> dict[str, str]:
        return texts.sample(self.template_language.data or "en", _("Sample project"))

    def preview(self) -> dict[str, Any]:
        """Return the message as a contact would get it that nobody has."""
        values = self._sample()
        return {
            "subject": texts.filled(self.subject.data or "", values),
            "body": texts.filled(self.body.data or "", values).replace("\r\n", "\n"),
            "sms": self._sms() if self.channel.data == "sms" else None,
        }


def _is_sms_sender(text: str) -> bool:
    if re.fullmatch(r"\+?[0-9]{3,15}", text, re.ASCII):
        return True
    return len(text) <= _SENDER and texts.is_gsm(text) and any(c.isalpha() for c in text)


def _refuse_unknown(field: Any) -> None:
    """Refuse variables that are none, each with its line."""
    faults = [
        _("Line %(line)d: {%(name)s} is no variable.", line=number, name=name[:60])
        for number, name in texts.unknown(field.data or "")[:5]
    ]
    if faults:
        *others, last = faults
        field.errors = [*field.errors, *others]
        raise StopValidation(last)


KIND = Kind(
    slug="templates",
    model=NotificationTemplate,
    order=70,
    icon="message-2",
    label=_l("Notification template"),
    plural=_l("Notification templates"),
    add=_l("New template"),
    purpose=_l("Notification templates are the texts of e-mails and SMS."),
    settings=TemplateSettings,
)
