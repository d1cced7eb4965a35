"""What callers of a port allocator count on."""

from __future__ import annotations

from libvig.contracts import ensure, require
from libvig.port_allocator import PortAllocator, new_port_allocator


@require(lambda first, last: 1 <= first <= last <= 65535)
@require(lambda first, last, holders: 1 <= holders <= last - first + 1)
@require(lambda holders, holder: 0 <= holder < holders)
@ensure(lambda result: result)
def holders_begin_in_order(first: int, last: int, holders: int, holder: int) -> bool:
    ports = new_port_allocator(first, last, holders)
    as_asked = ports.first == first and ports.last == last and ports.capacity == holders
    return as_asked and ports.port_of(holder) == first + holder


@ensure(lambda result: result)
def there_are_ports_for_all(ports: PortAllocator, holder: int) -> bool:
    in_range = 1 <= ports.first <= ports.last <= 65535
    enough = 1 <= ports.capacity <= ports.last - ports.first + 1
    return in_range and enough and (holder in ports.entries) == (0 <= holder < ports.capacity)


@require(lambda ports, one: 0 <= one < ports.capacity)
@require(lambda ports, other: 0 <= other < ports.capacity)
@ensure(lambda result: result)
def two_holders_have_two_ports(ports: PortAllocator, one: int, other: int) -> bool:
    in_range = ports.first <= ports.port_of(one) <= ports.last
    return in_range and (one == other or ports.port_of(one) != ports.port_of(other))


@require(lambda ports, holder: 0 <= holder < ports.capacity)
@ensure(lambda result: result)
def who_has_the_port_holds_it(ports: PortAllocator, holder: int, port: int) -> bool:
    found = ports.holder_of(port)
    if found >= 0 and ports.port_of(found) != port:
        return False
    return (found == holder) == (ports.port_of(holder) == port)


@require(lambda ports, holder: 0 <= holder < ports.capacity)
@require(lambda ports, other: 0 <= other < ports.capacity)
@ensure(lambda result: result)
def a_new_port_was_nobodys(ports: PortAllocator, holder: int, other: int) -> bool:
    old, before = ports.port_of(holder), ports.port_of(other)
    port = ports.allocate(holder)
    none_rests = ports.last - ports.first + 1 == ports.capacity
    is_new = (port == old) == none_rests and (other == holder or port != before)
    others_stay = other == holder or ports.port_of(other) == before
    return is_new and others_stay and ports.port_of(holder) == port
