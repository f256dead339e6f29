"""The form of a layout: made for a file, since it asks about the columns and values in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.widgets import HiddenInput

from portal.calls.layouts import guesses, samples
from portal.calls.layouts.settings import LEFT_OUT, ROLES, Settings
from portal.calls.log.words import DIRECTIONS, RESULTS
from portal.calls.sources import cells
from portal.errors import RefusedError
from portal.forms import Form, choice, line
from portal.imports.encodings import ENCODINGS
from portal.imports.forms import DELIMITER_NAMES
from portal.imports.reading import DELIMITERS
from portal.languages import zones

ORDERS = {
    "": _l("Choose"),
    "ymd": _l("Year, month, day: 2026-01-31"),
    "dmy": _l("Day, month, year: 31/01/2026"),
    "mdy": _l("Month, day, year: 01/31/2026"),
}
CLOCKS = {"24": _l("24 hours"), "12": _l("12 hours with AM and PM")}
UNITS = {
    "s": _l("Seconds"),
    "ms": _l("Milliseconds"),
    "m:ss": _l("Minutes:seconds"),
    "h:mm:ss": _l("Hours:minutes:seconds"),
}
MEANINGS = {"": _l("Choose"), **RESULTS, LEFT_OUT: _l("Leave these rows out")}
WAYS = {"": _l("Choose"), **DIRECTIONS}
_ENCODINGS = {key: label for key, label in ENCODINGS.items() if not key.startswith("utf-16")}
_MOST_SHOWN = 40


class LayoutForm(Form):
    """What is asked of every file; :func:`layout_form` adds its columns and their values."""

    name = line(_l("Name of this layout"), needed=True)
    layout = line("", limit=36, widget=HiddenInput())  # the one that is changed
    before = line("", widget=HiddenInput())  # the name that it had when it was shown
    version = IntegerField(widget=HiddenInput(), default=1)
    read_as = line("", limit=60, widget=HiddenInput())  # how the file was split when it was shown
    encoding = choice(_l("Encoding"), _ENCODINGS)
    delimiter = SelectField(_l("Columns are separated by"))
    header = BooleanField(_l("The first row has the names of the columns"))
    timezone = SelectField(_l("Time zone of the times in the file"))
    date_order = choice(_l("Days are written as"), ORDERS)
    clock = choice(_l("Times are written with"), CLOCKS)
    wait_unit = choice(_l("Waiting times are in"), UNITS)
    talk_unit = choice(_l("Talk times are in"), UNITS)
    decimal_comma = BooleanField(_l("A comma stands before decimals: 12,5"))
    direction = choice(_l("Direction, where no column tells it"), DIRECTIONS)

    scan: samples.Scan
    base: Settings  # how the file is split

    def columns(self) -> list[Any]:
        return [self[f"column_{role}"] for role in ROLES]

    def values(self, role: str) -> list[Any]:
        return [self[name] for name in self._fields if name.startswith(f"{role}-")]

    def settings(self) -> Settings:
        """Return what is said by now; what is not said yet, or not offered, is as it was."""
        chosen = {name: _offered(self[name]) for name in _CHOSEN}
        return replace(
            self.base,
            **{name: value for name, value in chosen.items() if value is not None},
            date_order=_offered(self.date_order) or "",
            decimal_comma=bool(self.decimal_comma.data),
            columns=self._columns(),
            outcomes=_said(self, "outcome", self.scan.outcomes),
            directions=_said(self, "way", self.scan.directions),
        )

    def _columns(self) -> dict[str, int]:
        said = {role: _offered(self[f"column_{role}"]) for role in ROLES}
        return {role: int(column) for role, column in said.items() if column}

    def check(self) -> None:
        """Refuse what is not said yet and cannot be guessed."""
        columns = self._columns()
        if "start" not in columns and "date" not in columns:
            raise RefusedError(_("Say which column has the time."), field="column_start")
        if self.scan.has_days and not self.date_order.data:
            message = _("No day of this file tells which is which. Look it up where it comes from.")
            raise RefusedError(message, field="date_order")
        if self.scan.too_many:
            raise RefusedError(
                _("This column has too many different values."),
                field=f"column_{self.scan.too_many}",
            )
        for one in (*self.values("outcome"), *self.values("way")):
            if not one.data:
                raise RefusedError(_("This is needed."), field=one.name)


def layout_form(
    path: Path,
    kept: Settings,
    data: MultiDict[str, str] | None,
    shown: dict[str, Any],
    *,
    live: bool,
) -> LayoutForm:
    """Make the form for a file. ``kept``: what is said where ``data`` says nothing.

    ``live``: it only shows what ``data`` would make of the file, and nothing is kept.
    """
    said = _split_as(kept, data)
    rows = samples.first_rows(path, replace(said, header=None))
    header = tuple(map(cells.clean, rows[0])) if rows and said.header is not None else None
    base = replace(said, header=header, width=len(header or ()) or samples.width(rows))
    split = f"{base.encoding} {DELIMITERS.index(base.delimiter)} {base.header is not None}"
    if data is not None and data.get("read_as") != split:  # what was chosen are other columns now
        data = MultiDict((k, v) for k, v in data.items(True) if not k.startswith("column_"))
        data["read_as"] = split
    if kept.columns and kept.header == base.header and kept.width == base.width:
        columns = kept.columns
    else:
        columns = guesses.columns(header) if header else {}
    columns = {role: column for role, column in columns.items() if column < base.width}
    chosen = replace(base, columns=_chosen(columns, data, base.width))
    scan = samples.scan(path, chosen, live=live)
    fields, values = _fields(rows, base, scan, kept)
    form = type("FileLayoutForm", (LayoutForm,), fields)(
        formdata=data,
        data={
            **{name: getattr(kept, name) for name in _KEPT},
            **({} if kept.columns else samples.units(rows[1:], columns)),
            **shown,
            **{f"column_{role}": str(column) for role, column in columns.items()},
            **values,
            "date_order": kept.date_order if kept.date_order in scan.orders else "",
            "clock": "12" if scan.has_halves else kept.clock,
            "encoding": base.encoding,
            "delimiter": str(DELIMITERS.index(base.delimiter)),
            "header": base.header is not None,
            "read_as": split,
        },
    )
    form.scan, form.base = scan, base
    form.delimiter.choices = [(str(n), DELIMITER_NAMES[sign]) for n, sign in enumerate(DELIMITERS)]
    form.timezone.choices = [(zone, zone.replace("_", " ")) for zone in zones()]
    if scan.has_days and len(scan.orders) == 1 and not form.date_order.data:
        form.date_order.data = next(iter(scan.orders))  # no other is possible
    return form


_CHOSEN = ("timezone", "clock", "wait_unit", "talk_unit", "direction")
_KEPT = ("timezone", "wait_unit", "talk_unit", "decimal_comma", "direction")


def _offered(field: Any) -> Any:
    """Return what was chosen, or None where that is nothing that is offered."""
    return next((value for value, *_more in field.iter_choices() if value == field.data), None)


def _split_as(kept: Settings, data: MultiDict[str, str] | None) -> Settings:
    if data is None or data.get("encoding") not in _ENCODINGS:
        return kept
    place = data.get("delimiter", "")
    delimiter = DELIMITERS[int(place)] if place in set("0123") else kept.delimiter
    header = () if data.get("header") else None
    return replace(kept, encoding=data["encoding"], delimiter=delimiter, header=header)


def _chosen(
    guessed: dict[str, int], data: MultiDict[str, str] | None, width: int
) -> dict[str, int]:
    """Return the columns that are chosen now."""
    if data is None or not any(key.startswith("column_") for key in data):
        return guessed
    numbers = {str(number): number for number in range(width)}
    said = {role: data.get(f"column_{role}", "") for role in ROLES}
    return {role: numbers[text] for role, text in said.items() if text in numbers}


def _fields(
    rows: list[list[str]], base: Settings, scan: samples.Scan, kept: Settings
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields for the columns and values of a file, and what stands in them at first."""
    columns = {"": _l("Not in the file"), **_names(rows, base)}
    fields: dict[str, Any] = {
        f"column_{role}": choice(label, columns) for role, label in ROLES.items()
    }
    values = {}
    for prefix, found, said, guess, meanings in (
        ("outcome", scan.outcomes, kept.outcomes, guesses.result, MEANINGS),
        ("way", scan.directions, kept.directions, guesses.direction, WAYS),
    ):
        for value, written in found.items():
            name = _name(prefix, value)
            fields[name] = choice(written[:_MOST_SHOWN] or _l("(empty)"), meanings)
            values[name] = said.get(value) or guess(value)
    return fields, values


def _names(rows: list[list[str]], base: Settings) -> dict[str, str]:
    """Return what the columns are called: by their headings, else by number and first value."""
    names = {}
    for column in range(base.width):
        heading = base.header[column] if base.header and column < len(base.header) else ""
        values = (cells.clean(row[column]) for row in rows if column < len(row))
        first = next((value for value in values if value), "")
        named = _("Column %(number)s: %(value)s", number=column + 1, value=first[:_MOST_SHOWN])
        names[str(column)] = heading[:_MOST_SHOWN] or named
    return names


def _said(form: LayoutForm, prefix: str, found: Iterable[str]) -> dict[str, str]:
    said = {value: _offered(form[_name(prefix, value)]) for value in found}
    return {value: meaning for value, meaning in said.items() if meaning}


def _name(prefix: str, value: str) -> str:
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=6)
    return f"{prefix}-{digest.hexdigest()}"
