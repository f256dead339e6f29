"""What the pages of the intake call things."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.calls.evidence import ImportRun

KINDS = {
    "queue": _l("Queues"),
    "agent": _l("Operators"),
    "did": _l("Numbers dialled"),
    "trunk": _l("Outside lines"),
    "account": _l("Account codes"),
    "context": _l("Contexts"),
    "scenario": _l("Scenarios"),
}
MEANINGS = {
    "queue": _l("Queue or dialer"),
    "agent": _l("Person"),
    "did": _l("Queue, dialer or project"),
    "trunk": _l("Dialer, project or SIP provider"),
    "account": _l("Dialer or project"),
    "context": _l("Dialer or project"),
    "scenario": _l("Scenario"),
}
PURPOSES = {
    "queue": _l(
        "A call in this queue belongs to the queue or dialer you choose, and to its project."
    ),
    "agent": _l("Calls that this operator was offered or took stand under the person."),
    "did": _l("Calls to this number that reach no known queue belong to what you choose."),
    "trunk": _l(
        "Calls over this line that nothing else assigns belong to the dialer or project you choose;"
        " a SIP provider tells whose line it is."
    ),
    "account": _l("Outbound calls on this account belong to the dialer or project you choose."),
    "context": _l("Outbound calls in this context belong to the dialer or project you choose."),
    "scenario": _l("Steps that the exchange logs under this name are of the scenario you choose."),
}
# What rules tell beside names, and in which order all of them are asked.
RULED = {
    "tag": _l("Tags"),
    **KINDS,
    "number": _l("Numbers called"),
    "source": _l("Everything else"),
}
RULE_PURPOSES = {
    **PURPOSES,
    "tag": _l(
        "A call whose user field or account code is such a tag belongs to the dialer or project"
        " you choose, whatever else it went through."
    ),
    "number": _l("Outbound calls to such a number belong to the dialer or project you choose."),
    "source": _l("Calls that nothing else assigns belong to the project you choose."),
}
RULE_MEANINGS = {
    **MEANINGS,
    "tag": _l("Dialer or project"),
    "number": _l("Dialer or project"),
    "source": _l("Project"),
}
SYSTEMS = {
    "asterisk": "Asterisk",
    "freeswitch": "FreeSWITCH",
    "fusionpbx": "FusionPBX",
    "vicidial": "VICIdial",
    "other": _l("Another one"),
}
VERDICTS = {"malformed": _l("Malformed"), "unknown": _l("Unknown event")}
STATES = {
    "layout": _l("Needs a layout"),
    "waiting": _l("Waiting"),
    "running": _l("Running"),
    "stopped": _l("Interrupted"),
    "failed": _l("Failed"),
    "done": _l("Done"),
}
STATE_KINDS = {
    "layout": "warn",
    "waiting": "line",
    "running": "info",
    "stopped": "warn",
    "failed": "bad",
    "done": "ok",
}

# The parsers' reasons, which are kept with the lines in English.
_REASONS = {
    "the line is too long": _l("the line is too long"),
    "only NUL bytes": _l("only NUL bytes"),
    "fewer than 5 fields": _l("fewer than 5 fields"),
    "no time at the start": _l("no time at the start"),
    "unknown event": _l("unknown event"),
    "no event name": _l("no event name"),
    "no call id or queue": _l("no call id or queue"),
    "no call id or name": _l("no call id or name"),
    "quotes do not match": _l("quotes do not match"),
    "no start time": _l("no start time"),
    "the start time cannot be read": _l("the start time cannot be read"),
    "the answer time cannot be read": _l("the answer time cannot be read"),
    "the end time cannot be read": _l("the end time cannot be read"),
    "the duration is not a number": _l("the duration is not a number"),
    "the billed time is not a number": _l("the billed time is not a number"),
    "format not known": _l("of no known format"),
    "longer than 100 days": _l("longer than 100 days"),
    "the sequence is not a number": _l("the sequence is not a number"),
    "longer than any document": _l("longer than any document of a call"),
    "neither JSON nor XML": _l("neither JSON nor XML"),
    "damaged JSON": _l("the JSON cannot be read"),
    "damaged XML": _l("the XML cannot be read"),
    "encoded twice: set encode=false": _l(
        "the values were encoded twice and cannot be told apart: set encode=false in"
        " json_cdr.conf.xml or xml_cdr.conf.xml"
    ),
    "no call in it": _l("no call in it"),
    "the layout does not say what this outcome means": _l(
        "the layout does not say what this outcome means"
    ),
    "the layout does not say what this direction means": _l(
        "the layout does not say what this direction means"
    ),
    "a spreadsheet has rounded this number": _l("a spreadsheet has rounded this number"),
    "the day cannot be read": _l("the day cannot be read"),
    "the time cannot be read": _l("the time cannot be read"),
    "the time has no day": _l("the time has no day"),
    "there is no such day": _l("there is no such day"),
    "there is no such time": _l("there is no such time"),
    "there is no such time in this time zone": _l("there is no such time in this time zone"),
    "the duration cannot be read": _l("the duration cannot be read"),
    "which comes first, the day or the month?": _l("which comes first, the day or the month?"),
    "the day is written in another order": _l("the day is written in another order"),
    "the time does not say before or after noon": _l("the time does not say before or after noon"),
    "the time says before or after noon": _l("the time says before or after noon"),
    "there was no such call: the year is impossible": _l(
        "there was no such call: the year is impossible"
    ),
}
_COLUMNS = re.compile(r"(\d+) columns, not (16 to 21|\d+)")
_AT_COLUMN = re.compile(r"column (\d+): (.*)")


def reason(text: str) -> str:
    """Return a parser's reason in the viewer's language."""
    columns = _COLUMNS.fullmatch(text)
    if columns and columns[2].isdigit():
        return _("%(num)s columns, not %(most)s", num=columns[1], most=columns[2])
    if columns:
        return _("%(num)s columns, not 16 to 21", num=columns[1])
    if at_column := _AT_COLUMN.fullmatch(text):
        return _("column %(num)s: %(reason)s", num=at_column[1], reason=reason(at_column[2]))
    return str(_REASONS.get(text, text))


def failure(run: ImportRun) -> str:
    """Say why a run failed, as far as it is a person's business."""
    kind, _colon, message = run.error.partition(": ")
    if kind == "RefusedError":
        return message
    return _("Something went wrong in the portal or its database.")
