"""Documents of legs, written as ``mod_json_cdr`` and ``mod_xml_cdr`` write them.

``leg`` makes the document with nothing encoded; ``as_json`` and ``as_xml`` write it.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from portal.calls.builders import build
from portal.calls.built import BuiltCall
from portal.calls.sources import freeswitch_document, parse

T0 = 1_795_400_000  # 2026-11-23
UTC = ZoneInfo("UTC")
Document = dict[str, Any]
# What FreeSWITCH's own encoding of URLs leaves alone.
_SAFE = "!$'()*,-._~/\""


def stamp(second: int) -> str:
    """The local time of a box in Kolkata: nothing may be read off it."""
    local = dt.datetime.fromtimestamp(second, dt.UTC) + dt.timedelta(hours=5, minutes=30)
    return local.strftime("%Y-%m-%d %H:%M:%S")


def leg(
    uuid: str,
    start: float,
    end: float,
    *,
    answer: float | None = None,
    bridge: float | None = None,
    outbound: bool = False,
    number: str = "+49301234567",
    name: str = "",
    dialled: str = "155509900",
    channel: str = "sofia/external/+49301234567@203.0.113.7",
    context: str = "public",
    cause: str = "NORMAL_CLEARING",
    profiles: Iterable[tuple[float, str]] = (),
    originator: str = "",
    applications: Iterable[tuple[float, str, str]] = (),
    **variables: str,
) -> Document:
    """Make a document; times are seconds after T0. ``profiles``: when it was passed on, to what."""
    moments = {"start": start, "answer": answer, "bridge": bridge, "end": end}
    texts: dict[str, str] = {
        "uuid": uuid,
        "direction": "outbound" if outbound else "inbound",
        "channel_name": channel,
        "hangup_cause": cause,
        "duration": str(int(end - start)),
        "billsec": str(int(end - answer) if answer is not None else 0),
    }
    for what, at in moments.items():
        texts[f"{what}_epoch"] = str(T0 + int(at)) if at is not None else "0"
        texts[f"{what}_uepoch"] = str(int((T0 + at) * 1_000_000)) if at is not None else "0"
        if at is not None:
            texts[f"{what}_stamp"] = stamp(T0 + int(at))
    texts |= variables
    flow = [
        {
            "dialplan": "XML",
            "profile_index": str(index + 1),
            "extension": {"name": to, "number": to, "applications": [], "current_app": ""},
            "caller_profile": {
                "username": number,
                "caller_id_name": name,
                "caller_id_number": number,
                "ani": number,
                "network_addr": "203.0.113.7",
                "destination_number": to,
                "uuid": uuid,
                "context": context,
                "chan_name": channel,
                **({"originator": origin(originator)} if originator else {}),
            },
            "times": {
                "created_time": micro(start),
                "profile_created_time": micro(at),
                "answered_time": micro(answer),
                "bridged_time": micro(bridge),
                "hangup_time": micro(end),
            },
        }
        for index, (at, to) in enumerate([(start, dialled), *profiles])
    ]
    document: Document = {
        "core-uuid": "2a4f6c1e-0000-4000-8000-000000000001",
        "switchname": "fs1",
        "channel_data": {"state": "CS_REPORTING", "direction": texts["direction"]},
        "callStats": {"audio": {"inbound": {"raw_bytes": 12, "mos": 4.5}}},
        "variables": texts,
        "callflow": flow[::-1],  # newest first
    }
    logged = [
        {"app_name": app, "app_data": data, "app_stamp": micro(at)}
        for at, app, data in applications
    ]
    if logged:
        document["app_log"] = {"applications": logged}
    return document


def micro(at: float | None) -> str:
    return "0" if at is None else str(int((T0 + at) * 1_000_000))


def origin(uuid: str) -> Document:
    return {"originator_caller_profiles": [{"uuid": uuid, "caller_id_number": "1"}]}


def epoch(at: float) -> str:
    return str(T0 + int(at))


def queued(
    queue: str,
    joined: float,
    *,
    answered: float | None = None,
    terminated: float | None = None,
    cancelled: float | None = None,
    reason: str = "NONE",
    agent: str = "",
    member: str = "m1",
) -> dict[str, str]:
    """The variables that mod_callcenter leaves with the caller's leg."""
    texts = {
        "cc_side": "member",
        "cc_queue": f"{queue}@default",
        "cc_member_uuid": member,
        "cc_queue_joined_epoch": epoch(joined),
        "cc_cause": "answered" if answered is not None else "cancel",
        "cc_cancel_reason": reason,
        "cc_agent_uuid": "_undef_",
    }
    if answered is not None:
        texts |= {"cc_queue_answered_epoch": epoch(answered), "cc_agent": f"{agent}@default"}
    if terminated is not None:
        texts["cc_queue_terminated_epoch"] = epoch(terminated)
    if cancelled is not None:
        texts["cc_queue_canceled_epoch"] = epoch(cancelled)
    return texts


