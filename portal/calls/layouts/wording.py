"""What a layout says, as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from portal.calls.layouts.forms import CLOCKS, MEANINGS, ORDERS, UNITS, WAYS
from portal.calls.layouts.settings import ROLES, Settings
from portal.calls.log.words import DIRECTIONS
from portal.imports.encodings import ENCODINGS
from portal.imports.forms import DELIMITER_NAMES

Pairs = list[tuple[Any, Any]]


def parts(settings: Settings) -> Iterator[tuple[str, Pairs]]:
    """Yield the parts of a layout: a heading, and what is said of what."""
    yield _("The file"), _file(settings)
    yield (
        _("Which column is what"),
        [
            (ROLES[role], _column(settings, settings.columns[role]))
            for role in ROLES
            if role in settings.columns
        ],
    )
    yield _("Dates and times"), _times(settings)
    if settings.outcomes:
        yield _("What the outcomes mean"), _meanings(settings.outcomes, MEANINGS)
    yield (
        _("Direction"),
        [
            *_meanings(settings.directions, WAYS),
            (_("Direction, where no column tells it"), DIRECTIONS[settings.direction]),
        ],
    )


def _file(settings: Settings) -> Pairs:
    header = _("Yes") if settings.header is not None else _("No")
    return [
        (_("Encoding"), ENCODINGS[settings.encoding]),
        (_("Columns are separated by"), DELIMITER_NAMES[settings.delimiter]),
        (_("The first row has the names of the columns"), header),
    ]


def _column(settings: Settings, column: int) -> str:
    heading = (settings.header or ())[column : column + 1]
    return heading[0] if heading and heading[0] else _("Column %(number)s", number=column + 1)


def _times(settings: Settings) -> Pairs:
    said: Pairs = [
        (_("Time zone of the times in the file"), settings.timezone.replace("_", " ")),
    ]
    if settings.date_order:
        said.append((_("Days are written as"), ORDERS[settings.date_order]))
    said.append((_("Times are written with"), CLOCKS[settings.clock]))
    if "wait" in settings.columns:
        said.append((_("Waiting times are in"), UNITS[settings.wait_unit]))
    if "talk" in settings.columns:
        said.append((_("Talk times are in"), UNITS[settings.talk_unit]))
    if settings.decimal_comma:
        said.append((_("A comma stands before decimals: 12,5"), _("Yes")))
    return said


def _meanings(said: dict[str, str], words: dict[str, Any]) -> Pairs:
    return [(value or _("(empty)"), words[meaning]) for value, meaning in said.items()]
