"""The OpenAPI description of the intake."""

from __future__ import annotations

from typing import Any

from portal.calls.sources import FORMATS
from portal.calls.sources.pieces import LARGEST

_BODIES = {
    "application/json": "A document of mod_json_cdr, or lines of JSON: rows of tables, AMI events.",
    "application/xml": "A document of mod_xml_cdr.",
    "application/x-www-form-urlencoded": "`cdr=` and such a document, percent-encoded.",
    "text/plain": "Lines of a log.",
    "application/octet-stream": "Any of these: what a body is, its first bytes tell.",
}


def document(base_url: str) -> dict[str, Any]:
    """Return the description. ``base_url``: where this portal is reached."""
    formats = ", ".join(sorted(form.LABEL for form in FORMATS.values()))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bulkhead: intake of calls",
            "version": "1",
            "description": f"Every source of calls has a token of its own. Formats: {formats}.",
        },
        "servers": [{"url": base_url.rstrip("/")}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": {"/intake": {"post": _post()}},
        "components": {
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "Any user name; the token is the password.",
                },
                "bearer": {"type": "http", "scheme": "bearer"},
            }
        },
    }


def _post() -> dict[str, Any]:
    body = {"schema": {"type": "string", "format": "binary", "maxLength": LARGEST}}
    return {
        "summary": "Send one document, or lines of one log",
        "description": "The same again makes no new calls. Unknown parameters are ignored.",
        "requestBody": {
            "required": True,
            "content": {kind: body | {"x-what": what} for kind, what in _BODIES.items()},
        },
        "responses": {
            "204": {"description": "Kept. It becomes calls within seconds."},
            "401": {"description": "No token, or one that is not valid any more."},
            "413": {"description": f"Longer than {LARGEST // 1024**2} MiB."},
            "503": {"description": "The portal cannot keep it now: send it again."},
        },
    }
