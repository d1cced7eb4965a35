"""The network of RFC 3022 figure 1 in small: an office behind a NAT, and a server outside.

    client 1 ─┐
    client 2 ─┤ router ──── lan [ NAT ] wan ──── server (and a stranger, at a second address)
    client 3 ─┘  (kernel)       (ours)

The NAT's host has two interfaces and no address: its kernel neither answers nor forwards, and
what passes has passed through our network function. ARP toward the NAT is static, for the NAT
does not speak it. All addresses are reserved for documentation or private use (RFC 5737, 1918).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.network.namespaces import Namespace, Namespaces, program, stop

CLIENTS = 3
SERVER = "198.51.100.80"
STRANGER = "198.51.100.66"
EXTERNAL = "192.0.2.1"  # the NAT's own address outside; the default of `nat`

# The NAT's MAC address on each device and its neighbour's: the defaults of `nat`.
LAN_MAC, WAN_MAC = "02:00:00:00:00:00", "02:00:00:00:00:01"
ROUTER_MAC, SERVER_MAC = "02:00:00:00:01:00", "02:00:00:00:01:01"


class Office:
    """The hosts of the picture above, connected and addressed, with the server's services."""

    def __init__(self, hosts: Namespaces, folder: Path) -> None:
        """Build the network among `hosts`; the server offers the files of `folder`."""
        self._hosts = hosts
        self.router = hosts.add("router")
        self.nat = hosts.add("nat")
        self.server = hosts.add("server")
        self.clients = [hosts.add(f"client{number}") for number in range(1, CLIENTS + 1)]
        self._connect_outside()
        self._connect_inside()
        for number, client in enumerate(self.clients, start=1):
            self._connect_client(client, number)
        hosts.serve(self.server, *program("serve", SERVER, STRANGER, str(folder)))

    def _connect_outside(self) -> None:
        self._hosts.connect((self.nat, "wan", WAN_MAC), (self.server, "eth0", SERVER_MAC))
        for address in (SERVER, STRANGER):
            self.server.ip("address", "add", f"{address}/24", "dev", "eth0")
        _neighbour(self.server, EXTERNAL, WAN_MAC, "eth0")
        self.server.ip("route", "add", EXTERNAL, "dev", "eth0", "src", SERVER)

    def _connect_inside(self) -> None:
        self._hosts.connect((self.nat, "lan", LAN_MAC), (self.router, "uplink", ROUTER_MAC))
        self.router.ip("address", "add", "10.0.0.2/24", "dev", "uplink")
        _neighbour(self.router, "10.0.0.1", LAN_MAC, "uplink")
        self.router.ip("route", "add", "default", "via", "10.0.0.1")
        self.router.sysctl("net/ipv4/ip_forward", "1")

    def _connect_client(self, client: Namespace, number: int) -> None:
        port = f"client{number}"
        self._hosts.connect(
            (client, "eth0", f"02:00:00:00:02:{number:02x}"),
            (self.router, port, f"02:00:00:00:03:{number:02x}"),
        )
        client.ip("address", "add", f"10.0.{number}.2/24", "dev", "eth0")
        client.ip("route", "add", "default", "via", f"10.0.{number}.1")
        self.router.ip("address", "add", f"10.0.{number}.1/24", "dev", port)

    def start_nat(self, config: Path, record: Path | None = None) -> None:
        """Start the NAT in its place; with `record`, it will write what came in to that capture."""
        options = ("--record", str(record)) if record else ()
        relay = (sys.executable, "-m", "tests.network.relay", "--config", str(config), *options)
        self._relay = self._hosts.serve(self.nat, *relay)

    def verdicts(self) -> dict[str, int]:
        """End the NAT; return how often it gave each verdict (see relay.py)."""
        died = self._relay.poll() is not None
        report = stop(self._relay)
        if died:
            raise RuntimeError(f"the NAT had died: {report}")
        found: dict[str, int] = json.loads(report)
        return found


def _neighbour(host: Namespace, address: str, mac: str, interface: str) -> None:
    host.ip("neighbour", "add", address, "lladdr", mac, "dev", interface, "nud", "permanent")
