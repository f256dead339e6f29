"""What a form asks: pages with a text to read out and questions, as it is kept and as it is used.

Pages and questions have ids that stay the same from version to version. A jump leads to a later
page, or to the end; so every way through a form ends.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from portal.objects.versions.content import ContentError

TYPES = ("text", "long", "number", "date", "choice", "several", "scale", "yes_no")
# Those whose answers are known beforehand: jumps and quotas are about them.
CLOSED = ("choice", "several", "scale", "yes_no")
END = "end"
MOST_PAGES, MOST_QUESTIONS, MOST_CHOICES = 50, 50, 50
LONG, SHORT, CHOICE = 2000, 300, 200
MOST_POINTS = 20
_ID = re.compile(r"[a-z0-9]{1,12}")
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Rule:
    """What one answer leads to: ``to`` is a page's id, END, or '' for the next one.

    ``most``: how many filled-in forms may have this answer; 0 is any number.
    """

    answer: str
    to: str = ""
    most: int = 0


@dataclass(frozen=True)
class Question:
    """``field``: the contact field that takes the answer, by its id, or ''."""

    id: str
    type: str
    text: str
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = 5
    field: str = ""
    rules: tuple[Rule, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers that are known beforehand, as they are kept."""
        match self.type:
            case "choice" | "several":
                return self.choices
            case "scale":
                return tuple(str(point) for point in range(self.least, self.most + 1))
            case "yes_no":
                return ("yes", "no")
        return ()

    def rule(self, answer: str) -> Rule:
        return next((rule for rule in self.rules if rule.answer == answer), Rule(answer))


@dataclass(frozen=True)
class Page:
    """``then``: where it goes on, unless an answer says so: as in a rule."""

    id: str
    title: str = ""
    text: str = ""
    then: str = ""
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Form:
    pages: tuple[Page, ...] = ()

    def plain(self) -> dict[str, Any]:
        pages = [asdict(page) for page in self.pages]
        for page in pages:
            page["questions"] = [
                {**one, "choices": list(one["choices"]), "rules": list(one["rules"])}
                for one in page["questions"]
            ]
        return {"pages": pages}

    def page(self, identifier: str) -> Page | None:
        return next((page for page in self.pages if page.id == identifier), None)

    def place(self, identifier: str) -> int:
        """Return the number of a page as people count."""
        return next(n for n, page in enumerate(self.pages, 1) if page.id == identifier)

    def questions(self) -> Iterator[tuple[Page, Question]]:
        for page in self.pages:
            for question in page.questions:
                yield page, question

    def question(self, identifier: str) -> tuple[Page, Question] | None:
        return next((both for both in self.questions() if both[1].id == identifier), None)

    def with_page(self, page: Page) -> Form:
        """Return the form with ``page`` in its place."""
        pages = tuple(page if page.id == one.id else one for one in self.pages)
        return replace(self, pages=pages)

    def after(self, page: Page, to: str) -> Page | None:
        """Return the page that ``to`` leads to from ``page``; None is the end."""
        if to:
            return None if to == END else self.page(to)
        place = self.place(page.id)
        return self.pages[place] if place < len(self.pages) else None


def new_id() -> str:
    return uuid.uuid4().hex[:12]


# --- from JSON


def read(data: Any) -> Form:
    """Make JSON a form, or raise ContentError for what no editor has written."""
    if data == {}:
        return Form()
    pages = tuple(map(_page, _list(_only(data, "pages"), "pages", MOST_PAGES)))
    form = Form(pages)
    ids = [page.id for page in pages] + [question.id for _page, question in form.questions()]
    if len(ids) != len(set(ids)):
        raise ContentError("an id twice")
    return form


def _page(data: Any) -> Page:
    data = _only(data, "id", "title", "text", "then", "questions")
    return Page(
        id=_identifier(data, "id"),
        title=_text(data, "title", SHORT),
        text=_text(data, "text", LONG),
        then=_target(data, "then"),
        questions=tuple(map(_question, _list(data, "questions", MOST_QUESTIONS))),
    )


def _question(data: Any) -> Question:
    names = ("id", "type", "text", "hint", "required", "choices", "least", "most", "field", "rules")
    data = _only(data, *names)
    question = Question(
        id=_identifier(data, "id"),
        type=_of(data, "type", lambda value: value in TYPES),
        text=_text(data, "text", SHORT),
        hint=_text(data, "hint", SHORT),
        required=_of(data, "required", lambda value: isinstance(value, bool)),
        choices=tuple(_line(one) for one in _list(data, "choices", MOST_CHOICES)),
        least=_whole(data, "least", 0, MOST_POINTS),
        most=_whole(data, "most", 0, MOST_POINTS),
        field=_of(data, "field", _is_reference),
        rules=tuple(map(_rule, _list(data, "rules", MOST_CHOICES))),
    )
    if len(set(question.choices)) != len(question.choices) or question.least > question.most:
        raise ContentError("choices or points")
    return question


def _rule(data: Any) -> Rule:
    data = _only(data, "answer", "to", "most")
    most = _whole(data, "most", 0, 10**9)
    return Rule(_text(data, "answer", CHOICE), _target(data, "to"), most)


def _only(data: Any, *names: str) -> dict[str, Any]:
    if not isinstance(data, dict) or set(data) != set(names):
        raise ContentError(f"not {', '.join(names)}")
    return data


def _of(data: dict[str, Any], name: str, fits: Callable[[Any], bool]) -> Any:
    try:
        if fits(data[name]):
            return data[name]
    except TypeError:
        pass
    raise ContentError(name)


def _text(data: dict[str, Any], name: str, limit: int) -> str:
    return _of(data, name, lambda value: _is_text(value, limit))


def _line(value: Any) -> str:
    if not _is_text(value, CHOICE) or not value:
        raise ContentError("choice")
    return value


def _is_text(value: Any, limit: int) -> bool:
    return isinstance(value, str) and len(value) <= limit and not _UNWRITABLE.search(value)


def _identifier(data: dict[str, Any], name: str) -> str:
    return _of(data, name, lambda value: _ID.fullmatch(value) is not None and value != END)


def _target(data: dict[str, Any], name: str) -> str:
    return _of(data, name, lambda value: value == "" or _ID.fullmatch(value) is not None)


def _whole(data: dict[str, Any], name: str, least: int, most: int) -> int:
    return _of(data, name, lambda value: type(value) is int and least <= value <= most)


def _list(data: dict[str, Any], name: str, most: int) -> list[Any]:
    return _of(data, name, lambda value: isinstance(value, list) and len(value) <= most)


def _is_reference(value: Any) -> bool:
    return value == "" or str(uuid.UUID(value)) == value if isinstance(value, str) else False
