"""The IP address of the host that had the content, as a trace found it: never that of a person who reported it."""

import ipaddress

# Set aside for examples (RFC 5737, RFC 3849): no host has one, and the demo uses them.
EXAMPLES = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")))
# Characters of the longest IPv6 address.
LONGEST_HOST_ADDRESS = 45


def parse_host_address(text: str) -> str:
    """Return the IPv4 or IPv6 address in its shortest form; "" for a blank text.

    Raises:
        ValueError: not one address, or one that no host on the internet has. The message never quotes it.
    """
    if not text.strip():
        return ""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        raise ValueError("not an IPv4 or IPv6 address") from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise ValueError("not an IPv4 or IPv6 address")
        address = address.ipv4_mapped or address
    is_example = any(address in network for network in EXAMPLES if network.version == address.version)
    if address.is_multicast or not (address.is_global or is_example):
        raise ValueError("a private or reserved address, which no host on the internet has")
    return str(address)
