"""The call log as a table to download."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from portal.calls.log import numbers, words


def headings() -> list[str]:
    return [
        _("Time"),
        _("Direction"),
        _("Number"),
        _("Name"),
        _("Project"),
        _("Queue or dialer"),
        _("Operator"),
        _("Wait (s)"),
        _("Talk (s)"),
        _("Result"),
        _("Call"),
    ]


def line(row: Any, zone: ZoneInfo) -> list[Any]:
    """Return the cells of a row; times in the viewer's zone, numbers as the viewer may see them."""
    return [
        row.started_at.astimezone(zone).replace(tzinfo=None),
        str(words.DIRECTIONS[row.direction]),
        numbers.shown(row.number),
        row.caller_name,
        row.project or "",
        row.queue or "",
        row.operator or "",
        row.wait_s,
        row.talk_s,
        str(words.RESULTS[row.result]),
        str(row.call_id),
    ]
