"""Writes minimal files in the MaxMind DB format (specification version 2.0) for tests."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any

EXTENDED = 7
UTF8, UINT16, UINT32, MAP, UINT64, ARRAY = 2, 5, 6, 7, 9, 11

HOSTED = {"country": {"iso_code": "NL", "names": {"en": "Netherlands"}}}
NETWORK = {"autonomous_system_number": 64496, "autonomous_system_organization": "Example Net"}


def encoded(value: Any) -> bytes:
    """Encode a value; `bytes` are taken as already encoded."""
    match value:
        case str():
            return _head(UTF8, len(raw := value.encode())) + raw
        case int():
            return number(value, UINT32)
        case bytes():
            return value
        case list():
            return _head(ARRAY, len(value)) + b"".join(map(encoded, value))
        case _:
            pairs = b"".join(encoded(name) + encoded(each) for name, each in value.items())
            return _head(MAP, len(value)) + pairs


def number(value: int, kind: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _head(kind, len(raw)) + raw


def _head(kind: int, size: int) -> bytes:
    first, extra = (kind << 5, b"") if kind <= EXTENDED else (0, bytes([kind - EXTENDED]))
    # Only sizes below 285 are supported, which is enough for tests.
    return bytes([first | min(size, 29)]) + extra + (bytes([size - 29]) if size >= 29 else b"")


def mmdb(records: Mapping[str, Any], *, made: datetime, ip_version: int = 6) -> bytes:
    """A file that maps each network, such as `192.0.2.0/24`, to its record. Networks must not overlap."""
    # A node is a pair whose members are nodes, records in a tuple, or None.
    root: list[Any] = [None, None]
    for network, record in records.items():
        node, bits = root, _bits(network, ip_version)
        for bit in bits[:-1]:
            node[bit] = node[bit] or [None, None]
            node = node[bit]
        node[bits[-1]] = (record,)
    nodes = [root]
    for node in nodes:
        nodes.extend(child for child in node if isinstance(child, list))
    numbers = {id(node): number for number, node in enumerate(nodes)}
    tree, data = b"", b""
    for child in (child for node in nodes for child in node):
        match child:
            case None:
                pointer = len(nodes)
            case list():
                pointer = numbers[id(child)]
            case _:
                pointer = len(nodes) + 16 + len(data)
                data += encoded(child[0])
        tree += pointer.to_bytes(3, "big")
    metadata = {
        "node_count": len(nodes),
        "record_size": number(24, UINT16),
        "ip_version": number(ip_version, UINT16),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": number(2, UINT16),
        "binary_format_minor_version": number(0, UINT16),
        "build_epoch": number(int(made.timestamp()), UINT64),
        "description": {"en": "made for a test"},
    }
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encoded(metadata)


def _bits(network: str, ip_version: int) -> list[int]:
    """The bits from the root to the network. IPv4 networks are below ::/96 in an IPv6 tree."""
    parsed = ipaddress.ip_network(network)
    offset = 96 if ip_version == 6 and parsed.version == 4 else 0
    written = "0" * offset + f"{int(parsed.network_address):0{parsed.max_prefixlen}b}"
    return [int(bit) for bit in written[: offset + parsed.prefixlen]]
