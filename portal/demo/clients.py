"""Contacts and cases of the demo: callers of its calls, with what each project knows of them."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.calls.models import Visit
from portal.crm.cases import operations as cases
from portal.crm.contacts import operations as contacts
from portal.crm.models import STATUSES, Contact
from portal.crm.phones import compared
from portal.demo.cast import NAMES, THEMES, Theme
from portal.extensions import db
from portal.objects.kinds.contact_field import ContactField
from portal.projects.models import Project

if TYPE_CHECKING:
    from portal.demo.loading import Stage

# Contacts and cases of each project.
CONTACTS, CASES = 25, 8
# What the cases of each theme are about, in the order of the themes.
SUBJECTS = (
    ("Reklamacja faktury", "Zmiana adresu", "Prośba o oddzwonienie", "Błędny odczyt licznika"),
    ("Windscreen claim", "Water damage", "Call back about the claim", "Second estimate"),
    ("Oferta na przedłużenie", "Rezygnacja z numeru", "Reklamacja zasięgu", "Nowa umowa"),
    ("Geç teslimat", "Adres değişikliği", "Hasarlı paket", "İade talebi"),
    ("Plan spłaty", "Wpłata niewidoczna", "Prośba o oddzwonienie", "Spór o kwotę"),
    ("Randevu değişikliği", "Randevu iptali", "Geri arama isteği", "Tahlil sonucu"),
    ("Late delivery", "Refund", "Missing screws", "Change of address"),
    ("Freeze of a membership", "Lost card", "Class booked twice", "Refund"),
)
NOTES = {
    "pl": (
        "",
        "Klient prosi o kontakt po 16. Dokumenty wysłał mailem.",
        "Sprawdzić w rozliczeniach, potem oddzwonić.",
        "Druga rozmowa w tej sprawie; klient jest cierpliwy.",
    ),
    "tr": (
        "",
        "Müşteri belgeleri e-posta ile gönderdi.",
        "Öğleden sonra aranmak istiyor.",
        "Depoya soruldu, yanıt bekleniyor.",
    ),
    "en": (
        "",
        "Photos came by e-mail; the second estimate is still missing.",
        "Prefers to be called after five.",
        "Promised an answer by Friday.",
    ),
}


def load(stage: Stage, now: dt.datetime, seed: int) -> None:
    """Make contacts of the newest callers of each project, and cases of some of them."""
    chance = random.Random(seed)  # noqa: S311  # the same demo each time, nothing secret
    for theme in THEMES:
        _project(stage, theme, now, chance)


def _project(stage: Stage, theme: Theme, now: dt.datetime, chance: random.Random) -> None:
    project = stage.projects[theme.name]
    visits = _callers(project)
    link = ContactField.Link
    inside = select(link.object_id).where(link.project_id == project.id)
    known = list(
        db.session.scalars(
            select(ContactField).where(ContactField.id.in_(inside)).order_by(ContactField.name_key)
        )
    )
    owners = stage.teams[theme.name]
    for number, visit in enumerate(visits):
        values = {field: value_of(field, chance) for field in known if chance.random() < 0.8}
        contact = contacts.create(
            somebody(theme.language, chance), visit.number, values, [project], actor=stage.admin,
            knowing=compared(visit.number),
        )  # fmt: skip
        contact.created_at = visit.started_at
        if number < CASES:
            status = STATUSES[number % len(STATUSES)]
            _case(stage, theme, contact, visit, owners, status, now, chance)
    db.session.flush()


def _callers(project: Project) -> list[Visit]:
    """Return a call of each of the newest callers of a project whose number is known."""
    query = select(Visit).where(Visit.project_id == project.id, Visit.digits != "")
    found: dict[str, Visit] = {}
    for visit in db.session.scalars(query.order_by(Visit.started_at.desc(), Visit.id).limit(400)):
        if len(visit.digits) >= 9 and len(found) < CONTACTS:
            found.setdefault(compared(visit.number), visit)
    return list(found.values())


def somebody(language: str, chance: random.Random) -> str:
    """Return a name put together of two: nobody of the office."""
    first = chance.choice(NAMES[language]).split(" ", 1)[0]
    last = chance.choice(NAMES[language]).split(" ", 1)[1]
    if last.endswith(("ski", "cki", "ska", "cka")):
        last = last[:-1] + ("a" if first.endswith("a") else "i")
    return f"{first} {last}"


def value_of(field: ContactField, chance: random.Random) -> str:
    """Return what a client might have in a field."""
    match field.type:
        case "date":
            born = dt.date(1948, 1, 1) + dt.timedelta(days=chance.randrange(20_000))
            return born.isoformat()
        case "choice":
            return chance.choice(field.choices)
        case "yes_no":
            return chance.choice(("yes", "no"))
        case "email":
            return f"musteri{chance.randint(100, 999)}@example.org"
        case "number":
            return str(chance.randint(19, 79))
    letters = {"#": "0123456789", "@": "ABCDEFGHJK"}
    return "".join(chance.choice(letters.get(sign, sign)) for sign in field.pattern)


def _case(
    stage: Stage,
    theme: Theme,
    contact: Contact,
    visit: Visit,
    owners: list[Any],
    status: str,
    now: dt.datetime,
    chance: random.Random,
) -> None:
    settings = cases.Settings(
        name=chance.choice(SUBJECTS[THEMES.index(theme)]),
        status=status,
        owner_id=chance.choice(owners).id if chance.random() < 0.8 else None,
        due=(now + dt.timedelta(days=chance.randint(-5, 20))).date(),
        notes=chance.choice(NOTES[theme.language]),
    )
    project = stage.projects[theme.name]
    case = cases.create(contact, project.id, settings, actor=stage.admin, visit=visit)
    case.created_at = visit.started_at + dt.timedelta(minutes=4)
    case.changed_at = max(case.created_at, now - dt.timedelta(hours=chance.randint(0, 40)))
