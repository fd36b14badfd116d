"""Builds ACPI DMAR tables for the machines whose firmware the matrix replaces."""
import struct

ENDPOINT, BRIDGE, IOAPIC, HPET, NAMESPACE = 1, 2, 3, 4, 5


def scope(kind, bus, hops, enumeration=0):
    path = b''.join(struct.pack('BB', device, function) for device, function in hops)
    return struct.pack('<BBHBB', kind, 6 + len(path), 0, enumeration, bus) + path


def drhd(base, flags=0, segment=0, scopes=()):
    body = b''.join(scopes)
    return struct.pack('<HHBBHQ', 0, 16 + len(body), flags, 0, segment, base) + body


def rmrr(base, end, scopes, segment=0):
    body = b''.join(scopes)
    return struct.pack('<HHHHQQ', 1, 24 + len(body), 0, segment, base, end) + body


def atsr(flags=0, segment=0, scopes=()):
    body = b''.join(scopes)
    return struct.pack('<HHBBH', 2, 8 + len(body), flags, 0, segment) + body


def rhsa(base, proximity):
    return struct.pack('<HHIQI', 3, 20, 0, base, proximity)


def table(body, width=39, flags=0, oem=b'BOCHS ', oem_table=b'BXPC    ', revision=2):
    header = struct.pack('<4sIBB6s8sI4sI', b'DMAR', 48 + len(body), 1, 0, oem, oem_table, revision, b'BXPC', 1)
    raw = bytearray(header + struct.pack('<BB10x', width - 1, flags) + body)
    raw[9] = -sum(raw) & 0xff  # the checksum makes the sum of all bytes zero
    return bytes(raw)
