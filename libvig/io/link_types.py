"""Names of the commonest link types, as tcpdump.org's list of LINKTYPE_ values has them."""

ETHERNET = 1

_NAMES = {
    0: "BSD loopback",
    1: "Ethernet",
    6: "token ring",
    9: "PPP",
    50: "PPP in HDLC framing",
    51: "PPPoE",
    100: "ATM",
    101: "raw IP",
    104: "Cisco HDLC",
    105: "802.11 wireless",
    107: "frame relay",
    108: "OpenBSD loopback",
    113: "Linux cooked (the any interface)",
    117: "OpenBSD packet filter log",
    119: "Prism wireless",
    127: "radiotap wireless",
    147: "user-defined",
    187: "Bluetooth HCI",
    189: "USB",
    192: "per-packet information",
    195: "802.15.4",
    220: "USB",
    227: "CAN bus",
    228: "raw IPv4",
    229: "raw IPv6",
    239: "netfilter log",
    249: "USB",
    253: "netlink",
    271: "vsock",
    276: "Linux cooked, version 2 (the any interface)",
}


def link_type_name(link_type: int) -> str:
    """What a person calls this link type, with its number."""
    name = _NAMES.get(link_type)
    return f"{name}, link type {link_type}" if name else f"link type {link_type}"
