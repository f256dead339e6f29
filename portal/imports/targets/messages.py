"""Messages that were sent, from the list of an SMS or e-mail gateway."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField

from portal.access.permissions import Permission
from portal.audit import trail
from portal.database import name_key, new_id, search_key
from portal.errors import RefusedError
from portal.extensions import db
from portal.imports import guesses
from portal.imports.forms import ProjectForm
from portal.imports.target import Checked, Field, Row, RowError, Target, Verdict
from portal.imports.writing import insert_all, with_repeats
from portal.notifications.models import Notification
from portal.objects.kinds.sip_provider import CURRENCIES, MILLION
from portal.objects.kinds.template import NotificationTemplate
from portal.projects.models import Project

# What gateways call it, as search keys.
_STATUSES = {
    "sent": ("sent", "queued", "accepted", "submitted", "wyslano", "wyslany", "gonderildi"),
    "delivered": ("delivered", "delivrd", "opened", "dostarczono", "dostarczony", "teslim edildi"),
    "failed": (
        *("failed", "undelivered", "undeliv", "rejected", "expired", "bounced", "error"),
        *("niedostarczono", "blad", "odrzucono", "basarisiz", "hata", "reddedildi"),
    ),
}
_STATUS_OF = {word: status for status, words in _STATUSES.items() for word in words}
_TIMES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
_COST = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?", re.ASCII)
_PARTS = re.compile(r"[0-9]{1,3}", re.ASCII)


class MessagesForm(ProjectForm):
    project = SelectField(_l("Project"), description=_l("For which the messages were sent."))
    currency = SelectField(_l("Currency"), description=_l("Of the costs in the file."))

    def offer(self, given: Any) -> None:
        super().offer(given)
        self.currency.choices = list(CURRENCIES.items())

    @property
    def obstacle(self) -> str:
        return _("You are in no project that messages could be of.") if self.unplaced else ""

    def values(self) -> dict[str, Any]:
        return {**super().values(), "currency": self.currency.data}


@dataclass(frozen=True)
class Into:
    """Where the messages of one import go, and the templates that they may be of, by name."""

    company_id: int
    project_id: uuid.UUID
    currency: str
    zone: ZoneInfo
    templates: dict[str, uuid.UUID]


def prepare(options: dict[str, Any]) -> Into:
    project_id = uuid.UUID(options["project"])
    open_ones = select(Project.id).where(Project.id == project_id, Project.archived_at.is_(None))
    if db.session.scalar(open_ones) is None:
        raise _gone()
    link = NotificationTemplate.Link
    inside = select(link.object_id).where(link.project_id == project_id)
    named = select(NotificationTemplate.name_key, NotificationTemplate.id)
    found = db.session.execute(named.where(NotificationTemplate.id.in_(inside)))
    templates = {name: identifier for name, identifier in found}  # noqa: C416  # rows are no pairs to mypy
    company = g.identity.company
    zone = ZoneInfo(company.timezone)
    return Into(company.id, project_id, options["currency"], zone, templates)


def _gone() -> RefusedError:
    return RefusedError(_("This project is no longer here."))


def check(row: Row, into: Into) -> Checked:
    if len(row["recipient"]) > 254 or len(row["template"]) > 100 or len(row["reference"]) > 90:
        raise RowError(_("A text of this row is too long."))
    status = _STATUS_OF.get(search_key(row["status"]))
    if status is None:
        raise RowError(_("This status is not known: write sent, delivered or failed."))
    sent_at = _moment(row["sent_at"], into.zone)
    if sent_at is None:
        raise RowError(_("This is not a time: write 2026-12-31 14:05."))
    if row["cost"] and not _COST.fullmatch(row["cost"]):
        raise RowError(_("This is not an amount."))
    if row["parts"] and not _PARTS.fullmatch(row["parts"]):
        raise RowError(_("This is not a number of parts."))
    said = "\0".join((str(sent_at), row["recipient"], row["template"]))
    digest = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    values = {
        "template_id": into.templates.get(name_key(row["template"])),
        "template_raw": row["template"],
        "channel": "email" if "@" in row["recipient"] else "sms",
        "recipient": row["recipient"],
        "status": status,
        "parts": int(row["parts"] or 1),
        "cost": round(float(row["cost"].replace(",", ".")) * MILLION) if row["cost"] else None,
        "currency": into.currency,
        "sent_at": sent_at,
    }
    return Checked(row["reference"] or f"made:{digest}", values)


def _moment(text: str, zone: ZoneInfo) -> dt.datetime | None:
    """Read a time; without a zone it is the company's."""
    found = None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        for form in _TIMES:
            try:
                found = dt.datetime.strptime(text, form)  # noqa: DTZ007  # put into a zone below
            except ValueError:
                continue
    if found is None or not 2000 <= found.year < 2100:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)


