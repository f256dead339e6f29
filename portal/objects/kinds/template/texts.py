"""The texts of templates: variables in braces, and what an SMS of it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

VARIABLES = {
    "contact.name": _l("Name of the contact"),
    "contact.phone": _l("Phone of the contact"),
    "operator.name": _l("Name of the operator"),
    "operator.extension": _l("Extension of the operator"),
    "project.name": _l("Name of the project"),
    "call.date": _l("Day of the call"),
    "call.time": _l("Time of the call"),
    "call.number": _l("Number of the call"),
}
# A contact that nobody has, in each language of a template; the numbers are reserved for stories.
SAMPLES = {
    "en": ("Olivia O'Neil", "+441632960123", "Sam Carter", "22 Nov 2026"),
    "pl": ("Łucja Żółć", "+48221234567", "Michał Ćwik", "22.11.2026"),
    "tr": ("Işıl Gündoğdu", "+902121234567", "Çağrı Şen", "22.11.2026"),
}
_VARIABLE = re.compile(r"\{([^{}\n]*)\}")
# The default alphabet of GSM 03.38, and what is written with an escape and takes two places.
_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = set("^{}\\[~]|€\f")


def unknown(text: str) -> list[tuple[int, str]]:
    """Return what stands in braces and is no variable, each with its line."""
    return [
        (number, name)
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1)
        for name in _VARIABLE.findall(line)
        if name not in VARIABLES
    ]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values for its variables; values are taken as they are."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def sample(language: str, project: str) -> dict[str, str]:
    """Return values of a contact that nobody has."""
    contact, phone, operator, date = SAMPLES.get(language, SAMPLES["en"])
    values = (contact, phone, operator, "2104", project, date, "14:30", phone)
    return dict(zip(VARIABLES, values, strict=True))


@dataclass(frozen=True)
class Sms:
    """What an SMS takes: places of its encoding, its parts, and the letters that made it UCS-2."""

    encoding: str
    length: int
    parts: int
    room: int
    wide: str


def measured(text: str) -> Sms:
    """Return what a text takes as an SMS: 160 or 70 places, and fewer in each of several parts."""
    text = text.replace("\r\n", "\n")
    wide = "".join(dict.fromkeys(c for c in text if c not in _BASIC and c not in _ESCAPED))
    if wide:
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
        whole, part = 70, 67
    else:
        sizes = [2 if character in _ESCAPED else 1 for character in text]
        whole, part = 160, 153
    length = sum(sizes)
    if length <= whole:
        return Sms("UCS-2" if wide else "GSM-7", length, int(length > 0), whole - length, wide)
    parts, used = 1, 0
    for size in sizes:  # what takes two places is never cut in two
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return Sms("UCS-2" if wide else "GSM-7", length, parts, part - used, wide)


def is_gsm(text: str) -> bool:
    return all(character in _BASIC for character in text)
