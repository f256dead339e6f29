"""Page or fragment: decided here and nowhere else."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse


def wants_fragment() -> bool:
    """Tell whether htmx asks for a part of the page (history and plain links ask for all of it)."""
    return request.headers.get("HX-Request-Type") == "partial"


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def render(page: str, fragment: str | None = None, *, status: int = 0, **context: Any) -> Response:
    """Answer with the page, or with its fragment where htmx asks for that.

    Without a ``status`` it is 422 where the page's ``form`` refuses something, and else 200.
    """
    template = fragment if fragment and wants_fragment() else page
    refused = getattr(context.get("form"), "errors", None)
    return make_response(render_template(template, **context), status or (422 if refused else 200))


def see_other(url: str, *, toast: str | None = None) -> BaseResponse:
    """Lead on to ``url`` after a change; ``toast`` is said there."""
    if toast:
        flash(toast)
    if is_htmx():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def trigger(response: Response, **events: Any) -> Response:
    """Let the page hear ``events`` after the swap, e.g. ``trigger(response, toast="Saved")``."""
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def vary(response: BaseResponse) -> BaseResponse:
    """Tell caches that page and fragment differ, and that neither is theirs to keep."""
    if response.mimetype == "text/html" or is_htmx():
        response.vary.update(("HX-Request", "HX-Request-Type", "Cookie"))
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
