"""Who and what is in the demo. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

PASSWORD = "demo-Bulkhead-2026"  # noqa: S105  # printed and shown to everybody
OUTSOURCER = "Brannova Contact"
CLINIC = "Klinika Jasny Świt"


@dataclass(frozen=True)
class Theme:
    """One project: its client, its queues, and how its working day looks.

    ``daily`` is the number of calls of a usual weekday; ``hours`` the local hours in which most
    of them come; ``patience`` the mean seconds that callers wait before they give up.
    """

    name: str
    description: str
    team: str
    queues: tuple[str, ...]
    daily: int
    hours: tuple[int, int]
    talk: int
    patience: int
    language: str


THEMES = (
    Theme(
        "Velmora Energia – obsługa klienta",
        "Infolinia dostawcy energii: odczyty, faktury, przeprowadzki.",
        "Zespół Energia",
        ("Odczyty liczników", "Faktury", "Przeprowadzki"),
        56,
        (8, 18),
        240,
        95,
        "pl",
    ),
    Theme(
        "Nordhaven claims line",
        "Motor and property claims for Nordhaven Insurance, around the clock.",
        "Claims team",
        ("Motor claims", "Property claims"),
        34,
        (7, 21),
        330,
        140,
        "en",
    ),
    Theme(
        "Kiwo Mobile – utrzymanie",
        "Klienci, którzy chcą odejść: oferty i przedłużenia umów.",
        "Zespół Kiwo",
        ("Utrzymanie", "Przedłużenia"),
        39,
        (9, 20),
        290,
        80,
        "pl",
    ),
    Theme(
        "Tarsin Kargo – teslimat hattı",
        "Kargo takibi, adres değişikliği ve iade talepleri.",
        "Tarsin gündüz ekibi",
        ("Kargo takibi", "İade ve şikâyet"),
        46,
        (8, 19),
        170,
        70,
        "tr",
    ),
    Theme(
        "Credano – należności",
        "Rozmowy o zaległych płatnościach i ugodach ratalnych.",
        "Windykacja polubowna",
        ("Ugody", "Płatności"),
        25,
        (8, 19),
        260,
        110,
        "pl",
    ),
    Theme(
        "Ardelya Klinik – randevu",
        "Klinik randevuları, iptaller ve hatırlatma aramaları.",
        "Ardelya ekibi",
        ("Randevu", "Danışma"),
        29,
        (8, 18),
        150,
        85,
        "tr",
    ),
    Theme(
        "Pixie & Oak web shop",
        "Orders, deliveries and returns of an online shop for furniture.",
        "Shop helpline",
        ("Orders", "Returns"),
        24,
        (9, 21),
        200,
        75,
        "en",
    ),
    Theme(
        "Fit Harbor memberships",
        "Memberships and class bookings of a chain of fitness clubs.",
        "Shop helpline",
        ("Memberships",),
        14,
        (7, 22),
        180,
        60,
        "en",
    ),
)


@dataclass(frozen=True)
class Campaign:
    """What a dialer of a theme's project dials: ``account`` is what the exchange calls it.

    ``daily`` is the number of attempts on a usual weekday, ``reached`` how many of them somebody
    answers, ``talk`` the mean seconds.
    """

    theme: int
    dialer: str
    account: str
    daily: int
    hours: tuple[int, int]
    reached: float
    talk: int
    predictive: bool = False


CAMPAIGNS = (
    Campaign(0, "Oddzwonienia", "velmora-cb", 5, (8, 18), 0.61, 210),
    Campaign(1, "Call-backs", "nordhaven-cb", 7, (8, 20), 0.66, 280),
    Campaign(2, "Kończące się umowy", "kiwo-retention", 13, (10, 20), 0.38, 250, predictive=True),
    Campaign(4, "Przypomnienia o płatności", "credano-soft", 19, (9, 20), 0.33, 140),
    Campaign(5, "Hatırlatma aramaları", "ardelya-remind", 9, (9, 18), 0.52, 60),
)

# The two projects whose calls are real ones, made by test callers on an Asterisk.
REAL_PROJECTS = (
    ("Acme Tools sales", "Product questions and orders of a tool maker.", "Sales desk"),
    ("Globex support", "Technical help for the devices of Globex.", "Support desk"),
)
REAL_QUEUES = {"sales": "Sales desk", "support": "Support desk"}
# Their operators, and what the exchange calls them.
REAL_PEOPLE = {
    "Theo Larkin": ("PJSIP/101", "101"),
    "Imogen Frost": ("PJSIP/102", "102"),
    "Clara Wye": ("Carla Támez", "PJSIP/103", "103"),
    "Silas Thorne": ("Dave O'Neil", "Dave Added", "PJSIP/104", "104"),
}

POLISH = (
    "Agnieszka Borkowska", "Damian Kruk", "Katarzyna Wrona", "Michał Stępień", "Oliwia Sadowska",
    "Tomasz Gajda", "Aleksandra Pietrzak", "Bartosz Lewicki", "Paulina Wiśniewska",
    "Wojciech Domański", "Zuzanna Malec", "Łukasz Żak", "Iga Bielak", "Piotr Zych", "Hanna Mazur",
    "Filip Jurek", "Świetlana Ćwik", "Grzegorz Brzęczyszczykiewicz", "Małgorzata Źrebiec",
    "Rafał Kołodziej", "Ewa Ślusarczyk", "Jakub Nowicki", "Natalia Gołąb", "Sławomir Ptak",
)  # fmt: skip
TURKISH = (
    "Kerem Aslan", "Şeyma Yıldırım", "İpek Çelik", "Ozan Güneş", "Gülşah Öztürk", "Işıl Kaya",
    "Çağatay Demir", "Ümit Şahin", "Nazlı Erdoğdu", "Barış Yılmaz", "Tuğçe Aydın", "Emre Koç",
    "Büşra Arıkan", "Serkan Iğdır", "Dilara Ünal", "Yiğit Özkan",
)  # fmt: skip
ENGLISH = (
    "Harriet Colby", "Owen O'Neil", "Priya Raman", "Callum Voss", "Bridget Maddox", "Theo Larkin",
    "Imogen Frost", "Desmond Achebe", "Saoirse Quill", "Marcus Feld", "Nadia Ferran",
    "Elliot Marsh", "Ruth Ambler", "Jonas Pike", "Clara Wye", "Silas Thorne",
)  # fmt: skip
NAMES = {"pl": POLISH, "tr": TURKISH, "en": ENGLISH}

# Those who are signed in as: label, name, e-mail.
ADMIN = ("Magdalena Sobczak", "admin@brannova.example")
SUPERVISOR = ("Ryszard Ćwikliński", "supervisor@brannova.example")
ONE_PROJECT = ("Agnieszka Borkowska", "operator1@brannova.example")
TWO_PROJECTS = ("Kerem Aslan", "operator2@brannova.example")
NO_PROJECT = ("Elif Tunç", "newcomer@brannova.example")
CLINIC_ADMIN = ("Joanna Jasińska", "admin@jasnyswit.example")
CLINIC_OPERATOR = ("Karol Wójcik", "operator@jasnyswit.example")
SIGN_INS = tuple(
    (label, email, PASSWORD)
    for label, (_, email) in (
        (_l("Administrator"), ADMIN),
        (_l("Supervisor of two projects"), SUPERVISOR),
        (_l("Operator of one project"), ONE_PROJECT),
        (_l("Operator of two projects"), TWO_PROJECTS),
        (_l("Operator without a project"), NO_PROJECT),
        (_l("Administrator of a company in simple mode"), CLINIC_ADMIN),
        (_l("Operator in simple mode"), CLINIC_OPERATOR),
    )
)

# What each project has of its own, in its language.
OWNED = {
    "pl": (
        ("scenarios", "Powitanie i menu"),
        ("dialers", "Oddzwonienia"),
        ("forms", "Karta rozmowy"),
    ),
    "tr": (
        ("scenarios", "Karşılama menüsü"),
        ("dialers", "Geri aramalar"),
        ("forms", "Görüşme formu"),
    ),
    "en": (
        ("scenarios", "Welcome menu"),
        ("dialers", "Call-backs"),
        ("forms", "Call script"),
    ),
}
