"""What a kind of object has beside its name: the part of the form that is the kind's own.

A kind's module derives a class from :class:`Settings`; each field is named like the column that it
fills. References to other objects are a :class:`Picker`, which offers what is in the same project
and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, ValidationError

from portal.database import model_of
from portal.forms import Form, SeveralField
from portal.objects.fields import FaultError, SecretField
from portal.objects.picking import name_of, people, pickable


@dataclass(frozen=True)
class Grid:
    """A section that is a table: the headings of its columns; the label and fields of each row."""

    columns: tuple[Any, ...]
    rows: tuple[tuple[Any, tuple[str, ...]], ...]

    def __iter__(self) -> Iterator[str]:
        for _label, names in self.rows:
            yield from names


class Settings(Form):
    """Base of the kinds' own parts. ``sections``: heading → names of fields, in order.

    ``beside`` names fields that only ask, and fill no column. ``preview_page`` is the template of
    what the settings come to, made of what :meth:`preview` returns. ``state_page`` is that of what
    an object does at the moment. ``shown_once`` is a secret made for this answer alone.
    """

    sections: ClassVar[dict[Any, Iterable[str]]] = {}
    beside: ClassVar[tuple[str, ...]] = ()
    preview_page: ClassVar[str] = ""
    state_page: ClassVar[str] = ""
    item: Any | None = None
    shown_once: str = ""

    def settings(self) -> dict[str, Any]:
        """Return the values by column; a secret only if one was typed."""
        values = {name: self[name].data for name in self._own() if name not in self.beside}
        for field in self:
            if isinstance(field, SecretField):
                values.pop(field.short_name, None)
                if field.data:
                    values[field.short_name] = field.sealed()
        return values

    def _own(self) -> list[str]:
        return [name for names in self.sections.values() for name in names if name in self]

    def previewed(self) -> dict[str, Any]:
        """Return what the page of the preview needs: what is typed comes to, or is wrong with it.

        What is wrong in the rest of the form is left for when it is saved.
        """
        own = {name: self[name] for name in self._own()}
        wrong = [field for field in own.values() if field.errors]
        try:
            return {"wrong": wrong, "fault": "", **({} if wrong else self.preview())}
        except FaultError as error:  # an address has brought what no form has looked at
            return {"wrong": wrong, "fault": str(error)}

    def preview(self) -> dict[str, Any]:
        return {}

    def forgive_the_rest(self) -> None:
        """Take back what is wrong in fields that are no settings."""
        own = set(self._own())
        for field in self:
            if field.short_name not in own:
                field.errors = []

    @classmethod
    def refuse_change(cls, item: Any, values: dict[str, Any]) -> None:
        """Refuse values that an object must not be given, by its form or by taking a change back.

        Raises RefusedError.
        """

    @classmethod
    def keep_parts(cls, item: Any) -> None:
        """Keep what is made of an object's settings and stands beside it."""

    @property
    def pickers(self) -> list[Picker | SeveralPicker]:
        return [field for field in self if isinstance(field, (Picker, SeveralPicker))]

    def offer(self, project_ids: set[uuid.UUID], item: Any | None) -> None:
        """Fill the pickers with what is in the object's project."""
        self.item = item
        for picker in self.pickers:
            picker.offer(project_ids, item)


class Picker(SelectField):
    """Chooses an object of another kind that is in the same project, or none.

    ``table`` names the table of the kind: kinds refer to each other in circles.
    """

    def __init__(self, label: Any, table: str, **options: Any) -> None:
        super().__init__(label, coerce=_identifier, choices=[], **options)
        self.table = table

    @property
    def target(self) -> Any:
        return model_of(self.table)

    def offer(self, project_ids: set[uuid.UUID], item: Any | None) -> None:
        found = pickable(self.target, project_ids, keep=[self.object_data])
        itself = getattr(item, "id", None)
        offered = [(one, name) for one, name in found if one != itself]
        self.choices = [("", _l("None")), *offered]

    def pre_validate(self, form: Any) -> None:
        offered = {value for value, _label in self.choices or ()}
        if self.data is None or self.data in offered:
            return
        raise ValidationError(_why_not(self.target, self.data))


def _why_not(target: Any, identifier: uuid.UUID) -> str:
    name = name_of(target, identifier)
    if name is None:
        return _("This is no longer here.")
    return _("%(name)s is not in the project of this object. Add it there first.", name=name)


class SeveralPicker(SeveralField):
    """Chooses any number of objects of another kind that are in the same project."""

    def __init__(self, label: Any, table: str, **options: Any) -> None:
        super().__init__(label, coerce=_identifier, choices=[], **options)
        self.table = table

    @property
    def target(self) -> Any:
        return model_of(self.table)

    def offer(self, project_ids: set[uuid.UUID], item: Any | None) -> None:
        self.choices = pickable(self.target, project_ids, keep=self.object_data or ())

    def pre_validate(self, form: Any) -> None:
        offered = {value for value, _label in self.choices or ()}
        for one in self.data or ():
            if one not in offered:
                raise ValidationError(_why_not(self.target, one))


class PersonPicker(Picker):
    """Chooses somebody of the object's projects. ``hides``: who is chosen is not to be seen."""

    hides = False

    def offer(self, project_ids: set[uuid.UUID], item: Any | None) -> None:
        kept = self.object_data
        found = people(project_ids, keep=kept)
        # Whoever does not see them sees nobody, and leaves them where they are.
        unseen = bool(kept) and kept not in {one for one, _name in found}
        self.hides = unseen and self.data in (None, kept)
        self.choices = [("", _l("None")), *found]


def _identifier(value: Any) -> uuid.UUID | None:
    """Read an id from the address or the form; the empty choice is None."""
    if isinstance(value, uuid.UUID) or value in (None, "", "None"):
        return value or None
    return uuid.UUID(str(value))
