"""The NAT between real hosts: clients, a server and a stranger, each a network namespace.

Their kernels' TCP and UDP judge what our NAT made of their packets, checksums included. Every
decision is taken in CPython under contracts, by the text that the verifier proves.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.network.hosts import LATE_SECONDS, SILENCE_SECONDS
from tests.network.namespaces import Namespaces, program, why_unavailable
from tests.network.office import EXTERNAL, SERVER, Office

FILE_SIZE = 100_000  # bytes: some 150 frames
FIRST_PORT = 30_000
SETTINGS = f"""
external-device = "wan"
external-address = "{EXTERNAL}"
first-port = {FIRST_PORT}
last-port = {FIRST_PORT + 99}
max-flows = 32
timeout = "3 s"
"""


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    """Ask for namespaces: CI has to have them, elsewhere a test says why it does not run."""
    reason = why_unavailable()
    if reason and os.environ.get("CI"):
        pytest.fail(f"in CI this test has to run, but {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the NAT's settings and a file for the web server."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "nat.toml").write_text(SETTINGS)
    (folder / "file").write_bytes(random.Random(1).randbytes(FILE_SIZE))
    return folder


@pytest.fixture
def office(folder: Path) -> Iterator[Office]:
    """Make the network, with the NAT in its place."""
    with Namespaces() as hosts:
        office = Office(hosts, folder)
        office.start_nat(folder / "nat.toml")
        yield office


def ask(office: Office, client: int, *arguments: str) -> str:
    """Let a client ask the echo service; return the reply."""
    return office.clients[client].run(*program("ask", SERVER, *arguments)).strip()


def test_clients_download_at_the_same_time(office: Office, folder: Path) -> None:
    files = [folder / f"of client {number}" for number in range(len(office.clients))]
    url = f"http://{SERVER}/file"
    running = [
        client.start(*program("fetch", url, str(file)))
        for client, file in zip(office.clients, files, strict=True)
    ]
    printed = [process.communicate(timeout=60) for process in running]
    assert printed == [(f"{FILE_SIZE}\n", "")] * len(files)
    assert [file.read_bytes() for file in files] == [(folder / "file").read_bytes()] * len(files)
    assert set(office.verdicts()) == {"lan", "wan"}


def test_udp_goes_there_and_back(office: Office) -> None:
    sent = ["I am 1", "I am 2", "I am 3"]
    assert [ask(office, client, text) for client, text in enumerate(sent)] == sent
    assert office.verdicts() == {"lan": 3, "wan": 3}


def test_the_server_sees_the_external_address_and_a_port_for_each_flow(office: Office) -> None:
    seen = [ask(office, client, "who").split() for client in (0, 1, 2, 0)]
    ports = {int(port) for _, port in seen}
    assert [address for address, _ in seen] == [EXTERNAL] * 4
    assert len(ports) == 4
    assert ports <= set(range(FIRST_PORT, FIRST_PORT + 100))


def test_a_refused_connection_is_told_to_the_client(office: Office) -> None:
    assert office.clients[0].run(*program("connect", SERVER, "80")) == "connected\n"
    assert office.clients[0].run(*program("connect", SERVER, "81")) == "refused\n"


def test_unsolicited_packets_do_not_get_in(office: Office) -> None:
    # A client's kernel would answer "refused": silence means that no client was reached.
    for port in (22, FIRST_PORT, FIRST_PORT + 50):
        assert (
            office.server.run(*program("connect", EXTERNAL, str(port), SILENCE_SECONDS))
            == "no answer\n"
        )
    verdicts = office.verdicts()
    assert set(verdicts) == {"UNSOLICITED"}
    assert verdicts["UNSOLICITED"] >= 3


def test_the_answer_of_a_stranger_does_not_get_in(office: Office) -> None:
    assert ask(office, 0, "stranger", SILENCE_SECONDS) == "no answer"
    assert ask(office, 0, "who") != "no answer"
    assert office.verdicts() == {"wan": 2, "WRONG_REMOTE": 1, "lan": 1}


def test_an_answer_after_the_timeout_does_not_get_in(office: Office) -> None:
    assert ask(office, 0, "later", str(LATE_SECONDS + 1.5)) == "no answer"
    assert office.verdicts() == {"wan": 1, "UNSOLICITED": 1}


def test_clients_that_ping_at_the_same_time_get_their_own_answers(office: Office) -> None:
    running = [client.start(*program("ping", SERVER)) for client in office.clients]
    assert [process.communicate(timeout=60) for process in running] == [("answer\n", "")] * 3
    assert office.verdicts() == {"lan": 3, "wan": 3}


def test_nobody_outside_can_ping_the_clients(office: Office) -> None:
    assert office.server.run(*program("ping", EXTERNAL, SILENCE_SECONDS)) == "no answer\n"
    assert office.verdicts() == {"UNSOLICITED": 1}


def test_a_client_is_told_that_a_udp_port_is_closed(office: Office) -> None:
    # The client's kernel tells its socket only of an error about the very datagram that it sent.
    assert office.clients[0].run(*program("probe", SERVER, "9")) == "refused\n"
    assert office.verdicts() == {"lan": 1, "wan": 1}


def test_what_a_client_does_not_want_any_more_is_told_to_the_server(office: Office) -> None:
    # The client closes its socket at once, so that its kernel answers the echo by an error.
    assert office.clients[0].run(*program("send", SERVER, "7", "echo")) == "sent\n"
    time.sleep(float(SILENCE_SECONDS))
    assert office.verdicts() == {"lan": 1, "wan": 2}
