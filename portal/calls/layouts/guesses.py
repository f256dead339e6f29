"""What headings and values of tables of calls usually mean, in English, Polish and Turkish."""

from __future__ import annotations

from collections.abc import Iterable

from portal.calls.layouts.settings import LEFT_OUT, ROLES
from portal.database import search_key
from portal.imports import mapping
from portal.imports.reading import Record
from portal.imports.target import Field

_HEADINGS = {
    "date": ("date", "call date", "day", "data", "dzien", "tarih", "gun"),
    "start": (
        "start",
        "start time",
        "started",
        "call start",
        "call started",
        "call time",
        "calldate",
        "time",
        "datetime",
        "date time",
        "timestamp",
        "begin",
        "poczatek",
        "czas",
        "godzina",
        "rozpoczecie",
        "baslangic",
        "saat",
        "arama zamani",
    ),
    "answer": (
        "answer",
        "answer time",
        "answered at",
        "call answered",
        "odebrano",
        "cevap",
        "cevaplama",
    ),
    "end": ("end", "end time", "ended", "call ended", "hangup", "koniec", "zakonczenie", "bitis"),
    "wait": (
        "wait",
        "wait time",
        "waiting",
        "waiting time",
        "wait length",
        "hold time",
        "queue time",
        "q time",
        "speed of answer",
        "ring",
        "oczekiwanie",
        "czas oczekiwania",
        "bekleme",
        "bekleme suresi",
    ),
    "talk": (
        "talk",
        "talk time",
        "billsec",
        "duration",
        "service length",
        "service time",
        "ser time",
        "avgtalkduration",
        "call length",
        "rozmowa",
        "czas rozmowy",
        "konusma",
        "konusma suresi",
        "sure",
    ),
    "outcome": (
        "outcome",
        "result",
        "status",
        "disposition",
        "answered",
        "answered y n",
        "wynik",
        "stan",
        "sonuc",
        "durum",
    ),
    "direction": ("direction", "call type", "kierunek", "yon"),
    "queue": ("queue", "queue name", "skill", "service", "topic", "type", "kolejka", "kuyruk"),
    "agent": ("agent", "operator", "server", "user", "konsultant", "temsilci"),
    "number": (
        "number",
        "phone",
        "phone number",
        "caller",
        "caller id",
        "caller number",
        "src",
        "from",
        "ani",
        "cnum",
        "numer",
        "telefon",
        "numer telefonu",
        "arayan",
        "numara",
    ),
    "name": (
        "caller name",
        "customer",
        "client",
        "name",
        "clid",
        "klient",
        "nazwa",
        "musteri",
        "ad soyad",
    ),
    "did": ("did", "dnis", "dialled", "dialed number", "destination", "dst", "to", "aranan"),
    "account": ("account", "accountcode", "account code", "konto", "hesap"),
    "tag": ("tag", "campaign", "etykieta", "etiket", "kampania", "kampanya"),
    "id": ("id", "call id", "callid", "uniqueid", "unique id", "uuid", "identyfikator", "cagri id"),
    "id_2": (),
    "id_3": (),
}
_RESULTS = {
    "answered": (
        "answered",
        "agent",
        "y",
        "yes",
        "true",
        "1",
        "ok",
        "connected",
        "completed",
        "odebrane",
        "odebrano",
        "tak",
        "cevaplandi",
        "evet",
    ),
    "abandoned": (
        "abandoned",
        "abandon",
        "hang",
        "n",
        "no",
        "false",
        "0",
        "missed",
        "lost",
        "nieodebrane",
        "porzucone",
        "nie",
        "kacan",
        "terk",
        "hayir",
        "cevapsiz",
    ),
    "no_answer": ("no answer", "noanswer", "unanswered", "brak odpowiedzi", "cevap yok"),
    "busy": ("busy", "zajete", "mesgul"),
    "failed": ("failed", "error", "congestion", "blad", "hata", "basarisiz"),
    "timed_out": ("timeout", "timed out", "exitwithtimeout"),
    LEFT_OUT: ("phantom", "test"),
}
_DIRECTIONS = {
    "in": ("in", "inbound", "incoming", "przychodzace", "gelen"),
    "out": ("out", "outbound", "outgoing", "wychodzace", "giden"),
    "internal": ("internal", "local", "wewnetrzne", "dahili"),
}
# A speed of answer is a time that was waited.
_FIELDS = [
    Field(name, ROLES[name], guesses=_HEADINGS[name])
    for name in sorted(ROLES, key=lambda name: name not in ("wait", "talk"))
]


def columns(header: Iterable[str]) -> dict[str, int]:
    """Return what the columns are, as far as their headings tell."""
    record = Record(1, list(header))
    found = mapping.guessed(_FIELDS, [record], header=True)
    return {name: column for name, column in found.items() if _HEADINGS[name]}


def result(value: str) -> str:
    return _known(_RESULTS, value)


def direction(value: str) -> str:
    return _known(_DIRECTIONS, value)


def _known(words: dict[str, tuple[str, ...]], value: str) -> str:
    key = mapping.heading_key(search_key(value))
    return next((meaning for meaning, known in words.items() if key in known), "")
