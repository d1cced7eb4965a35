"""Record demo/clients.pcapng: real clients and a server that talk through our NAT.

    sudo .venv/bin/python -m demo.record

Makes the network of tests/network/office.py out of network namespaces (root, iproute2, curl and
ping are needed), with our NAT, in CPython and with its contracts on, between office and server.
The capture holds what came in on the NAT's two interfaces. As the NAT is deterministic,
`pyvigor run nat` on the capture takes the same decisions again: the server's replies go to the
ports that the NAT gave out while this was recorded. The verdicts printed at the end belong into
tests/test_demo.py, which holds the NAT to them.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.network.hosts import SILENCE_SECONDS
from tests.network.namespaces import PROGRAM_SECONDS, ROOT, Namespace, Namespaces, program
from tests.network.office import EXTERNAL, SERVER, Office

CAPTURE = ROOT / "demo" / "clients.pcapng"
SETTINGS = ROOT / "demo" / "nat.toml"
PAGE = "LICENSE"  # what the web server serves


def together(*programs: tuple[Namespace, tuple[str, ...]]) -> None:
    """Run programs at the same time, each on its host; print what each says, in order."""
    running = [host.start(*arguments) for host, arguments in programs]
    for (host, _), process in zip(programs, running, strict=True):
        output, errors = process.communicate(timeout=PROGRAM_SECONDS)
        print(f"{host.name}: {(output + errors).strip()}")


def curl(page: str) -> tuple[str, ...]:
    """Return the command that fetches a page and says how it went."""
    report = "%{http_code}, %{size_download} bytes"
    return (
        "curl",
        "--silent",
        "--max-time",
        "20",
        "--output",
        "/dev/null",
        "--write-out",
        report,
        page,
    )


def ask(text: str, *seconds: str) -> tuple[str, ...]:
    """Return the command that sends a text to the echo service and waits for the answer."""
    return tuple(program("ask", SERVER, text, *seconds))


def talk(office: Office) -> None:
    """Act the scenes of the capture."""
    one, two, three = office.clients
    page = f"http://{SERVER}/{PAGE}"
    # What a NAT is for: web and UDP, several clients at a time.
    together((one, curl(page)), (two, curl(page)), (three, ask("hello from client 3")))
    together((one, ask("hello from client 1")), (two, ask("hello from client 2")))
    together((three, tuple(program("connect", SERVER, "81"))))  # refused, and the client hears it
    # Pings, and what a NAT does not pass: fragments that carry no ports.
    together(
        (one, ("ping", "-c", "2", "-W", "1", SERVER)), (three, ask("long " * 500, SILENCE_SECONDS))
    )
    # What a NAT must not pass: a stranger's reply, one that comes too late, and probes.
    together((two, ask("stranger", SILENCE_SECONDS)))
    together((one, ask("later", "5")))
    for port in ("22", "1024", "8080"):
        together((office.server, tuple(program("send", EXTERNAL, port, "is anyone there?"))))
    together((office.server, tuple(program("connect", EXTERNAL, "80", SILENCE_SECONDS))))


def record(folder: Path) -> dict[str, int]:
    """Record into the project; return how often the NAT gave each verdict."""
    shutil.copy(ROOT / PAGE, folder)
    with Namespaces() as hosts:
        office = Office(hosts, folder)
        office.start_nat(SETTINGS, CAPTURE)
        talk(office)
        return office.verdicts()


def main() -> None:
    """Record, and say what came in."""
    with tempfile.TemporaryDirectory() as folder:
        verdicts = record(Path(folder))
    print(f"{CAPTURE.relative_to(ROOT)}: {CAPTURE.stat().st_size} bytes")
    for verdict, packets in verdicts.items():
        print(f"{packets:6} {verdict}")


if __name__ == "__main__":
    main()
