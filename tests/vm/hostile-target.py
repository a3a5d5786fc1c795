#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""An iSCSI target of one tape library whose answers can be made wrong.

Usage: hostile-target.py PORT SCENARIO-FILE

LUN 0 is a changer (transport 1, port 16, slots 1000 to 1003, drive 256), LUN 1 its drive.
The first line of SCENARIO-FILE is read before every command: "good", the name of one of
the functions below, or "noise SEED RATE", which breaks a byte in RATE out of 1,000
answers. Nothing is ever moved: the cartridges H00001L8 to H00003L8 are in their slots.
"""

import random
import struct
import sys

sys.dont_write_bytecode = True
import iscsi_target  # noqa: E402

TRANSPORT, SLOT, PORT_ELEMENT, DRIVE = 1, 2, 3, 4
ELEMENTS = [(TRANSPORT, 1, None), (PORT_ELEMENT, 16, None), (DRIVE, 256, None)] + [
    (SLOT, 1000 + n, f"H{n + 1:05d}L8" if n < 3 else None) for n in range(4)
]
SERIALS = {0: "HOSTLIB1", 1: "HOSTDRV1"}
COUNTS = {TRANSPORT: (1, 1), SLOT: (1000, 4), PORT_ELEMENT: (16, 1), DRIVE: (256, 1)}


# ---- right answers ----


def inquiry(lun, cdb):
    kind = 8 if lun == 0 else 1
    if not cdb[1] & 1:
        product = b"VLIBRARY" if lun == 0 else b"VDRIVE-LTO8"
        return struct.pack(">BBBBBBBB8s16s4s", kind, 0x80, 5, 2, 31, 0, 0, 2,
                           b"HOSTILE ", product.ljust(16), b"0100")
    serial = SERIALS[lun].encode()
    pages = {
        0x00: bytes([0x00, 0x80, 0x83]),
        0x80: serial,
        0x83: bytes([2, 1, 0, 8 + len(serial)]) + b"HOSTILE " + serial,
    }
    page = pages.get(cdb[2])
    if page is None:
        return None
    return struct.pack(">BBH", kind, cdb[2], len(page)) + page


def mode_sense(lun, cdb):
    long = cdb[0] == 0x5A
    page = b""
    if lun == 0 and cdb[2] & 0x3F in (0x1D, 0x3F):
        page = struct.pack(">BBHHHHHHHHH", 0x1D, 18, *COUNTS[TRANSPORT], *COUNTS[SLOT],
                           *COUNTS[PORT_ELEMENT], *COUNTS[DRIVE], 0)
    blocks = b"" if lun == 0 or cdb[1] & 8 else bytes([0x5E, 0, 0, 0, 0, 0, 0, 0])
    if long:
        return struct.pack(">HBBBBH", 6 + len(blocks) + len(page), 0, 0x10 if lun else 0, 0, 0,
                           len(blocks)) + blocks + page
    return bytes([3 + len(blocks) + len(page), 0, 0x10 if lun else 0, len(blocks)]) + blocks + page


def descriptor(kind, address, barcode, voltag, dvcid):
    full = barcode is not None
    flags = 0x08 | (1 if full else 0)
    data = struct.pack(">HBBBBBBBBH", address, flags, 0, 0, 0, 0, 0, 0, 0x80 if full else 0,
                       address if full else 0)
    if voltag:
        data += (barcode or "").encode().ljust(32) + bytes(4)
    if dvcid:
        serial = SERIALS[1].encode() if kind == DRIVE else b""
        data += bytes([2, 0, 0, len(serial)]) + serial.ljust(32, b"\0")
    else:
        data += bytes(4)
    return data


def pages(cdb):
    """The pages asked for: a list of [type, flags, [descriptor...]]."""
    wanted, voltag, dvcid = cdb[1] & 15, bool(cdb[1] & 0x10), bool(cdb[6] & 1)
    first, count = struct.unpack(">HH", cdb[2:6])
    found = []
    for kind in (TRANSPORT, SLOT, PORT_ELEMENT, DRIVE):
        if wanted not in (0, kind):
            continue
        chosen = [e for e in ELEMENTS if e[0] == kind and e[1] >= first][:count]
        count -= len(chosen)
        if chosen:
            found.append([kind, 0x80 if voltag else 0,
                          [descriptor(*e, voltag, dvcid) for e in chosen]])
    return first, found


def pack_status(first, found, size=None, total=None, page_bytes=None, count=None):
    body = b""
    for kind, flags, descriptors in found:
        data = b"".join(descriptors)
        length = len(descriptors[0]) if size is None else size
        body += struct.pack(">BBHI", kind, flags, length,
                            len(data) if page_bytes is None else page_bytes) + data
    number = sum(len(p[2]) for p in found) if count is None else count
    return struct.pack(">HHI", first, number, len(body) if total is None else total) + body


def element_status(cdb):
    return pack_status(*pages(cdb))


# ---- wrong ones: each is given the right answer too, None where there is none ----


def only(*operations):
    """The scenario concerns these commands alone."""
    def mark(function):
        function.operations = operations
        return function
    return mark


STATUS, INQUIRY, MODE = 0xB8, 0x12, (0x1A, 0x5A)


@only(STATUS)
def empty_status(lun, cdb, right):
    return b""


@only(STATUS)
def header_only(lun, cdb, right):
    return right[:8]


@only(STATUS)
def cut_in_page_header(lun, cdb, right):
    return right[:11]


@only(STATUS)
def cut_in_descriptor(lun, cdb, right):
    return right[:8 + 8 + 5]


@only(STATUS)
def endless_total(lun, cdb, right):
    return pack_status(*pages(cdb), total=0xFFFFFFFF)


@only(STATUS)
def endless_page(lun, cdb, right):
    return pack_status(*pages(cdb), page_bytes=0xFFFFFFFF)


@only(STATUS)
def endless_count(lun, cdb, right):
    return pack_status(*pages(cdb), count=0xFFFF)


@only(STATUS)
def no_descriptor_length(lun, cdb, right):
    return pack_status(*pages(cdb), size=0)


@only(STATUS)
def tiny_descriptors(lun, cdb, right):
    return pack_status(*pages(cdb), size=1)


@only(STATUS)
def huge_descriptors(lun, cdb, right):
    return pack_status(*pages(cdb), size=0xFFFF)


@only(STATUS)
def forever_the_same(lun, cdb, right):
    """Always the first slot, whatever is asked for, and more of it than fits."""
    first, found = pages(cdb)
    if not found:
        return right
    found[0][2] = found[0][2][:1] * 3000
    return pack_status(first, found, total=0xFFFFFF, page_bytes=0xFFFFFF)


@only(STATUS)
def all_full(lun, cdb, right):
    """Every element is full, and all bar codes are one."""
    first, found = pages(cdb)
    voltag = bool(cdb[1] & 0x10)
    for page in found:
        page[2] = [bytes(d[:2]) + bytes([9]) + d[3:12] +
                   (b"H00001L8".ljust(32) + d[44:] if voltag else d[12:]) for d in page[2]]
    return pack_status(first, found)


@only(STATUS)
def strange_addresses(lun, cdb, right):
    """Addresses that the library does not have."""
    first, found = pages(cdb)
    for page in found:
        page[2] = [struct.pack(">H", 0xFFFF - n) + d[2:] for n, d in enumerate(page[2])]
    return pack_status(first, found)


@only(STATUS)
def strange_types(lun, cdb, right):
    first, found = pages(cdb)
    for n, page in enumerate(found):
        page[0] = 0xFF - n
    return pack_status(first, found)


@only(STATUS)
def binary_bar_codes(lun, cdb, right):
    first, found = pages(cdb)
    if cdb[1] & 0x10:
        for page in found:
            page[2] = [d[:12] + bytes(range(0x80, 0xA0)) + d[44:] for d in page[2]]
    return pack_status(first, found)


@only(STATUS)
def long_serials(lun, cdb, right):
    """An identifier longer than the descriptor that has it."""
    first, found = pages(cdb)
    if cdb[6] & 1:
        for page in found:
            page[2] = [d[:-33] + b"\xff" + b"S" * 32 for d in page[2]]
    return pack_status(first, found)


@only(*MODE)
def no_mode_page(lun, cdb, right):
    return right[:4] if cdb[0] == 0x1A else right[:8]


@only(*MODE)
def short_mode_page(lun, cdb, right):
    return right[:-7]


@only(*MODE)
def mode_blocks_beyond(lun, cdb, right):
    right = bytearray(right)
    if cdb[0] == 0x1A:
        right[3] = 0xFF
    else:
        right[6:8] = b"\xff\xff"
    return bytes(right)


@only(*MODE)
def mode_page_of_no_length(lun, cdb, right):
    right = bytearray(right)
    if lun == 0 and len(right) > 5:
        right[-19] = 0
    return bytes(right)


@only(*MODE)
def overlapping_elements(lun, cdb, right):
    """Every kind has all the addresses there are."""
    if lun:
        return right
    return right[:-18] + struct.pack(">HHHHHHHHH", *([0, 0xFFFF] * 4), 0)


@only(*MODE)
def elements_beyond(lun, cdb, right):
    """They begin at the last address, and go on behind it."""
    if lun:
        return right
    return right[:-18] + struct.pack(">HHHHHHHHH", *([0xFFFF, 0xFFFF] * 4), 0)


@only(INQUIRY)
def inquiry_cut(lun, cdb, right):
    return right[:5] if right else right


@only(INQUIRY)
def vpd_beyond(lun, cdb, right):
    if not cdb[1] & 1 or right is None:
        return right
    # Not of the largest length: the kernel itself asks for such a page again and again.
    return right[:2] + b"\x04\x00" + right[4:]


@only(INQUIRY)
def vpd_of_another_page(lun, cdb, right):
    if not cdb[1] & 1 or right is None:
        return right
    return bytes([right[0], 0xC7]) + right[2:]


@only(INQUIRY)
def binary_serials(lun, cdb, right):
    if not cdb[1] & 1 or cdb[2] != 0x80:
        return right
    return right[:4] + bytes(range(1, len(right) - 3))


@only(STATUS, *MODE)
def errors_without_sense(lun, cdb, right):
    return b"", b""


@only(STATUS, *MODE)
def sense_of_one_byte(lun, cdb, right):
    return b"", b"\x70"


@only(STATUS)
def descriptor_sense_endless(lun, cdb, right):
    return b"", bytes([0x72, 4, 0x15, 1, 0, 0, 0, 0xFF]) + b"\x00\xff" * 8


@only(STATUS)
def attention_for_ever(lun, cdb, right):
    return b"", bytes([0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x28, 1, 0, 0, 0, 0])


def answer(lun, cdb):
    """Data and sense (None: all is well)."""
    operation = cdb[0]
    good = {0x00: b"", 0x07: b"", 0x37: b"", 0x1E: b"", 0x01: b"", 0x1B: b"", 0x2B: b"",
            0x15: b"", 0x55: b"", 0x03: bytes(18), 0x05: struct.pack(">BBHH", 0, 0xFF, 0xFFFF, 1)}
    if operation == 0xA0:
        return struct.pack(">II", 16, 0) + bytes(8) + bytes([0, 1, 0, 0, 0, 0, 0, 0]), None
    if operation == 0x12:
        data = inquiry(lun, cdb)
    elif operation in MODE:
        data = mode_sense(lun, cdb)
    elif operation == STATUS and lun == 0:
        data = element_status(cdb)
    else:
        data = good.get(operation)
    if operation == 0x00 and lun == 1:
        return b"", bytes([0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x3A, 0, 0, 0, 0, 0])
    if data is None:
        return b"", bytes([0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0])
    return data, None


noise = {}


def hostile(scenario, lun, cdb):
    data, sense = answer(lun, cdb)
    words = scenario.split()
    if not words or words[0] == "good":
        return data, sense
    if words[0] == "noise":
        source = noise.setdefault(scenario, random.Random(scenario))
        data = bytearray(data)
        if data and cdb[0] in (STATUS, *MODE) and source.random() * 1000 < int(words[2]):
            for _ in range(source.choice((1, 1, 2, 8))):
                data[source.randrange(len(data))] = source.choice((0, 1, 0x7F, 0x80, 0xFF))
            if source.random() < 0.2:
                del data[source.randrange(len(data)):]
        return bytes(data), sense
    function = globals()[words[0]]
    if cdb[0] not in function.operations:
        return data, sense
    wrong = function(lun, cdb, data if sense is None else None)
    if isinstance(wrong, tuple):
        return wrong
    return (data, sense) if wrong is None else (wrong, None)


def main():
    def execute(lun, cdb, _data):
        with open(sys.argv[2], encoding="ascii") as file:
            return hostile(file.readline().strip(), lun, cdb)

    iscsi_target.serve(int(sys.argv[1]), execute)


if __name__ == "__main__":
    main()
