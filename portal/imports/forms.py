"""The forms of the wizard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField

from portal import choices
from portal.company.queries import default_project
from portal.forms import Form, line
from portal.imports.encodings import ENCODINGS
from portal.imports.models import Import, ImportMapping
from portal.imports.reading import DELIMITERS, Format, Record, width
from portal.imports.target import Field

DELIMITER_NAMES = {
    ",": _l("Comma"),
    ";": _l("Semicolon"),
    "\t": _l("Tab"),
    "|": _l("Vertical bar"),
}
_MOST_SHOWN = 40


class FormatForm(Form):
    """How a file is read."""

    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Columns are separated by"))
    header = BooleanField(_l("The first row has the names of the columns"))

    def offer(self, one: Import) -> None:
        signs = [(str(place), DELIMITER_NAMES[sign]) for place, sign in enumerate(DELIMITERS)]
        self.encoding.choices, self.delimiter.choices = list(ENCODINGS.items()), signs
        if not self.is_submitted():
            self.encoding.data = one.encoding
            self.delimiter.data = str(DELIMITERS.index(one.delimiter or ","))
            self.header.data = one.header
        if one.format.is_workbook:
            del self.encoding, self.delimiter

    def format(self) -> Format:
        if "encoding" not in self:
            return Format(header=self.header.data)
        return Format(
            self.encoding.data, DELIMITERS[int(self.delimiter.data)], bool(self.header.data)
        )


class MappingForm(Form):
    """A mapping that was kept, to be used again."""

    kept = SelectField(_l("Kept columns"))

    def offer(self, mappings: Sequence[ImportMapping]) -> None:
        self.known = {str(one.id): one for one in mappings}
        self.kept.choices = [(key, one.name) for key, one in self.known.items()]

    def chosen(self) -> ImportMapping:
        return self.known[self.kept.data]


def columns_form(fields: Sequence[Field], one: Import, records: Sequence[Record]) -> Any:
    """Make the form that asks for each field which column it is."""
    choices = [("", _("Not in the file")), *_columns(one, records)]
    inputs = {field.name: SelectField(field.label, description=field.hint) for field in fields}
    keep = line(
        _l("Keep these columns as"), description=_l("Give a name to use them for the next file.")
    )
    form = type("ColumnsForm", (Form,), {**inputs, "keep": keep})()
    for field in fields:
        form[field.name].choices = choices
        if not form.is_submitted():
            form[field.name].data = str(one.mapping.get(field.name, ""))
    return form


def columns_of(form: Any, fields: Sequence[Field]) -> dict[str, int]:
    return {one.name: int(form[one.name].data) for one in fields if form[one.name].data}


def _columns(one: Import, records: Sequence[Record]) -> list[tuple[str, str]]:
    """Return what the columns are called: by their headings, else by number and first value."""
    found = []
    for column in range(width(records)):
        cell = records[0].cells[column] if column < len(records[0].cells) else ""
        name = cell[:_MOST_SHOWN]
        if not one.header or not name:
            values = (r.cells[column] for r in records if column < len(r.cells))
            first = next((value for value in values if value), "")[:_MOST_SHOWN]
            name = _("Column %(number)s: %(value)s", number=column + 1, value=first)
        found.append((str(column), name))
    return found


class ProjectForm(Form):
    """Asks for the project that all rows of a file belong to, where a company has several."""

    project: SelectField

    def offer(self, given: Any) -> None:
        self.project.choices = [(str(one.id), one.name) for one in choices.projects()]
        if not self.is_submitted():
            offered = [key for key, _name in self.project.choices]
            self.project.data = given.get("project") or next(iter(offered), None)
        self.unplaced = g.identity.company.walled and not self.project.choices
        if not g.identity.company.walled:
            del self.project

    def values(self) -> dict[str, Any]:
        project = self.project.data if "project" in self else str(default_project().id)
        return {"project": project}
