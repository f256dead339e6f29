"""The formats that calls can be imported from: one module each.

A format's module has ``KIND`` (kept with the evidence), ``LABEL``, ``TELLS_OF_OPERATORS``,
``recognises(first lines)`` and ``parse(one line) -> Parsed``; what comes as documents or as rows of
tables is a line too, the whole of it. Tables of other systems are read as a layout says, see
:mod:`.layout`. To add a format, add its module to ``_MODULES``; what its
records mean is told in :mod:`portal.calls.builders`.
"""

from __future__ import annotations

from typing import Protocol

from portal.calls.layouts import queries as layouts
from portal.calls.layouts.settings import PREFIX
from portal.calls.sources import (
    asterisk_ami,
    asterisk_cdr_csv,
    asterisk_cdr_custom,
    asterisk_cdr_row,
    asterisk_queue_log,
    asterisk_queue_log_row,
    freeswitch_document,
    fusionpbx_rows,
    unreadable,
    vicidial_row,
)
from portal.calls.sources.records import Parsed

BOM = b"\xef\xbb\xbf"
HEAD_BYTES = 64 * 1024


class Format(Protocol):
    """What the module of a format offers."""

    KIND: str
    LABEL: str
    TELLS_OF_OPERATORS: bool  # what operators do between calls

    def recognises(self, lines: list[bytes]) -> bool: ...

    def parse(self, raw: bytes) -> Parsed: ...


_MODULES: tuple[Format, ...] = (
    asterisk_queue_log,
    asterisk_cdr_csv,
    fusionpbx_rows,
    freeswitch_document,
    asterisk_cdr_custom,
    asterisk_cdr_row,
    asterisk_queue_log_row,
    asterisk_ami,
    vicidial_row,
    unreadable,
)
FORMATS = {module.KIND: module for module in _MODULES}
OF_OPERATORS = tuple(form.KIND for form in _MODULES if form.TELLS_OF_OPERATORS)


def detect(head: bytes) -> Format | None:
    """Tell the format of a file by its first bytes; its name does not count.

    A file whose lines end in CR alone is none: all of it would be one line without an end.
    """
    if b"\n" not in head and head.count(b"\r") > 1:
        return None
    lines = [line.removesuffix(b"\r") for line in head.removeprefix(BOM).split(b"\n")]
    return next((form for form in FORMATS.values() if form.recognises(lines[:200])), None)


def form_of(kind: str) -> Format:
    """Return the format that evidence is kept in."""
    return layouts.format_of(kind) if kind.startswith(PREFIX) else FORMATS[kind]


def parse(form: Format, raw: bytes, *, first: bool = False) -> Parsed:
    """Judge one line of a file of this format; the ``first`` may begin with a byte order mark."""
    return form.parse(raw.removeprefix(BOM) if first else raw)
