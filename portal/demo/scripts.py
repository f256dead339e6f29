"""Call scenarios and CRM forms of the demo, drafted and published as anybody's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.demo.cast import THEMES, Theme
from portal.demo.lines import PLACES
from portal.extensions import db
from portal.objects import operations as objects
from portal.objects.kinds.contact_field import ContactField
from portal.objects.kinds.form import CrmForm
from portal.objects.kinds.form.content import END, Form, Page, Question, Rule
from portal.objects.kinds.queue import Queue
from portal.objects.kinds.scenario import Scenario
from portal.objects.kinds.scenario.content import Content, Step, Way
from portal.objects.registry import KINDS
from portal.objects.versions import operations as versions
from portal.projects.models import Project

if TYPE_CHECKING:
    from portal.demo.loading import Stage

# What is said in the scenarios, by language.
_SAID = {
    "pl": {
        "hello": "Dzień dobry, dodzwonili się Państwo do {name}. Rozmowy są nagrywane.",
        "closed": "Jesteśmy dziś nieczynni. Proszę zostawić wiadomość, oddzwonimy.",
        "key": "Wybierz {key}: {queue}.",
        "again": "Aby porozmawiać z konsultantem, proszę czekać.",
    },
    "tr": {
        "hello": "{name} hattına hoş geldiniz. Görüşmeler kaydedilmektedir.",
        "closed": "Şu anda kapalıyız. Mesaj bırakın, sizi arayalım.",
        "key": "{queue} için {key} tuşuna basın.",
        "again": "Temsilciye bağlanmak için bekleyin.",
    },
    "en": {
        "hello": "Welcome to {name}. Calls are recorded.",
        "closed": "We are closed at the moment. Leave a message and we call back.",
        "key": "Press {key} for {queue}.",
        "again": "Stay on the line to talk to somebody.",
    },
}
_REMINDER = "Hatırlatma mesajı"
_REMINDED = "Yarınki randevunuzu hatırlatırız. Onaylamak için 1, değiştirmek için 2 tuşuna basın."
# The project whose dialer speaks by itself, and those whose drafts go on behind what works.
SPEAKS, SCENARIO_DRAFTS, FORM_DRAFTS = 5, (0, 3), (0, 6)
# How often each subject of a form is wanted.
QUOTAS = (12, 8, 5)
# What a form reads out and asks, by language, in the order of its pages.
_ASKED = {
    "pl": (
        "Rozmowa",
        "Dzień dobry, {name}, w czym mogę pomóc?",
        "Czego dotyczy rozmowa?",
        "Inna sprawa",
        "Czy sprawa została załatwiona?",
        "Dane klienta",
        "Proszę potwierdzić dane, zanim przejdziemy dalej.",
        "Ciąg dalszy",
        "Kiedy oddzwonić?",
        "Co ustalono",
        "Ocena",
        "Jak bardzo są Państwo zadowoleni z rozmowy?",
        "0: wcale, 10: bardzo",
        "Skąd klient zna nasz numer?",
        ("Faktura", "Strona internetowa", "Znajomi"),
    ),
    "tr": (
        "Görüşme",
        "{name}, size nasıl yardımcı olabilirim?",
        "Görüşmenin konusu nedir?",
        "Başka bir konu",
        "Konu çözüldü mü?",
        "Müşteri bilgileri",
        "Devam etmeden önce bilgileri doğrulayalım.",
        "Takip",
        "Ne zaman geri arayalım?",
        "Ne kararlaştırıldı",
        "Değerlendirme",
        "Görüşmeden ne kadar memnun kaldınız?",
        "0: hiç, 10: çok",
        "Numaramızı nereden biliyorsunuz?",
        ("Fatura", "İnternet sitesi", "Tanıdıklar"),
    ),
    "en": (
        "The call",
        "Thank you for calling {name}, how can I help?",
        "What is the call about?",
        "Something else",
        "Has it been settled?",
        "The client",
        "Let me check your details before we go on.",
        "What follows",
        "When do we call back?",
        "What was agreed",
        "Rating",
        "How happy are you with this call?",
        "0: not at all, 10: very",
        "Where did you find our number?",
        ("An invoice", "The web site", "Friends"),
    ),
}
_TYPES = {"number": "number", "date": "date", "choice": "choice", "yes_no": "yes_no"}


def write(stage: Stage, shared: dict[str, Any]) -> Any:
    """Publish a scenario and a form of each project; return the one scenario that speaks alone."""
    for number, theme in enumerate(THEMES):
        project = stage.projects[theme.name]
        queues = {one.name: one for one in _of(Queue, project)}
        scenario = _of(Scenario, project)[0]
        first = _menu(theme, queues, shared[PLACES[number].schedule].id, _listed(number, shared))
        _publish(stage, "scenarios", scenario, first)
        if number in SCENARIO_DRAFTS:
            _draft(stage, "scenarios", scenario, _later(theme, first, shared))
        for name in theme.queues[:2]:
            queues[name].scenario_id = scenario.id
        form = _of(CrmForm, project)[0]
        written = _form(theme, _fields(project))
        _publish(stage, "forms", form, written)
        if number in FORM_DRAFTS:
            _draft(stage, "forms", form, _asking_more(theme, written))
    return _voice(stage, THEMES[SPEAKS])


def _of(model: Any, project: Project) -> list[Any]:
    query = select(model).where(model.project_id == project.id)
    return list(db.session.scalars(query.order_by(model.name_key)))


def _publish(stage: Stage, slug: str, item: Any, content: Any) -> None:
    _draft(stage, slug, item, content)
    versions.publish(KINDS[slug], item, state=item.draft_state, actor=stage.admin)


def _draft(stage: Stage, slug: str, item: Any, content: Any) -> None:
    versions.save(KINDS[slug], item, content, state=item.draft_state, actor=stage.admin)


# --- scenarios


def _listed(number: int, shared: dict[str, Any]) -> Step | None:
    """Return the step that sends away whom a project does not want, if it has such a list."""
    name = PLACES[number].blocked
    if not name:
        return None
    gone = Way("listed", [Step("a2", "hang_up")])
    return Step("a1", "list", {"list_id": str(shared[name].id)}, [gone])


def _menu(theme: Theme, queues: dict[str, Any], schedule_id: Any, listed: Step | None) -> Content:
    said = _SAID[theme.language]
    keys = [said["key"].format(key=n, queue=name) for n, name in enumerate(theme.queues, 1)]
    ways = [
        Way(str(n), [Step(f"d{n}", "queue", {"queue_id": str(queues[name].id)})])
        for n, name in enumerate(theme.queues, 1)
    ]
    text = " ".join([*keys, said["again"]])
    inside = [
        Step("b3", "menu", {"text": text, "wait_s": 6, "repeats": 1}, ways),
        Step("b4", "queue", {"queue_id": str(queues[theme.queues[0]].id)}),
    ]
    closed = [Step("b5", "voicemail", {"text": said["closed"]})]
    hours = Step(
        "b2",
        "schedule",
        {"schedule_id": str(schedule_id)},
        [Way("open", inside), Way("closed", closed)],
    )
    hello = Step("b1", "say", {"text": said["hello"].format(name=_short(theme))})
    return Content([*([listed] if listed else []), hello, hours])


def _short(theme: Theme) -> str:
    return theme.name.split(" – ")[0]


def _later(theme: Theme, works: Content, shared: dict[str, Any]) -> Content:
    """Return what a project will do: it calls people back whom it missed, and greets shorter."""
    content = Content([*works.steps])
    said = _SAID[theme.language]
    content.steps = [
        Step(one.key, one.do, {"text": _short(theme) + "."}) if one.key == "b1" else one
        for one in content.steps
    ]
    name = next((one for one in shared if one == "Nieodebrane połączenie (SMS)"), "")
    if theme.language == "pl" and name:
        note = Step("c1", "notify", {"template_id": str(shared[name].id), "to": "caller"})
        content.steps.insert(len(content.steps) - 1, note)
    else:
        content.steps.insert(1, Step("c2", "say", {"text": said["again"]}))
    return content


def _voice(stage: Stage, theme: Theme) -> Any:
    """Publish what a dialer says to those who answer, without any operator."""
    project = stage.projects[theme.name]
    values = {"name": _REMINDER, "notes": "", "active": True, "used_for": "dialer"}
    made = objects.create(KINDS["scenarios"], values, [project], actor=stage.admin)
    queue = next(one for one in _of(Queue, project) if one.name == theme.queues[0])
    ways = [
        Way("1", [Step("e2", "hang_up")]),
        Way("2", [Step("e3", "queue", {"queue_id": str(queue.id)})]),
    ]
    settings = {"text": _REMINDED, "wait_s": 8, "repeats": 2}
    menu = Step("e1", "menu", settings, ways)
    _publish(stage, "scenarios", made, Content([menu, Step("e4", "hang_up")]))
    return made


# --- forms


def _fields(project: Project) -> list[ContactField]:
    link = ContactField.Link
    inside = select(link.object_id).where(link.project_id == project.id)
    query = select(ContactField).where(ContactField.id.in_(inside))
    return list(db.session.scalars(query.order_by(ContactField.name_key)))


def _form(theme: Theme, fields: list[ContactField]) -> Form:
    """Return the script of a project: what it is about, who it is, what follows, how it was."""
    words = _ASKED[theme.language]
    subjects = (*theme.queues, words[3])
    quotas = tuple(Rule(one, most=most) for one, most in zip(subjects, QUOTAS, strict=False))
    rules = (*quotas[: len(theme.queues)], Rule(words[3], "p3"))
    about = Question("q1", "choice", words[2], required=True, choices=subjects, rules=rules)
    settled = Question(
        "q2", "yes_no", words[4], required=True, rules=(Rule("yes", "p4"), Rule("no", "p3"))
    )
    asked = tuple(_question(number, field) for number, field in enumerate(fields[:2]))
    again = Question("q5", "date", words[8], required=True)
    agreed = Question("q6", "long", words[9])
    happy = Question("q7", "scale", words[11], hint=words[12], least=0, most=10)
    return Form(
        (
            Page("p1", words[0], words[1].format(name=_short(theme)), questions=(about,)),
            Page("p2", words[5], words[6], questions=(*asked, settled)),
            Page("p3", words[7], then=END, questions=(again, agreed)),
            Page("p4", words[10], questions=(happy,)),
        )
    )


def _question(number: int, field: ContactField) -> Question:
    kind = _TYPES.get(field.type, "text")
    choices = tuple(field.choices) if kind == "choice" else ()
    return Question(f"q{number + 3}", kind, field.name, choices=choices, field=str(field.id))


def _asking_more(theme: Theme, form: Form) -> Form:
    """Return the next version: one question more, and the rating has a limit."""
    words = _ASKED[theme.language]
    source = Question("q8", "choice", words[13], choices=words[14])
    last = form.pages[-1]
    happy = replace(last.questions[0], required=True, rules=(Rule("10", most=200),))
    return form.with_page(replace(last, questions=(happy, source)))
