"""Options of selects and boxes to tick, written here: a field of projects may have hundreds.

A template, or the library's widget with its calls for each attribute, takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup, escape
from wtforms.fields.choices import Choice
from wtforms.widgets import Select


class Options(Select):
    """The library's widget, whose options are written at once."""

    @classmethod
    def render_option(cls, choice: Choice, **attributes: Any) -> str:
        if choice.render_kw or attributes:
            return super().render_option(choice, **attributes)
        selected = "selected " if choice.selected else ""
        label = escape(choice.label or choice.value)
        return f'<option {selected}value="{escape(choice.value)}">{label}</option>'


def boxes(
    options: Iterable[Sequence[Any]],
    name: str,
    prefix: str,
    *,
    radio: bool = False,
    invalid: bool = False,
    listed: bool = False,
) -> Markup:
    """Write boxes, or radios, with their labels; options of (value, label, ticked, …).

    ``prefix`` begins the id of each; ``listed``: each is an item of a list.
    """
    kind = 'class="rd" type="radio"' if radio else 'class="ck" type="checkbox"'
    head, foot = ("<li>", "</li>") if listed else ("", "")
    head = f'{head}<label class="flex"><input {kind} name="{escape(name)}" id="{escape(prefix)}'
    wrong = ' aria-invalid="true"' if invalid else ""
    written = [
        f'{head}-{place}" value="{escape(option[0])}"{" checked" if option[2] else ""}{wrong}>'
        f"<span>{escape(option[1])}</span></label>{foot}"
        for place, option in enumerate(options)
    ]
    return Markup("".join(written))  # noqa: S704  # every text in it is escaped


FILTERS = {"boxes": boxes}
