"""Where exchanges send their calls. Kept first and read later: a call's thread waits for us.

It stands before Flask: session, form tokens, languages and one transaction for each request are
for people, and take longer than all the rest of an answer here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import HTTPException, LengthRequired
from werkzeug.wrappers import Request, Response

from portal import headers
from portal.accounts.tokens import fingerprint
from portal.calls.receiving.lots import Lots, NotKeptError
from portal.calls.receiving.operations import Sent, is_of_a_source
from portal.calls.sources.pieces import LARGEST

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/intake"


def register(app: Flask) -> None:
    app.wsgi_app = Gate(app, app.wsgi_app)  # type: ignore[method-assign]  # as Flask advises


class Gate:
    """Answers what is sent to the intake; all else is the portal's."""

    def __init__(self, app: Flask, portal: WSGIApplication) -> None:
        self._app, self._portal = app, portal
        self._lots = Lots(app)
        # Tokens seen before: their bodies are worth reading. Each lot asks the database.
        self._known: set[bytes] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self._portal(environ, start_response)
        request = Request(environ)
        request.trusted_hosts = self._app.config["TRUSTED_HOSTS"]
        return headers.secure(self._app, self._answer(request))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        """Keep one body of whatever content: what can be kept is never refused."""
        if request.method != "POST":
            return Response(status=405, headers={"Allow": "POST"})
        token = fingerprint(_token(request))
        request.max_content_length = LARGEST
        try:
            _host = request.host  # raises where it is not ours
            in_chunks = "Transfer-Encoding" in request.headers
            if in_chunks and not request.environ.get("wsgi.input_terminated"):
                raise LengthRequired  # where a body ends, this server does not say
            if self._knows(token) and self._lots.keep(Sent(token, request.get_data(cache=False))):
                return Response(status=204)
        except HTTPException as error:  # another host, or a body that is too long, cut off …
            return Response(status=error.code)
        except NotKeptError:
            return Response(status=503, headers={"Retry-After": "2"})
        self._known.discard(token)
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="Bulkhead intake"'})

    def _knows(self, token: bytes) -> bool:
        if token not in self._known:
            try:
                with self._app.app_context():
                    if not is_of_a_source(token):
                        return False
            except Exception as error:
                self._app.logger.exception("a token could not be looked up")
                raise NotKeptError from error
            self._known.add(token)
        return True


def _token(request: Request) -> str:
    """Return the token that is sent: as a bearer's, or as the password of any user."""
    given = request.authorization
    if given is None or given.type not in ("basic", "bearer"):
        return ""
    return str((given.token if given.type == "bearer" else given.password) or "")
