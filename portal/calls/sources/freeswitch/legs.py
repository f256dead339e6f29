"""What one leg of a call tells, read off its document: the same for JSON, XML and FusionPBX's rows.

Times are milliseconds UTC, from epochs; local stamps are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.calls.sources.freeswitch.bodies import UnreadableError
from portal.calls.sources.freeswitch.values import (
    Profile,
    Values,
    all_of,
    id_of,
    moment,
    node_of,
    text_in,
)
from portal.calls.sources.records import Parsed, Told, Verdict

FAMILY = "freeswitch"
_NO_DOMAIN = re.compile(r"default|localhost|[\d.]+|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*\]?")
_LOOPBACK = "loopback/"
# Channels that are lines to the outside whatever they are called.
_LINES = ("freetdm/", "openzap/", "dahdi/", "sofia/external", "sofia/gateway/", "gsmopen/")


@dataclass(frozen=True, slots=True)
class Stay:
    """What a leg tells of the last queue that it was in: as its caller, or as one who was rung."""

    queue: str
    of_agent: bool
    member: str  # the id of this stay
    joined: int | None
    answered: int | None
    cancelled: int | None
    terminated: int | None
    cause: str  # answered, cancel
    reason: str  # BREAK_OUT, TIMEOUT …
    agent: str
    agent_leg: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where a leg was passed on to, and when; nothing where somebody was asked before."""

    at: int
    target: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One channel. ``number`` called ``dialled``; of what it was before any transfer."""

    uuid: str
    dialled_by_exchange: bool
    parent: str  # the leg on whose behalf this one was made
    bridged_to: str  # the last leg that it talked with
    started: int
    answered: int | None
    bridged: int | None
    ended: int | None
    cause: str
    disposition: str  # who hung up, as this leg's SIP saw it
    number: str
    name: str
    dialled: str
    direction: str  # as FusionPBX says: inbound, outbound, local
    context: str
    account: str
    loopback: bool
    phone: str  # the phone of the house at its end
    line: str  # the line to the outside at its end
    peer: str  # the phone or line that it talked with
    attempt: str  # how the last attempt to reach somebody ended
    stay: Stay | None
    entered: tuple[tuple[int, str], ...]  # queues, and when
    transfers: tuple[Transfer, ...]
    whole: bool  # from a document, not from the columns of a row

    @property
    def linked(self) -> str:
        """The leg whose call this is part of.

        An agent's own leg links itself to its caller. That of an agent who stays on the line talks
        with one caller after the other: that is no link.
        """
        agent_leg = self.stay.agent_leg if self.stay else ""
        return self.parent or ("" if self.bridged_to == agent_leg else self.bridged_to)


def parsed(leg: Leg, kind: str) -> Parsed:
    """Return the verdict on what tells of ``leg``; it is known again by the leg's id."""
    at = leg.started // 1000
    told = Told(FAMILY, leg.uuid, leg.linked or None, at, leg)
    return Parsed(Verdict.OK, record=told, key=f"{kind}\0{leg.uuid}".encode())


def leg_of(document: dict[str, Any], *, whole: bool = True) -> Leg:
    """Read a document; :class:`UnreadableError` where no call can be made of it."""
    values = Values(document)
    profiles = [Profile(node) for node in all_of(document, "callflow")]
    # The newest profile comes first: the oldest has the caller's number and what they dialled.
    first = profiles[-1] if profiles else Profile({})
    uuid = id_of(values.get("uuid") or values.get("call_uuid") or first.text("uuid"))
    started = values.moment("start") or first.moment("created") or first.moment("profile_created")
    if not uuid:
        raise UnreadableError("no call in it")
    if started is None:
        raise UnreadableError("no start time")
    side = values.get("cc_side")
    said = (values.get("direction"), text_in(node_of(document, "channel_data"), "direction"))
    dialled_by_exchange = "outbound" in said or side == "agent"
    channel = values.get("channel_name") or first.text("chan_name")
    parent = _parent(values, profiles, channel, dialled=dialled_by_exchange)
    phone, line = _far_end(values, first, channel, dialled=dialled_by_exchange)
    bridged = [at for profile in reversed(profiles) if (at := profile.moment("bridged"))]
    return Leg(
        uuid=uuid,
        dialled_by_exchange=dialled_by_exchange,
        parent="" if parent == uuid else parent,
        bridged_to=id_of(values.get("last_bridge_to") or values.get("bridge_uuid")),
        started=started,
        answered=values.moment("answer") or first.moment("answered"),
        bridged=bridged[0] if bridged else values.moment("bridge"),
        ended=values.moment("end") or first.moment("hangup"),
        cause=values.get("hangup_cause"),
        disposition=values.get("sip_hangup_disposition"),
        number=first.text("caller_id_number") or values.get("caller_id_number"),
        name=first.text("caller_id_name") or values.get("caller_id_name"),
        dialled=first.text("destination_number") or values.get("destination_number"),
        direction=values.get("call_direction"),
        context=first.text("context") or values.get("context"),
        account=values.get("accountcode"),
        loopback=channel.startswith(_LOOPBACK),
        phone=phone,
        line=line,
        peer=_of_channel(values.get("bridge_channel")),
        attempt=values.get("originate_disposition"),
        stay=_stay(values, side),
        entered=() if dialled_by_exchange and parent else tuple(_entered(document, profiles)),
        transfers=tuple(_transfers(values.get("transfer_history"))),
        whole=whole,
    )


