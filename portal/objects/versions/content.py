"""What a kind tells of its content, so that all versioned kinds share draft, versions, difference.

A kind's module makes one :class:`Versioned` and gives it to its ``KIND``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


class ContentError(ValueError):
    """JSON that no editor has written: it is refused, and never shown."""


class Content(Protocol):
    """What is drafted and published: a scenario's steps, a form's pages."""

    def plain(self) -> Any:
        """Return it as JSON, the same for the same content."""


@dataclass(frozen=True)
class Part:
    """One part of a content in words: a step, a page, a question.

    ``key`` is the same in all versions; ``facts`` is what is set: label → words, in order.
    ``inside`` is the key of the part that it stands in, where its place is told apart.
    """

    key: str
    name: str
    facts: dict[str, str] = field(default_factory=dict)
    inside: str = ""


@dataclass(frozen=True)
class Versioned:
    """How the content of a kind is read, checked and told.

    ``model``: the table of its versions. ``read`` makes JSON a content or raises
    :class:`ContentError`; of ``{}`` it makes the empty one. ``check`` says for an object what is
    wrong with a content, a sentence each that names the place. ``parts`` tells it in words. The
    page where the draft is edited is the kind's ``inside``. ``uses`` notes which other objects
    the object needs in its project, for its draft and its newest version, where there are such.
    """

    model: Any
    read: Callable[[Any], Any]
    check: Callable[[Any, Any], list[str]]
    parts: Callable[[Any], list[Part]]
    uses: Callable[[Any, list[Any]], None] | None = None
