"""Many senders of calls in one process, on bare sockets: they take some 100 µs of CPU a request.

    python -m benchmarks.senders '[port, token, seconds, senders, pause]'

Each request has a connection of its own, as those of mod_json_cdr have, whose time counts. It
prints how long each answer took, how many of each status there were, and the CPU that it used.
"""

from __future__ import annotations

import heapq
import json
import selectors
import socket
import sys
import time
from typing import Any

# As long as a document of mod_json_cdr.
_BODY = json.dumps({"variables": {f"variable_{n}": "y" * 40 for n in range(80)}}).encode()


def send(port: int, token: str, seconds: float, senders: int, pause: float | None) -> None:
    """Send; each of them again when it is answered, or ``pause`` after its request before."""
    request = (
        f"POST /intake HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n"
    ).encode() + _BODY
    selector = selectors.DefaultSelector()
    took: list[float] = []
    statuses: dict[str, int] = {}
    start = time.perf_counter()
    # When each sends next: spread over a pause, as senders that know nothing of each other are.
    due = [start + (pause or 0) * n / senders for n in range(senders)]
    while (now := time.perf_counter()) < start + seconds:
        while due and due[0] <= now:
            at = heapq.heappop(due)
            one = socket.create_connection(("127.0.0.1", port))
            one.sendall(request)
            selector.register(one, selectors.EVENT_READ, at if pause else now)
        for key, _ in selector.select(max(0, due[0] - now) if due else 1):
            sender: Any = key.fileobj
            status = sender.recv(65536)[9:12].decode()
            selector.unregister(sender)
            sender.close()
            now = time.perf_counter()
            took.append(now - key.data)
            statuses[status] = statuses.get(status, 0) + 1
            heapq.heappush(due, max(now, key.data + pause) if pause else now)
    json.dump([took, statuses, time.process_time()], sys.stdout)


if __name__ == "__main__":
    send(*json.loads(sys.argv[1]))