def rung(
    uuid: str,
    agent: str,
    caller: str,
    queue: str,
    joined: float,
    start: float,
    end: float,
    *,
    member: str = "m1",
    **more: Any,
) -> Document:
    """The leg of an agent whom a queue rang: made by the exchange, and of no originator."""
    return leg(
        uuid,
        start,
        end,
        outbound=True,
        dialled=agent,
        channel=f"sofia/internal/{agent}@127.0.0.1:16102",
        **{
            "cc_side": "agent",
            "cc_queue": f"{queue}@default",
            "cc_agent": f"{agent}@default",
            "cc_member_uuid": member,
            "cc_member_session_uuid": caller,
            "cc_queue_joined_epoch": epoch(joined),
            **more,
        },
    )


def phone(uuid: str, user: str, caller: str, start: float, end: float, **more: Any) -> Document:
    """The leg of a phone of the house that was dialled for another leg."""
    return leg(
        uuid,
        start,
        end,
        outbound=True,
        dialled=user,
        originator=caller,
        channel=f"sofia/internal/{user}@10.0.0.9:5060",
        **{
            "dialed_user": user,
            "dialed_domain": "10.0.0.5",
            "originating_leg_uuid": caller,
            **more,
        },
    )


# --- writing


def percent(text: str) -> str:
    return quote(text, safe=_SAFE.replace('"', ""))


def with_values_encoded(document: Document) -> Document:
    values = {name: percent(text) for name, text in document["variables"].items()}
    return {**document, "variables": values}


def as_json(document: Document, *, encode_values: bool = True) -> bytes:
    document = with_values_encoded(document) if encode_values else document
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def as_xml(document: Document) -> bytes:
    document = with_values_encoded(document)
    variables = "".join(f"<{n}>{escape(v)}</{n}>" for n, v in document["variables"].items())
    channel = "".join(f"<{n}>{v}</{n}>" for n, v in document["channel_data"].items())
    log = "".join(
        f"<application app_name={quoteattr(one['app_name'])} app_data={quoteattr(one['app_data'])}"
        f' app_stamp="{one["app_stamp"]}"></application>'
        for one in document.get("app_log", {}).get("applications", ())
    )
    flow = "".join(_flow(one) for one in document["callflow"])
    return (
        '<?xml version="1.0"?>\n'
        f'<cdr core-uuid="{document["core-uuid"]}" switchname="fs1">\n'
        f"  <channel_data>{channel}</channel_data>\n  <call-stats></call-stats>\n"
        f"  <variables>{variables}</variables>\n  <app_log>{log}</app_log>\n{flow}</cdr>\n"
    ).encode()


def _flow(one: Document) -> str:
    profile = dict(one["caller_profile"])
    originator = profile.pop("originator", None)
    fields = "".join(f"<{n}>{escape(v)}</{n}>" for n, v in profile.items())
    if originator:
        uuid = originator["originator_caller_profiles"][0]["uuid"]
        fields += (
            "<originator><originator_caller_profile>"
            f"<uuid>{escape(uuid)}</uuid></originator_caller_profile></originator>"
        )
    times = "".join(f"<{n}>{v}</{n}>" for n, v in one["times"].items())
    extension = f'<extension name={quoteattr(one["extension"]["name"])} number="1"></extension>'
    return (
        f'<callflow dialplan="XML" unique-id="x" profile_index="{one["profile_index"]}">{extension}'
        f"<caller_profile>{fields}</caller_profile><times>{times}</times></callflow>\n"
    )


def form(body: bytes) -> bytes:
    return b"cdr=" + percent(body.decode()).encode()


def base64_form(body: bytes) -> bytes:
    return b"cdr=" + base64.b64encode(body)


# --- reading


def calls_of(*documents: Document, encode_values: bool = True) -> list[BuiltCall]:
    return calls_in(as_json(document, encode_values=encode_values) for document in documents)


def calls_in(bodies: Iterable[bytes], form: Any = freeswitch_document) -> list[BuiltCall]:
    """Build the calls of bodies, each piece once, as the import does."""
    records = {}
    for body in bodies:
        parsed = parse(form, body)
        if parsed.record is not None:
            records.setdefault(parsed.digest(body), parsed.record)
    return build(list(records.values()), UTC)
