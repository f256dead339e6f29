"""What a kind of object has beside its name: the part of the form that is the kind's own.

A kind's module derives a class from :class:`Settings`; each field is named like the column that it
fills. References to other objects are a :class:`Picker`, which offers what is in the same project
and nothing else.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, ValidationError

from portal.database import model_of
from portal.forms import Form
from portal.objects.picking import name_of, pickable


class Settings(Form):
    """Base of the kinds' own parts. ``sections``: heading → names of fields, in order."""

    sections: ClassVar[dict[Any, tuple[str, ...]]] = {}

    def settings(self) -> dict[str, Any]:
        """Return the values by column."""
        return {
            name: self[name].data
            for names in self.sections.values()
            for name in names
            if name in self
        }

    @property
    def pickers(self) -> list[Picker]:
        return [field for field in self if isinstance(field, Picker)]

    def offer(self, project_ids: set[uuid.UUID], item: Any | None) -> None:
        """Fill the pickers with what is in the object's project."""
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
        found = pickable(self.target, project_ids, keep=self.object_data)
        itself = getattr(item, "id", None)
        offered = [(one, name) for one, name in found if one != itself]
        self.choices = [("", _l("None")), *offered]

    def pre_validate(self, form: Any) -> None:
        offered = {value for value, _label in self.choices or ()}
        if self.data is None or self.data in offered:
            return
        name = name_of(self.target, self.data)
        if name is None:
            raise ValidationError(_("This is no longer here."))
        raise ValidationError(
            _("%(name)s is not in the project of this object. Add it there first.", name=name)
        )


def _identifier(value: Any) -> uuid.UUID | None:
    """Read an id from the address or the form; the empty choice is None."""
    if isinstance(value, uuid.UUID) or value in (None, "", "None"):
        return value or None
    return uuid.UUID(str(value))
