"""People with slow lines, or none at all, do not keep the others waiting."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time

import pytest
import waitress
from waitress import wasyncore

from tests import factories as make
from tests.access.browsers import browser

SLOW, WITHIN = 60, 2.0  # clients, seconds


@pytest.fixture
def served(app):
    """Serve the portal as `docs/operations.md` says; give its port and somebody's cookie."""
    with make.building(app):
        admin = make.company()
    somebody = browser(app, admin.email)
    connections = {}
    server = waitress.create_server(app, connections, host="127.0.0.1", port=0, threads=32)

    def run():
        with contextlib.suppress(OSError):  # it is closed below while it waits for somebody
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield server.effective_port, somebody.cookie
    server.task_dispatcher.shutdown()
    server.close()
    thread.join(5)
    wasyncore.close_all(connections, ignore_all=True)  # those whose clients left a moment ago


BEGINNINGS = [
    b"GET /projects HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nemail=",
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n",
]


def test_sixty_who_never_end_their_request_stop_nobody(served):
    port, cookie = served
    with contextlib.ExitStack() as stack:
        for number in range(SLOW):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            slow.sendall(BEGINNINGS[number % len(BEGINNINGS)])
        began = time.monotonic()
        connection = stack.enter_context(
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN))
        )
        connection.request("GET", "/projects", headers={"Cookie": cookie})
        answer = connection.getresponse()
        assert (answer.status, b"</html>" in answer.read()) == (200, True)
        assert time.monotonic() - began < WITHIN
