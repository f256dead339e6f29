"""The objects that projects of the demo share: hours, lines, lists, texts, fields."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from portal import sealing
from portal.demo.cast import THEMES
from portal.objects import operations as objects
from portal.objects.kinds.number_list import NumberList
from portal.objects.numbers import operations as numbers
from portal.objects.registry import KINDS

if TYPE_CHECKING:
    from portal.demo.loading import Stage

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
# Holidays of every year: month, day, hours if there are any, and what they are called.
_HOLIDAYS = {
    "pl": (
        (1, 1, "", "Nowy Rok"),
        (5, 1, "", "Święto Pracy"),
        (5, 3, "", "Święto Konstytucji 3 Maja"),
        (11, 11, "", "Święto Niepodległości"),
        (12, 24, "08:00-14:00", "Wigilia"),
        (12, 25, "", "Boże Narodzenie"),
        (12, 26, "", "Boże Narodzenie"),
    ),
    "tr": (
        (1, 1, "", "Yılbaşı"),
        (4, 23, "", "Ulusal Egemenlik ve Çocuk Bayramı"),
        (10, 29, "", "Cumhuriyet Bayramı"),
        (12, 31, "08:00-15:00", "Yılbaşı arifesi"),
    ),
    "en": (
        (1, 1, "", "New Year's Day"),
        (12, 24, "09:00-13:00", "Christmas Eve"),
        (12, 25, "", "Christmas Day"),
        (12, 26, "", "Boxing Day"),
    ),
}


def _week(hours: str, saturday: str = "", sunday: str = "", *, zone: str, language: str) -> Any:
    days = dict.fromkeys(_WEEKDAYS, hours) | {"saturday": saturday, "sunday": sunday}
    return {"timezone": zone, **days, "language": language}


# Name, the themes whose projects share it, and its hours.
SCHEDULES: tuple[tuple[str, tuple[int, ...], dict[str, Any]], ...] = (
    ("Pn–Pt 8–18", (0, 2, 4), _week("08:00-18:00", zone="Europe/Warsaw", language="pl")),
    (
        "Oddzwanianie 10–20",
        (0, 2, 4),
        _week("10:00-13:00, 14:00-20:00", "10:00-14:00", zone="Europe/Warsaw", language="pl"),
    ),
    (
        "Hafta içi 08–19",
        (3, 5),
        _week("08:00-12:30, 13:30-19:00", "09:00-14:00", zone="Europe/Istanbul", language="tr"),
    ),
    ("Round the clock", (1,), _week(*["00:00-24:00"] * 3, zone="Europe/London", language="")),
    ("Night shift", (1,), _week(*["22:00-06:00"] * 3, zone="Europe/London", language="")),
    (
        "Weekdays and Saturdays",
        (6, 7),
        _week("09:00-21:00", "10:00-16:00", zone="Europe/London", language="en"),
    ),
)
PROVIDERS: tuple[tuple[str, tuple[int, ...], dict[str, Any]], ...] = (
    (
        "Northline Telecom",
        (0, 1, 2, 4, 6, 7),
        {
            "host": "sip.northline.example",
            "port": 5061,
            "transport": "tls",
            "connection": "registration",
            "login": "brannova-main",
            "secret": "kept-where-nobody-reads-it",
            "from_domain": "brannova.example",
            "codecs": "g722\nalaw\nulaw",
            "channels": 120,
            "numbers": "+48221234501\n+48221234502\n+442079460101\n+442079460102",
            "rewrites": "00* -> +*\n0XXXXXXXXX -> +48XXXXXXXXX\nXXXXXXXXX -> +48XXXXXXXXX",
            "currency": "PLN",
            "prices": "+48 0.04\n+4850 0.07 per second setup 0.01\n+44 0.11\n+447 0.32\n+49 0.10",
        },
    ),
    (
        "Anadolu SIP",
        (3, 5),
        {
            "host": "203.0.113.24",
            "codecs": "alaw\ng729",
            "channels": 45,
            "numbers": "+902121234501\n+902121234502",
            "rewrites": "00* -> +*\n0XXXXXXXXXX -> +90XXXXXXXXXX\nXXXXXXXXXX -> +90XXXXXXXXXX",
            "currency": "TRY",
            "prices": "+90 0.45\n+905 1.10\n+48 2.90",
        },
    ),
    (
        "Westgate Backup",
        (0, 1, 4),
        {
            "host": "backup.westgate.example",
            "transport": "tcp",
            "codecs": "alaw\nulaw",
            "channels": 30,
            "rewrites": "00* -> +*",
            "currency": "EUR",
            "prices": "+48 0.02\n+44 0.03",
        },
    ),
)
# Name, themes, purpose, and entries: numbers, their label, and in how many days they expire.
LISTS: tuple[tuple[str, tuple[int, ...], str, tuple[tuple[str, str, int | None], ...]], ...] = (
    (
        "Czarna lista",
        (0, 2, 4),
        "unwanted",
        (
            ("+48500000007\n+48500000013\n+48500000066", "Głuche telefony", None),
            ("+48500000101\n+48500000102", "Prośba o niedzwonienie", 180),
            ("+48500000230\n+48500000231\n+48500000232", "Kampania konkurencji", -12),
            ("+48500000300", "Spam", -40),
        ),
    ),
    (
        "Klienci kluczowi",
        (0, 2),
        "vip",
        (("+48500000117\n+48500000254\n+48500000640\n+48500000801", "Klient biznesowy", None),),
    ),
    (
        "VIP callers",
        (1, 6),
        "vip",
        (
            ("+442079460011\n+442079460012\n+442079460013", "Broker", None),
            ("+442079460020", "Claim of the flood", 45),
            ("+442079460031\n+442079460032", "Trade fair guests", -3),
        ),
    ),
    (
        "Kara liste",
        (3, 5),
        "unwanted",
        (
            ("+905000000011\n+905000000012", "Şaka aramaları", None),
            ("+905000000044", "Aranmak istemiyor", 365),
            ("+905000000071\n+905000000072", "Geçici engel", -7),
        ),
    ),
    (
        "Bez ofert",
        (2, 4),
        "custom",
        (
            (
                "\n".join(f"+485000004{number:02}" for number in range(0, 60, 4)),
                "Sprzeciw wobec marketingu",
                None,
            ),
            ("+48500000501\n+48500000502", "Do końca sporu", 30),
        ),
    ),
)
_THANKS = (
    "Dear {contact.name},\n\nyour claim of {call.date} has been taken up by {operator.name} of"
    " {project.name}.\n\nWe call you back at {call.number} within two working days.\n"
)
_ORDER = (
    "Hello {contact.name},\n\nyour order has been received and will be packed today. Anything"
    " wrong? {operator.name} is at extension {operator.extension}.\n\n{project.name}\n"
)
TEMPLATES: tuple[tuple[str, tuple[int, ...], dict[str, str]], ...] = (
    (
        "Potwierdzenie zgłoszenia (SMS)",
        (0, 2),
        {
            "channel": "sms",
            "template_language": "pl",
            "sender": "Velmora",
            "body": "Dzień dobry, {contact.name}. Zgłoszenie z {call.date} przyjęte, prowadzi je"
            " {operator.name}. {project.name}",
        },
    ),
    (
        "Nieodebrane połączenie (SMS)",
        (0, 2, 4),
        {
            "channel": "sms",
            "template_language": "pl",
            "sender": "+48221234501",
            "body": "Dzwonilismy do Pani/Pana {call.date} o {call.time}. Oddzwonimy jutro.",
        },
    ),
    (
        "Claim received (e-mail)",
        (1,),
        {
            "channel": "email",
            "template_language": "en",
            "sender": "claims@nordhaven.example",
            "subject": "We have your claim, {contact.name}",
            "body": _THANKS,
        },
    ),
    (
        "Randevu hatırlatma (SMS)",
        (5,),
        {
            "channel": "sms",
            "template_language": "tr",
            "sender": "ARDELYA",
            "body": "Sayın {contact.name}, randevunuzu hatırlatırız. Değişiklik için:"
            " {call.number}. {project.name}",
        },
    ),
    (
        "Order confirmation",
        (6, 7),
        {
            "channel": "email",
            "template_language": "en",
            "sender": "orders@pixieandoak.example",
            "subject": "Your order with {project.name}",
            "body": _ORDER,
        },
    ),
)
FIELDS = (
    ("Numer licznika", (0,), {"pattern": "########", "show_in_list": True}),
    ("Taryfa", (0,), {"type": "choice", "choices": ["G11", "G12", "C11"], "show_in_list": True}),
    ("Policy number", (1,), {"pattern": "@@-######", "show_in_list": True}),
    ("Zgoda na oferty", (2, 4), {"type": "yes_no", "show_in_list": True}),
    ("Kargo takip no", (3,), {"pattern": "TR##########", "show_in_list": True}),
    ("E-posta", (3, 5), {"type": "email"}),
    ("Data urodzenia", (4, 5), {"type": "date"}),
    (
        "Loyalty card",
        (6, 7),
        {"type": "choice", "choices": ["Blue", "Silver", "Gold"], "show_in_list": True},
    ),
    ("Monthly price", (7,), {"type": "number", "show_in_list": True}),
)


def load(stage: Stage, now: dt.datetime) -> dict[str, Any]:
    """Make them all, each in the projects of its themes; return them by name."""
    made = {}
    for name, themes, week in SCHEDULES:
        settings = {key: value for key, value in week.items() if key != "language"}
        settings["exceptions"] = _exceptions(week["language"], now.year)
        made[name] = _make(stage, "schedules", name, themes, settings)
    for name, themes, settings in PROVIDERS:
        secret = settings.get("secret")
        sealed = {"secret": sealing.sealed(secret)} if secret else {}
        made[name] = _make(stage, "sip-providers", name, themes, settings | sealed)
    for name, themes, purpose, entries in LISTS:
        made[name] = _make(stage, "lists", name, themes, {"purpose": purpose})
        _fill(stage, made[name], entries, now.date())
    for name, themes, settings in TEMPLATES:
        made[name] = _make(stage, "templates", name, themes, dict(settings))
    for name, themes, settings in FIELDS:
        made[name] = _make(stage, "contact-fields", name, themes, settings)
    return made


def _exceptions(language: str, year: int) -> str:
    """Return the holidays from this year's to the next new year, a line each as they are kept."""
    days = [(year, *one) for one in _HOLIDAYS.get(language, ())]
    days += [(year + 1, *one) for one in _HOLIDAYS.get(language, ())]
    return "\n".join(
        " ".join(part for part in (f"{y}-{month:02}-{day:02}", hours, f"# {name}") if part)
        for y, month, day, hours, name in days
    )


def _make(
    stage: Stage, slug: str, name: str, themes: tuple[int, ...], settings: dict[str, Any]
) -> Any:
    values = {"name": name, "notes": "", "active": True, **settings}
    places = [stage.projects[THEMES[number].name] for number in themes]
    return objects.create(KINDS[slug], values, places, actor=stage.admin)


def _fill(
    stage: Stage,
    made: NumberList,
    entries: tuple[tuple[str, str, int | None], ...],
    today: dt.date,
) -> None:
    for text, label, days in entries:
        expires = None if days is None else today + dt.timedelta(days=days)
        numbers.add(made, text, "PL", label=label, expires_on=expires, actor=stage.admin)
