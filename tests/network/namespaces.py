"""Network namespaces of Linux: hosts with interfaces, addresses and programs of their own.

Everything made here is removed by `Namespaces.__exit__`, and only the programs started here are
ended. Needs root and iproute2.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
STARTUP_SECONDS = 30.0
PROGRAM_SECONDS = 60.0  # no program in a namespace runs longer than this


class Unavailable(Exception):
    """This machine cannot make network namespaces; the text says why, in one line."""


class Namespace:
    """One host. Its name is unique, so that two test runs on one machine do not meet."""

    def __init__(self, role: str, run: str) -> None:
        """Name the host for its `role`, unique by its `run`; `Namespaces.add` makes it."""
        self.name = f"pyvigor-{run}-{role}"

    def ip(self, *arguments: str) -> None:
        """Configure this host's network with iproute2."""
        command("ip", "-n", self.name, *arguments)

    def sysctl(self, key: str, value: str) -> None:
        """Set a kernel setting of this host, by its path under /proc/sys."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/{key}")

    def without_checksum_offload(self, interface: str) -> None:
        """Make the kernel complete every checksum, and split every segment, before it sends.

        Otherwise a frame between two namespaces never gets a checksum: no cable is involved.
        """
        self.run(*program("checksum-offload-off", interface))

    def run(self, *arguments: str) -> str:
        """Run a program on this host to its end; return what it printed, raise if it failed."""
        return command("ip", "netns", "exec", self.name, *arguments)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a program on this host. `ip netns exec` becomes the program: its id is ours."""
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


class Namespaces:
    """A set of hosts and of the services that run on them, for the length of a `with` block."""

    def __init__(self) -> None:
        """Make nothing yet."""
        self._run = f"{os.getpid()}-{secrets.token_hex(3)}"
        self._hosts: list[Namespace] = []
        self._services: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for service in reversed(self._services):
            with contextlib.suppress(Unavailable):
                stop(service)
        for host in self._hosts:
            subprocess.run(["ip", "netns", "del", host.name], check=False, capture_output=True)

    def add(self, role: str) -> Namespace:
        """Make a host. IPv6 stays off: its neighbour discovery would only add noise."""
        host = Namespace(role, self._run)
        command("ip", "netns", "add", host.name)
        self._hosts.append(host)
        for scope in ("all", "default"):
            host.sysctl(f"net/ipv6/conf/{scope}/disable_ipv6", "1")
        host.ip("link", "set", "dev", "lo", "up")
        return host

    def connect(self, one: tuple[Namespace, str, str], other: tuple[Namespace, str, str]) -> None:
        """Lay a cable between two hosts: each end is (host, interface, MAC address)."""
        (host, interface, mac), (other_host, other_interface, other_mac) = one, other
        host.ip(
            *("link", "add", "name", interface, "address", mac, "type", "veth"),
            *("peer", "name", other_interface, "address", other_mac, "netns", other_host.name),
        )
        for end, name in ((host, interface), (other_host, other_interface)):
            end.without_checksum_offload(name)
            end.ip("link", "set", "dev", name, "up")

    def serve(self, host: Namespace, *arguments: str) -> subprocess.Popen[str]:
        """Start a service and wait until it prints the line `ready`; it is ended with the hosts."""
        service = host.start(*arguments)
        self._services.append(service)
        _wait_until_ready(service)
        return service


def _wait_until_ready(service: subprocess.Popen[str]) -> None:
    assert service.stdout is not None
    overdue = threading.Timer(STARTUP_SECONDS, service.kill)
    overdue.start()
    first_line = service.stdout.readline()
    overdue.cancel()
    if first_line != "ready\n":
        raise RuntimeError(f"a service did not start: {first_line}{stop(service)}")


def stop(service: subprocess.Popen[str]) -> str:
    """End a service that we started, if it still runs; return what it printed, errors last."""
    if service.poll() is None:
        service.terminate()
    try:
        output, errors = service.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        service.kill()
        output, errors = service.communicate()
    except ValueError:  # stopped before: its pipes are closed
        return ""
    return output + errors


def program(*arguments: str) -> Sequence[str]:
    """Return the command of one of the small programs in `hosts.py`."""
    return (sys.executable, "-m", "tests.network.hosts", *arguments)


def command(*arguments: str) -> str:
    """Run a command from the project's root; return what it printed, raise if it failed."""
    try:
        done = subprocess.run(
            arguments,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"{arguments[0]} is not installed") from error
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def why_unavailable() -> str:
    """Find out, by trying it, whether namespaces and cables can be made: "" or the reason."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        with Namespaces() as hosts:
            one, other = hosts.add("one"), hosts.add("other")
            hosts.connect((one, "a", "02:00:00:00:00:0a"), (other, "b", "02:00:00:00:00:0b"))
    except (Unavailable, RuntimeError, OSError) as error:
        return f"network namespaces cannot be made here: {error}"
    return ""
