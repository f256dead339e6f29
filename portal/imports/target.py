"""What rows can be imported into, and what a target has to say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from portal.access.permissions import Permission

Row = dict[str, str]  # field → text of its cell; "" where it is empty or has no column


class RowError(Exception):
    """A row is not taken in; the message says why, in the language of who imports."""


@dataclass(frozen=True)
class Field:
    """What a column can be. ``guesses``: headings in any language, as search keys."""

    name: str
    label: LazyString
    required: bool = False
    guesses: tuple[str, ...] = ()
    hint: LazyString | str = ""
    offered: Callable[[], bool] = lambda: True  # to the person who is asking


@dataclass(frozen=True)
class Checked:
    """A row that is sound by itself: the key that makes it unique, and what is to be written."""

    key: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What happens to a row: 'new', 'changed', 'same' or 'refused'; then ``reason`` says why."""

    fate: str
    reason: str = ""
    existing: Any = None


@dataclass(frozen=True)
class Target:
    """One thing that rows can be imported into.

    ``form``: asks on the first page where the rows go; its ``values()`` are kept with the import.
    ``prepare``: makes of these values what the functions below are given, or refuses.
    ``check``: looks at one row alone. ``judge``: compares rows with what is there, and changes
    nothing: the preview shows what it says. ``write``: does it, and may refuse rows after all.
    ``hold``: keeps others from the same place until the commit. ``finish``: records the whole
    import in the activity, once. ``home``: endpoint and values of
    the page that shows what was imported.
    """

    name: str
    order: int
    icon: str
    label: LazyString
    purpose: LazyString
    permissions: tuple[Permission, ...]
    fields: tuple[Field, ...]
    form: type[Any]
    prepare: Callable[[dict[str, Any]], Any]
    check: Callable[[Row, Any], Checked]
    judge: Callable[[Sequence[Checked], Any], list[Verdict]]
    write: Callable[[Sequence[Checked], Sequence[Verdict], Any], list[Verdict]]
    finish: Callable[[dict[str, Any], dict[str, Any], Any], None]
    home: Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
    hold: Callable[[Any], None] = lambda into: None
    at_once: int = 1000

    def offered_fields(self) -> list[Field]:
        return [one for one in self.fields if one.offered()]