def judge(rows: Sequence[Checked], into: Into) -> list[Verdict]:
    messages = select(Notification).where(
        Notification.project_id == into.project_id,
        Notification.reference.in_({row.key for row in rows}),
    )
    there = {one.reference: one for one in db.session.scalars(messages)}
    return [_verdict(row, there.get(row.key), again) for row, again in with_repeats(rows)]


def _verdict(row: Checked, there: Any, again: bool) -> Verdict:
    if again:
        return Verdict("refused", _("This message stands in the file before."))
    if there is None:
        return Verdict("new")
    same = all(getattr(there, name) == value for name, value in row.values.items())
    return Verdict("same" if same else "changed", existing=there)


def write(rows: Sequence[Checked], verdicts: Sequence[Verdict], into: Into) -> list[Verdict]:
    """Write what was judged in the same transaction; who imports holds the project (see hold)."""
    own = {"company_id": into.company_id, "project_id": into.project_id}
    new = []
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.fate == "new":
            new.append({**own, "id": new_id(), "reference": row.key, **row.values})
        elif verdict.fate == "changed":
            for name, value in row.values.items():
                setattr(verdict.existing, name, value)
    insert_all(Notification, new)
    db.session.flush()
    return list(verdicts)


def hold(into: Into) -> None:
    """Let two imports into one project take turns."""
    key = (into.company_id, into.project_id)
    options: dict[str, Any] = {"with_for_update": {"key_share": True}, "populate_existing": True}
    if db.session.get(Project, key, **options) is None:
        raise _gone()


def finish(options: dict[str, Any], detail: dict[str, Any], into: Into) -> None:
    project = db.session.get_one(Project, (into.company_id, into.project_id))
    trail.record(
        "imported",
        kind="project",
        object_id=project.id,
        object_name=project.name,
        project_ids=[project.id],
        detail=detail,
    )


def home(options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "reports.show", {"report": "notifications"}


TARGET = Target(
    name="messages",
    order=60,
    icon="message-2",
    label=_l("Messages that were sent"),
    purpose=_l("What your SMS or e-mail gateway has sent, from its list."),
    permissions=(Permission.MANAGE_OBJECTS, Permission.SEE_NUMBERS, Permission.VIEW_REPORTS),
    fields=(
        Field(
            "sent_at",
            _l("Sent at"),
            required=True,
            guesses=(
                "date", "time", "sent", "sent date", "timestamp", "created",
                "data", "wyslano", "data wysylki", "czas",
                "tarih", "gonderim tarihi", "saat", "zaman",
            ),
        ),
        Field(
            "recipient",
            _l("Recipient"),
            required=True,
            guesses=("to", "email", "e mail", "odbiorca", "adresat", "alici", *guesses.NUMBER),
        ),
        Field(
            "template",
            _l("Template"),
            guesses=("template name", "campaign", "message", "szablon", "kampania", "sablon"),
        ),
        Field(
            "status",
            _l("Status"),
            required=True,
            guesses=("state", "delivery status", "result", "stan", "durum", "sonuc"),
        ),
        Field("parts", _l("Parts"), guesses=("segments", "sms count", "czesci", "parca")),
        Field("cost", _l("Cost"), guesses=("price", "amount", "koszt", "cena", "ucret", "tutar")),
        Field(
            "reference",
            _l("Number of the message"),
            guesses=("id", "message id", "uuid", "identyfikator", "mesaj id"),
            hint=_l("The gateway's own. Without it a message is known by its other columns."),
        ),
    ),
    form=MessagesForm,
    prepare=prepare,
    check=check,
    judge=judge,
    write=write,
    hold=hold,
    finish=finish,
    home=home,
)  # fmt: skip