def _parent(values: Values, profiles: list[Profile], channel: str, *, dialled: bool) -> str:
    """Return the leg on whose behalf this one was made. An agent's has no originator."""
    if values.get("cc_side") == "agent" and (
        session := id_of(values.get("cc_member_session_uuid"))
    ):
        return session
    if parent := id_of(values.get("originating_leg_uuid")):
        return parent
    if dialled:
        return next((id_of(uuid) for profile in profiles for uuid in profile.origins()), "")
    return id_of(values.get("other_loopback_leg_uuid")) if channel.startswith(_LOOPBACK) else ""


def _far_end(values: Values, first: Profile, channel: str, *, dialled: bool) -> tuple[str, str]:
    """Return what is at the end of a leg: a phone of the house, or a line to the outside."""
    user = values.get("dialed_user") if dialled else _user(values)
    gateway = values.get("sip_gateway_name") or values.get("sip_gateway")
    context = first.text("context") or values.get("context")
    stranger = not dialled and context == "public"
    if user or not (gateway or stranger or channel.startswith(_LINES)):
        return _phone(user, values, channel), ""
    address = first.text("network_addr") or values.get("sip_network_ip")
    return "", gateway or (_host(channel) if dialled else address)


def word(text: str) -> str:
    """Return the name of a queue or phone without a domain that names nobody.

    The domain of a tenant stays: its 101 is not another's.
    """
    name, _, domain = text.partition("@")
    return text if domain and not _NO_DOMAIN.fullmatch(domain) else name


# --- what several values tell


def _stay(values: Values, side: str) -> Stay | None:
    queue = word(values.get("cc_queue"))
    if not queue or side not in ("member", "agent"):
        return None
    return Stay(
        queue=queue,
        of_agent=side == "agent",
        member=id_of(values.get("cc_member_uuid")),
        joined=values.epoch("cc_queue_joined_epoch"),
        answered=values.epoch("cc_queue_answered_epoch"),
        cancelled=values.epoch("cc_queue_canceled_epoch"),
        terminated=values.epoch("cc_queue_terminated_epoch"),
        cause=values.get("cc_cause"),
        reason=values.get("cc_cancel_reason"),
        agent=word(values.get("cc_agent")),
        agent_leg=id_of(values.get("cc_agent_uuid")),
    )


def _entered(document: dict[str, Any], profiles: list[Profile]) -> Iterator[tuple[int, str]]:
    """Yield the queues that the dialplan put the leg into: its variables tell of the last only.

    The call flow lists what the dialplan had in mind, done or not: of it only what was being done
    counts, and only where the log of what was done is missing.
    """
    done = [
        (moment(text_in(one, "app_stamp"), 1000), one)
        for one in all_of(node_of(document, "app_log"), "application")
    ]
    if not any(at for at, _ in done):
        done = [(p.moment("profile_created"), one) for p in profiles for one in p.being_done()]
    for at, one in done:
        queue = word(text_in(one, "app_data").strip())
        if at and queue and text_in(one, "app_name") == "callcenter":
            yield at, queue


def _transfers(history: str) -> Iterator[Transfer]:
    """Read ``epoch:uuid:bl_xfer:7002/public/XML``, several as ``ARRAY::…|:…``."""
    for entry in history.removeprefix("ARRAY::").split("|:"):
        at, _, rest = entry.partition(":")
        kind, _, target = rest.partition(":")[2].partition(":")
        second = moment(at, 1)
        if second and kind in ("bl_xfer", "att_xfer"):
            yield Transfer(second, target.split("/")[0] if kind == "bl_xfer" else "")


def _user(values: Values) -> str:
    """Return the phone that an incoming leg has signed in as."""
    return values.get("user_name") or values.get("sip_auth_username")


def _phone(user: str, values: Values, channel: str) -> str:
    if not user:
        return _of_channel(channel)
    domain = values.get("dialed_domain") or values.get("domain_name")
    return word(f"{user.partition('@')[0]}@{domain}")


def _of_channel(channel: str) -> str:
    """Return who is at the end of ``sofia/internal/102@127.0.0.1:16102``."""
    name = channel.rpartition("/")[2]
    user, _, host = name.partition("@")
    return word(f"{user}@{_without_port(host)}") if user else ""


def _host(channel: str) -> str:
    return _without_port(channel.rpartition("@")[2]) if "@" in channel else ""


def _without_port(host: str) -> str:
    return re.sub(r":\d{1,5}\Z", "", host)
