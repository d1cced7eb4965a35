"""The small programs that run on the hosts of a test network: `python -m tests.network.hosts`.

Each uses the kernel's own TCP and UDP, waits a bounded time, and prints one line of what it saw.
"""

from __future__ import annotations

import array
import fcntl
import http.server
import os
import socket
import struct
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

HTTP_PORT = 80
ECHO_PORT = 7
ANSWER_SECONDS = "10"  # how long a client waits for an answer: long, for machines can be busy
SILENCE_SECONDS = "1.5"  # how long it waits where none is to come
LATE_SECONDS = 4.0  # how long the echo service waits before it answers `later`

SIOCETHTOOL = 0x8946  # linux/sockios.h
ETHTOOL_STXCSUM = 0x17  # linux/ethtool.h: set transmit checksum offload


def checksum_offload_off(interface: str) -> str:
    """Switch transmit checksum offload off (what `ethtool -K INTERFACE tx off` does)."""
    setting = array.array("I", (ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP", interface.encode(), setting.buffer_info()[0])
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCETHTOOL, request)
    return "off"


class _Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the service quiet."""


def serve(address: str, stranger: str, folder: str) -> str:
    """Serve a folder over HTTP and answer UDP datagrams (see `_answer`), until ended."""

    def handler(*arguments: object) -> _Files:
        return _Files(*arguments, directory=folder)  # type: ignore[arg-type]

    web = http.server.ThreadingHTTPServer((address, HTTP_PORT), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with _bound(address) as echo, _bound(stranger) as other:
        print("ready", flush=True)
        while True:
            text, client = echo.recvfrom(2048)
            threading.Thread(target=_answer, args=(echo, other, text, client), daemon=True).start()


def _bound(address: str) -> socket.socket:
    endpoint = socket.socket(type=socket.SOCK_DGRAM)
    endpoint.bind((address, ECHO_PORT))
    return endpoint


def _answer(
    echo: socket.socket, other: socket.socket, text: bytes, client: tuple[str, int]
) -> None:
    """Echo the text (RFC 862), with three exceptions that are here to try a NAT.

    `who` is answered with the sender's address and port as seen here, `stranger` from another
    address than the one asked, and `later` after LATE_SECONDS.
    """
    if text == b"later":
        time.sleep(LATE_SECONDS)
    reply = f"{client[0]} {client[1]}".encode() if text == b"who" else text
    (other if text == b"stranger" else echo).sendto(reply, client)


def ask(address: str, text: str, seconds: str = ANSWER_SECONDS) -> str:
    """Send a text to the echo service; return the reply or `no answer`."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(float(seconds))
        client.sendto(text.encode(), (address, ECHO_PORT))
        try:
            return client.recv(2048).decode()
        except TimeoutError:
            return "no answer"


def send(address: str, port: str, text: str) -> str:
    """Send one datagram that nobody asked for."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(text.encode(), (address, int(port)))
    return "sent"


def connect(address: str, port: str, seconds: str = ANSWER_SECONDS) -> str:
    """Open a TCP connection and close it: `connected`, `refused` or `no answer`."""
    try:
        socket.create_connection((address, int(port)), float(seconds)).close()
    except TimeoutError:
        return "no answer"
    except ConnectionRefusedError:
        return "refused"
    return "connected"


def ping(address: str, seconds: str = ANSWER_SECONDS) -> str:
    """Send an ICMP echo request (RFC 792): `answer`, `no answer` or `another's answer`."""
    identifier = os.getpid() & 0xFFFF
    checksum = (0xFFFF - 8 * 256 - identifier - 1) % 0xFFFF
    request = struct.pack(">BBHHH", 8, 0, checksum, identifier, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as client:
        client.settimeout(float(seconds))
        client.sendto(request, (address, 0))
        try:
            reply = client.recv(2048)
        except TimeoutError:
            return "no answer"
    return "answer" if reply[24:] == struct.pack(">HH", identifier, 1) else "another's answer"


def probe(address: str, port: str, seconds: str = ANSWER_SECONDS) -> str:
    """Send a datagram: `refused` where an ICMP error says that the port is closed."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(float(seconds))
        client.connect((address, int(port)))
        client.send(b"anybody?")
        try:
            client.recv(2048)
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            return "no answer"
    return "answer"


def fetch(url: str, file: str) -> str:
    """Download a file over HTTP; return how many bytes came."""
    with urllib.request.urlopen(url, timeout=20) as response:
        body: bytes = response.read()
    Path(file).write_bytes(body)
    return str(len(body))


PROGRAMS: dict[str, Callable[..., str]] = {
    "checksum-offload-off": checksum_offload_off,
    "serve": serve,
    "ask": ask,
    "send": send,
    "connect": connect,
    "ping": ping,
    "probe": probe,
    "fetch": fetch,
}


if __name__ == "__main__":
    print(PROGRAMS[sys.argv[1]](*sys.argv[2:]))
