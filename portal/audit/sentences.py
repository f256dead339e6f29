"""What an entry says, as a whole sentence in the viewer's language.

A sentence of a kind and an action comes first, then one of the action alone: a new kind of object
is told at once, and better when it gets sentences of its own here.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.audit.trail import SYSTEM

_OF_KINDS: dict[tuple[str, str], LazyString] = {
    ("company", "created"): _l("%(who)s founded the company %(name)s"),
    ("company", "changed"): _l("%(who)s changed the settings of %(name)s"),
    ("company", "security_changed"): _l("%(who)s changed the security type of %(name)s"),
    ("project", "created"): _l("%(who)s created the project %(name)s"),
    ("project", "changed"): _l("%(who)s changed the project %(name)s"),
    ("project", "deleted"): _l("%(who)s deleted the project %(name)s"),
    ("project", "archived"): _l("%(who)s archived the project %(name)s"),
    ("project", "restored"): _l("%(who)s restored the project %(name)s"),
    ("user", "created"): _l("%(who)s created the user %(name)s"),
    ("user", "changed"): _l("%(who)s changed the user %(name)s"),
    ("user", "deleted"): _l("%(who)s deleted the user %(name)s"),
    ("user", "locked"): _l("%(who)s locked the user %(name)s"),
    ("user", "unlocked"): _l("%(who)s unlocked the user %(name)s"),
    ("user", "invited"): _l("%(who)s invited %(name)s"),
    ("user", "invited_again"): _l("%(who)s invited %(name)s again"),
    ("user", "signed_in"): _l("%(who)s signed in"),
    ("user", "signed_out"): _l("%(who)s signed out"),
    ("user", "signed_out_elsewhere"): _l("%(who)s signed out on all other devices"),
    ("user", "sign_in_refused"): _l("Somebody gave a wrong password for %(name)s"),
    ("user", "sign_in_locked"): _l("Somebody gave too many wrong passwords for %(name)s"),
    ("user", "code_refused"): _l("Somebody gave a wrong code for %(name)s"),
    ("user", "reset_asked"): _l("Somebody asked for a new password for %(name)s"),
    ("user", "password_chosen"): _l("A password was chosen for %(name)s"),
    ("user", "password_changed"): _l("The password of %(name)s was changed"),
    ("user", "second_factor_on"): _l("%(who)s turned on the second factor"),
    ("user", "second_factor_off"): _l("%(who)s turned off the second factor"),
    ("user", "recovery_codes_renewed"): _l("%(who)s made new recovery codes"),
    ("group", "created"): _l("%(who)s created the group %(name)s"),
    ("group", "changed"): _l("%(who)s changed the group %(name)s"),
    ("group", "deleted"): _l("%(who)s deleted the group %(name)s"),
    ("role", "created"): _l("%(who)s created the role %(name)s"),
    ("role", "changed"): _l("%(who)s changed the role %(name)s"),
    ("role", "deleted"): _l("%(who)s deleted the role %(name)s"),
    ("queue", "created"): _l("%(who)s created the queue %(name)s"),
    ("queue", "changed"): _l("%(who)s changed the queue %(name)s"),
    ("queue", "deleted"): _l("%(who)s deleted the queue %(name)s"),
    ("queue", "moved"): _l("%(who)s moved the queue %(name)s from %(old)s to %(new)s"),
    ("queue", "moved_in"): _l("%(who)s moved the queue %(name)s into this project"),
    ("queue", "moved_out"): _l("%(who)s moved the queue %(name)s out of this project"),
    ("scenario", "created"): _l("%(who)s created the call scenario %(name)s"),
    ("scenario", "changed"): _l("%(who)s changed the call scenario %(name)s"),
    ("scenario", "drafted"): _l("%(who)s changed the draft of the call scenario %(name)s"),
    ("scenario", "published"): _l("%(who)s published the call scenario %(name)s"),
    ("scenario", "deleted"): _l("%(who)s deleted the call scenario %(name)s"),
    ("scenario", "moved"): _l("%(who)s moved the call scenario %(name)s from %(old)s to %(new)s"),
    ("scenario", "moved_in"): _l("%(who)s moved the call scenario %(name)s into this project"),
    ("scenario", "moved_out"): _l("%(who)s moved the call scenario %(name)s out of this project"),
    ("dialer", "created"): _l("%(who)s created the dialer %(name)s"),
    ("dialer", "changed"): _l("%(who)s changed the dialer %(name)s"),
    ("dialer", "deleted"): _l("%(who)s deleted the dialer %(name)s"),
    ("dialer", "moved"): _l("%(who)s moved the dialer %(name)s from %(old)s to %(new)s"),
    ("dialer", "moved_in"): _l("%(who)s moved the dialer %(name)s into this project"),
    ("dialer", "moved_out"): _l("%(who)s moved the dialer %(name)s out of this project"),
    ("dialer", "started"): _l("%(who)s started the dialer %(name)s"),
    ("dialer", "paused"): _l("%(who)s paused the dialer %(name)s"),
    ("dialer", "stopped"): _l("%(who)s stopped the dialer %(name)s"),
    ("form", "created"): _l("%(who)s created the CRM form %(name)s"),
    ("form", "changed"): _l("%(who)s changed the CRM form %(name)s"),
    ("form", "drafted"): _l("%(who)s changed the draft of the CRM form %(name)s"),
    ("form", "published"): _l("%(who)s published the CRM form %(name)s"),
    ("form", "deleted"): _l("%(who)s deleted the CRM form %(name)s"),
    ("form", "moved"): _l("%(who)s moved the CRM form %(name)s from %(old)s to %(new)s"),
    ("form", "moved_in"): _l("%(who)s moved the CRM form %(name)s into this project"),
    ("form", "moved_out"): _l("%(who)s moved the CRM form %(name)s out of this project"),
    ("schedule", "created"): _l("%(who)s created the schedule %(name)s"),
    ("schedule", "changed"): _l("%(who)s changed the schedule %(name)s"),
    ("schedule", "deleted"): _l("%(who)s deleted the schedule %(name)s"),
    ("sip_provider", "created"): _l("%(who)s created the SIP provider %(name)s"),
    ("sip_provider", "changed"): _l("%(who)s changed the SIP provider %(name)s"),
    ("sip_provider", "deleted"): _l("%(who)s deleted the SIP provider %(name)s"),
    ("number_list", "created"): _l("%(who)s created the list %(name)s"),
    ("number_list", "changed"): _l("%(who)s changed the list %(name)s"),
    ("number_list", "deleted"): _l("%(who)s deleted the list %(name)s"),
    ("template", "created"): _l("%(who)s created the notification template %(name)s"),
    ("template", "changed"): _l("%(who)s changed the notification template %(name)s"),
    ("template", "deleted"): _l("%(who)s deleted the notification template %(name)s"),
    ("contact_field", "created"): _l("%(who)s created the contact field %(name)s"),
    ("contact_field", "changed"): _l("%(who)s changed the contact field %(name)s"),
    ("contact_field", "deleted"): _l("%(who)s deleted the contact field %(name)s"),
    ("phone", "created"): _l("%(who)s created the IP phone %(name)s"),
    ("phone", "changed"): _l("%(who)s changed the IP phone %(name)s"),
    ("phone", "deleted"): _l("%(who)s deleted the IP phone %(name)s"),
    ("call_source", "created"): _l("%(who)s created the call source %(name)s"),
    ("call_source", "changed"): _l("%(who)s changed the call source %(name)s"),
    ("call_source", "deleted"): _l("%(who)s deleted the call source %(name)s"),
    ("call_layout", "created"): _l("%(who)s said how files are read: layout %(name)s"),
    ("call_layout", "changed"): _l("%(who)s changed the layout %(name)s of files"),
    ("call_layout", "deleted"): _l("%(who)s deleted the layout %(name)s of files"),
    ("identity", "created"): _l("%(who)s added the name %(name)s of a call source"),
    ("identity", "changed"): _l("%(who)s changed what the name %(name)s means"),
    ("identity", "deleted"): _l("%(who)s removed the name %(name)s of a call source"),
    ("identity", "mapped"): _l("%(who)s said what the name %(name)s means"),
    ("identity", "stamped"): _l("%(who)s had the calls of the name %(name)s assigned again"),
    ("identity", "ignored"): _l("%(who)s chose to ignore the name %(name)s"),
    ("call_rule", "created"): _l("%(who)s added the rule %(name)s of a call source"),
    ("call_rule", "changed"): _l("%(who)s changed the rule %(name)s of a call source"),
    ("call_rule", "deleted"): _l("%(who)s removed the rule %(name)s of a call source"),
    ("call_rule", "stamped"): _l("%(who)s had the calls of the rule %(name)s assigned again"),
    ("user", "imported"): _l("%(who)s imported people from %(name)s"),
    ("number_list", "imported"): _l("%(who)s imported numbers into the list %(name)s"),
    ("number_list", "numbers_added"): _l("%(who)s added numbers to the list %(name)s"),
    ("number_list", "numbers_removed"): _l("%(who)s took numbers out of the list %(name)s"),
    ("dialer", "imported"): _l("%(who)s imported numbers into the dialer %(name)s"),
    ("contact", "imported"): _l("%(who)s imported contacts from %(name)s"),
    ("queue", "operator_added"): _l("%(who)s added operators to the queue %(name)s"),
    ("queue", "operator_removed"): _l("%(who)s took operators out of the queue %(name)s"),
    ("queue", "penalty_changed"): _l("%(who)s changed a penalty in the queue %(name)s"),
    ("queue", "number_added"): _l("%(who)s added a number to the queue %(name)s"),
    ("queue", "number_removed"): _l("%(who)s took a number from the queue %(name)s"),
    ("import_refusal", "exported"): _l("%(who)s exported refused rows to %(name)s"),
    ("import", "imported"): _l("%(who)s imported calls from %(name)s"),
    ("import", "exported"): _l("%(who)s exported lines of an import to %(name)s"),
    ("contact", "created"): _l("%(who)s created the contact %(name)s"),
    ("contact", "changed"): _l("%(who)s changed the contact %(name)s"),
    ("contact", "deleted"): _l("%(who)s deleted the contact %(name)s"),
    ("contact", "exported"): _l("%(who)s exported contacts to %(name)s"),
    ("contact", "revealed"): _l("%(who)s revealed the number %(name)s"),
    ("case", "created"): _l("%(who)s opened the case %(name)s"),
    ("case", "changed"): _l("%(who)s changed the case %(name)s"),
    ("case", "deleted"): _l("%(who)s deleted the case %(name)s"),
    ("case", "exported"): _l("%(who)s exported cases to %(name)s"),
    ("case", "call_added"): _l("%(who)s put a call to the case %(name)s"),
    ("case", "call_removed"): _l("%(who)s took a call off the case %(name)s"),
    ("filling", "created"): _l("%(who)s began to fill in the form %(name)s"),
    ("filling", "filled_in"): _l("%(who)s filled in the form %(name)s"),
    ("filling", "deleted"): _l("%(who)s deleted a filled-in form %(name)s"),
    ("visit", "exported"): _l("%(who)s exported calls to %(name)s"),
    ("visit", "revealed"): _l("%(who)s revealed the number %(name)s"),
    ("activity", "exported"): _l("%(who)s exported the activity to %(name)s"),
    ("report", "exported"): _l("%(who)s exported a report to %(name)s"),
    ("report", "mailed"): _l("%(who)s was mailed the report %(name)s"),
    ("page", "refused"): _l("%(who)s was refused the page %(name)s"),
}

_OF_ACTIONS: dict[str, LazyString] = {
    "created": _l("%(who)s created %(name)s"),
    "changed": _l("%(who)s changed %(name)s"),
    "deleted": _l("%(who)s deleted %(name)s"),
    "moved": _l("%(who)s moved %(name)s from %(old)s to %(new)s"),
    "moved_in": _l("%(who)s moved %(name)s into this project"),
    "moved_out": _l("%(who)s moved %(name)s out of this project"),
    "exported": _l("%(who)s exported %(name)s"),
    "imported": _l("%(who)s imported %(name)s"),
    "revealed": _l("%(who)s revealed %(name)s"),
}


def is_known(kind: str, action: str) -> bool:
    return (kind, action) in _OF_KINDS


def who(name: str) -> str:
    return _("System") if name == SYSTEM else name


def sentence(kind: str, action: str, **names: Any) -> Markup:
    """Return the sentence with ``who``, ``name``, ``old`` and ``new`` put in; texts are escaped."""
    return Markup(_pattern(kind, action)) % names  # noqa: S704  # our own words


def plain(kind: str, action: str, **names: Any) -> str:
    """Return the sentence as text, for a cell of a table."""
    return _pattern(kind, action) % names


def _pattern(kind: str, action: str) -> str:
    known = _OF_KINDS.get((kind, action)) or _OF_ACTIONS.get(action) or _OF_ACTIONS["changed"]
    return str(known)


ACTION_ICONS = {
    "created": ("circle-plus", "ok"),
    "changed": ("pencil", "brand"),
    "deleted": ("trash", "bad"),
    "moved": ("arrow-move-right", "brand"),
    "moved_in": ("arrow-move-right", "brand"),
    "moved_out": ("arrow-move-right", "brand"),
    "archived": ("archive", ""),
    "restored": ("archive-off", "ok"),
    "locked": ("lock", "bad"),
    "unlocked": ("lock-open", "ok"),
    "invited": ("mail", ""),
    "invited_again": ("mail", ""),
    "signed_in": ("login", ""),
    "signed_out": ("logout", ""),
    "signed_out_elsewhere": ("logout", ""),
    "sign_in_refused": ("key", "warn"),
    "sign_in_locked": ("shield-lock", "bad"),
    "code_refused": ("key", "warn"),
    "reset_asked": ("key", ""),
    "password_chosen": ("key", ""),
    "password_changed": ("key", ""),
    "second_factor_on": ("shield-check", "ok"),
    "second_factor_off": ("shield-lock", "warn"),
    "recovery_codes_renewed": ("key", ""),
    "security_changed": ("shield-lock", "warn"),
    "refused": ("ban", "warn"),
    "exported": ("download", ""),
    "mailed": ("mail", ""),
    "imported": ("file-import", "ok"),
    "numbers_added": ("circle-plus", "ok"),
    "numbers_removed": ("minus", ""),
    "operator_added": ("user-plus", "ok"),
    "operator_removed": ("user-minus", ""),
    "penalty_changed": ("pencil", "brand"),
    "number_added": ("circle-plus", "ok"),
    "number_removed": ("minus", ""),
    "started": ("player-play", "ok"),
    "paused": ("player-pause", "warn"),
    "stopped": ("x", ""),
    "revealed": ("eye", "warn"),
    "drafted": ("pencil", "brand"),
    "published": ("send", "ok"),
    "filled_in": ("circle-check", "ok"),
    "call_added": ("link", "brand"),
    "call_removed": ("link-off", ""),
    "mapped": ("link", "brand"),
    "stamped": ("link", "brand"),
    "ignored": ("link-off", ""),
}


def icon_of(action: str) -> tuple[str, str]:
    """Return the icon of an action and its colour."""
    return ACTION_ICONS.get(action, ("pencil", "brand"))
