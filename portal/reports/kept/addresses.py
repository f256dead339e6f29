"""A report's filters as they are kept: what stands in its address, read with today's rights."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.periods import CUSTOM
from portal.reports import asked as asking
from portal.reports import queries
from portal.reports.terms import Filter, Report

MOST_CHARACTERS = 20_000
# What is of one look at a report, or of a form.
_PASSING = {"page", "before", "measure", "key", "csrf_token"}
_DAYS = {"from", "to"}


@dataclass(frozen=True)
class Kept:
    """What is left of kept filters for who asks now.

    ``lost``: labels of filters that name what is not seen any more; ``emptied``: one of them named
    nothing else, so that the figures without it would be others than those once asked for.
    """

    arguments: MultiDict[str, str]
    lost: tuple[str, ...] = ()
    emptied: bool = False


def written(arguments: MultiDict[str, str], **changed: str) -> str:
    """Return the filters of an address in one order, so that equal ones are equal texts."""
    dropped = {*_PASSING, *changed} | (set() if arguments.get("period") == CUSTOM else _DAYS)
    pairs = [pair for pair in arguments.items(multi=True) if pair[1] and pair[0] not in dropped]
    return urlencode(sorted([*pairs, *changed.items()], key=lambda pair: pair[0]))


def plain(report: Report, arguments: MultiDict[str, str]) -> str:
    """Return the same without what the report would be asked for anyway."""
    usual = {"period": [report.default_period]}
    if not report.lists:
        usual["by"] = [one.name for one in report.groups[: report.grouped]]
    given = MultiDict(arguments)
    for name, values in usual.items():
        if given.getlist(name) == values:
            given.poplist(name)
    return written(given)


def parsed(filter: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(filter))


def read(report: Report, filter: str) -> Kept:
    """Return what a kept filter still says, without the ids that the viewer does not see."""
    arguments = parsed(filter)
    usable = {one.name for one in asking.filters_of(report)}
    lost, emptied = [], False
    for one in report.fact.filters:
        given = list(dict.fromkeys(arguments.getlist(one.name)))
        seen = _seen(one, given) if one.name in usable else []
        if len(seen) < len(given):
            lost.append(str(one.label))
            emptied = emptied or not seen
            arguments.setlist(one.name, seen)
    return Kept(arguments, tuple(lost), emptied)


def _seen(one: Filter, texts: Iterable[str]) -> list[str]:
    if one.model is None:
        return list(texts)
    ids = {text: _id(text) for text in texts}
    names = queries.names_of(one.model, {found for found in ids.values() if found})
    return [text for text, found in ids.items() if found in names]


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def as_values(arguments: MultiDict[str, str]) -> dict[str, Any]:
    """Return arguments as ``url_for`` takes them."""
    return arguments.to_dict(flat=False)


def said(asked: asking.Asked) -> list[tuple[str, str]]:
    """Return what filters say, in words: labels and what is chosen."""
    by = ", ".join(str(one.label) for one in asked.by)
    lines = [(_("Grouped by"), by)] if by else []
    for one, values in asked.filters:
        if one.model is not None:
            names = sorted(queries.names_of(one.model, set(values)).values())
        else:
            names = [str((one.words or {}).get(value, value)) for value in values]
        lines.append((str(one.label), ", ".join(names)))
    return lines
