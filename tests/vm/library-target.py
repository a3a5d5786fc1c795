#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""An iSCSI target of a tape library that does what a real one does, people included.

Usage: library-target.py PORT SOCKET         serve; "ready" is printed when it does
       library-target.py --tell SOCKET WORD...  what a person does; prints the answer

LUN 0 is the changer: transport 1, ports from 16, drives from 256, slots from 1024. Then come its
drives, then drives that stand alone. Drives are SSC: blocks of any size, filemarks, positions,
unit attentions. A drive that has its tape loaded does not let the robot have it.

What is said on the socket, one line each time, answered with "0 ...", or an errno and why:

  make DRIVES SLOTS PORTS TAPES ALONE CLEANERS DOOR READER
                        a library, at first there is none; names as RSM's virtual libraries have
                        them. Says "same" when only what is inside is new, not the devices
  insert|remove PLACE NUMBER [NAME]   PLACE is port, slot (from 0) or drive (that stands alone)
  door open|close       slots are reached through it
  put NAME ELEMENT      by hands that reach everywhere; so are the next two
  take ELEMENT
  move ELEMENT ELEMENT
  write NAME HEX        make one block and a filemark the contents of a cartridge
  read NAME             the first block of a cartridge, in hex
  where NAME            its element; drives that stand alone have those behind the library's
  dirty DRIVE 0|1       the drive asks to be cleaned; a cleaner ends that
  is-dirty DRIVE
  protect NAME 0|1      its write-protect tab
  moves                 how often the robot has moved something
  locked                1 when the robot's side has locked door and ports
  wire cut|mend         the connection is lost; it can be made again. Devices forget what was
                        locked, and tell so
"""

import errno
import os
import socket
import struct
import sys
import threading

sys.dont_write_bytecode = True
import iscsi_target  # noqa: E402
from iscsi_target import sense  # noqa: E402

TRANSPORT, SLOT, PORT, DRIVE = 1, 2, 3, 4
FIRST = {TRANSPORT: 1, PORT: 16, DRIVE: 256, SLOT: 1024}

NOT_READY, MEDIUM_ERROR, ILLEGAL, ATTENTION, PROTECTED, BLANK = 2, 3, 5, 6, 7, 8
FILEMARK, END, ILI = 0x80, 0x40, 0x20
MARK = None  # in a cartridge's list of blocks


class Check(Exception):
    """The command ends with CHECK CONDITION; some of the data may have come."""

    def __init__(self, key, asc, ascq, flags=0, information=None, data=b""):
        super().__init__()
        self.data, self.sense = data, sense(key, asc, ascq, flags, information)


class Refusal(Exception):
    """A person cannot do that."""

    def __init__(self, number, why):
        super().__init__(why)
        self.number = number


class Cartridge:
    def __init__(self, name):
        self.name, self.blocks, self.protected = name, [], False
        self.cleaner = name.startswith("CLN")
        self.barcode = "" if name.startswith("_") else name


class Device:
    def __init__(self, serial):
        self.serial = serial
        # The first answer to a new initiator.
        self.attention = [(0x29, 0x00)]
        self.locked = False

    def attend(self, asc, ascq):
        if (asc, ascq) not in self.attention:
            self.attention.append((asc, ascq))

    def execute(self, cdb, written):
        operation = cdb[0]
        if operation == 0x12:
            return self.inquiry(cdb)
        if operation == 0x03:
            return sense(0, 0, 0)
        if self.attention:
            raise Check(ATTENTION, *self.attention.pop(0))
        if operation == 0x1E:
            self.locked = bool(cdb[4] & 3)
            return b""
        command = self.commands.get(operation)
        if not command:
            raise Check(ILLEGAL, 0x20, 0x00)
        return command(self, cdb, written)

    def inquiry(self, cdb):
        if not cdb[1] & 1:
            return struct.pack(">BBBBBBBB8s16s4s", self.kind, 0x80, 5, 2, 31, 0, 0, 2,
                               b"RSM     ", self.product.ljust(16), b"0200")
        serial = self.serial.encode()
        pages = {
            0x00: bytes([0x00, 0x80, 0x83]),
            0x80: serial,
            0x83: bytes([2, 1, 0, 8 + len(serial)]) + b"RSM     " + serial,
        }
        page = pages.get(cdb[2])
        if page is None:
            raise Check(ILLEGAL, 0x24, 0x00)
        return struct.pack(">BBH", self.kind, cdb[2], len(page)) + page

    def nothing(self, _cdb, _written):
        return b""


# ---- drives ----


class Drive(Device):
    kind, product = 1, b"VDRIVE-LTO8"

    def __init__(self, serial):
        super().__init__(serial)
        self.cartridge, self.loaded, self.position = None, False, 0
        self.block_size, self.dirty = 0, False
        self.out = False  # stands alone: it was ejected, and sticks out

    def put(self, cartridge):
        self.cartridge, self.position, self.out = cartridge, 0, False
        self.loaded = not cartridge.cleaner
        if cartridge.cleaner:
            self.dirty = False
        else:
            self.attend(0x28, 0x00)

    def take(self):
        cartridge, self.cartridge, self.loaded, self.out = self.cartridge, None, False, False
        return cartridge

    def ready(self, _cdb=None, _written=None):
        if self.cartridge and self.cartridge.cleaner:
            raise Check(NOT_READY, 0x30, 0x03)
        if not self.cartridge or self.out or not self.loaded:
            raise Check(NOT_READY, 0x3A, 0x00)
        return b""

    def writable(self):
        self.ready()
        if self.cartridge.protected:
            raise Check(PROTECTED, 0x27, 0x00)
        # What was behind is no more.
        del self.cartridge.blocks[self.position:]

    def limits(self, _cdb, _written):
        return struct.pack(">IH", 1 << 20, 1)

    def mode_sense(self, cdb, _written):
        protected = self.cartridge and self.cartridge.protected
        specific = 0x10 | (0x80 if protected else 0)
        blocks = b"" if cdb[1] & 8 else struct.pack(">II", 0x5E << 24, self.block_size)
        if cdb[2] & 0x3F not in (0, 0x3F):
            raise Check(ILLEGAL, 0x24, 0x00)
        if cdb[0] == 0x5A:
            return struct.pack(">HBBHH", 6 + len(blocks), 0x78, specific, 0, len(blocks)) + blocks
        return bytes([3 + len(blocks), 0x78, specific, len(blocks)]) + blocks

    def mode_select(self, cdb, written):
        header = 8 if cdb[0] == 0x55 else 4
        length = written[7] if header == 8 else written[3]
        if length == 8:
            self.block_size = int.from_bytes(written[header + 5:header + 8], "big")
        return b""

    def write(self, cdb, written):
        self.writable()
        count = int.from_bytes(cdb[2:5], "big")
        size = self.block_size if cdb[1] & 1 else count
        if len(written) != (size * count if cdb[1] & 1 else count) or (cdb[1] & 1 and not size):
            raise Check(ILLEGAL, 0x24, 0x00)
        for offset in range(0, len(written), size or 1):
            self.cartridge.blocks.append(written[offset:offset + size])
            self.position += 1
        return b""

    def write_marks(self, cdb, _written):
        count = int.from_bytes(cdb[2:5], "big")
        if count:
            self.writable()
        else:
            self.ready()
        self.cartridge.blocks += [MARK] * count
        self.position += count
        return b""

    def next_block(self, missing, data):
        """Reading stops in front of the end, and behind a filemark."""
        blocks = self.cartridge.blocks
        if self.position >= len(blocks):
            raise Check(BLANK, 0x00, 0x05, 0, missing, data)
        self.position += 1
        if blocks[self.position - 1] is MARK:
            raise Check(0, 0x00, 0x01, FILEMARK, missing, data)
        return blocks[self.position - 1]

    def read(self, cdb, _written):
        self.ready()
        count, data = int.from_bytes(cdb[2:5], "big"), b""
        if not cdb[1] & 1:
            if not count:
                return b""
            block = self.next_block(count, b"")
            if len(block) != count:
                raise Check(0, 0x00, 0x00, ILI, count - len(block), block[:count])
            return block
        for number in range(count):
            block = self.next_block(count - number, data)
            if len(block) != self.block_size:
                raise Check(0, 0x00, 0x00, ILI, count - number, data)
            data += block
        return data

    def rewind(self, _cdb, _written):
        self.ready()
        self.position = 0
        return b""

    def space(self, cdb, _written):
        self.ready()
        kind, blocks = cdb[1] & 7, self.cartridge.blocks
        count = int.from_bytes(cdb[2:5], "big", signed=True)
        if kind == 3:
            self.position = len(blocks)
            return b""
        if kind not in (0, 1):
            raise Check(ILLEGAL, 0x24, 0x00)
        left, step = abs(count), 1 if count > 0 else -1
        while left:
            if step < 0 and self.position == 0:
                raise Check(0, 0x00, 0x04, END, left)
            if step > 0 and self.position >= len(blocks):
                raise Check(BLANK, 0x00, 0x05, 0, left)
            passed = blocks[self.position if step > 0 else self.position - 1]
            self.position += step
            if kind == 0 and passed is MARK:
                raise Check(0, 0x00, 0x01, FILEMARK, left)
            if kind == 0 or passed is MARK:
                left -= 1
        return b""

    def read_position(self, cdb, _written):
        self.ready()
        if cdb[1] & 0x1F:
            raise Check(ILLEGAL, 0x24, 0x00)
        return struct.pack(">BBHIIII", 0x80 if self.position == 0 else 0, 0, 0, self.position,
                           self.position, 0, 0)

    def locate(self, cdb, _written):
        self.ready()
        wanted = int.from_bytes(cdb[3:7], "big")
        self.position = min(wanted, len(self.cartridge.blocks))
        if self.position != wanted:
            raise Check(BLANK, 0x00, 0x05)
        return b""

    def erase(self, _cdb, _written):
        self.writable()
        return b""

    def load(self, cdb, _written):
        if not self.cartridge or self.out:
            raise Check(NOT_READY, 0x3A, 0x00)
        if cdb[4] & 1:
            if not self.loaded:
                self.put(self.cartridge)
            return b""
        if self.locked:
            raise Check(ILLEGAL, 0x53, 0x02)
        self.loaded, self.position = False, 0
        self.out = self.alone
        return b""

    def log_sense(self, cdb, _written):
        page = cdb[2] & 0x3F
        if page != 0x11:
            raise Check(ILLEGAL, 0x24, 0x00)
        status = bytes([0x04 if self.dirty else 0, 0, 0, 0])
        return struct.pack(">BBHHBB", page, 0, 8, 0, 3, 4) + status

    commands = {0x00: ready, 0x01: rewind, 0x05: limits, 0x08: read, 0x0A: write,
                0x10: write_marks, 0x11: space, 0x15: mode_select, 0x55: mode_select,
                0x19: erase, 0x1A: mode_sense, 0x5A: mode_sense, 0x1B: load, 0x2B: locate,
                0x34: read_position, 0x4D: log_sense}
    alone = False


class DriveAlone(Drive):
    alone = True


# ---- the changer ----


class Element:
    def __init__(self, kind, address):
        self.kind, self.address = kind, address
        self.cartridge, self.source, self.by_person, self.drive = None, None, False, None

    def inside(self):
        return self.drive.cartridge if self.drive else self.cartridge

    def hold(self, cartridge):
        self.cartridge = cartridge

    def give(self):
        cartridge, self.cartridge = self.cartridge, None
        return cartridge


class Changer(Device):
    kind, product = 8, b"VLIBRARY"

    def __init__(self, serial, drives, counts, door, reader):
        super().__init__(serial)
        self.has_door, self.reader, self.open, self.moves = door, reader, False, 0
        self.counts = counts
        self.elements = {}
        for kind in (TRANSPORT, PORT, DRIVE, SLOT):
            for number in range(counts[kind]):
                address = FIRST[kind] + number
                self.elements[address] = Element(kind, address)
                if kind == DRIVE:
                    self.elements[address].drive = drives[number]

    def ready(self, _cdb=None, _written=None):
        if self.open:
            raise Check(NOT_READY, 0x04, 0x18)  # the door
        return b""

    def mode_sense(self, cdb, _written):
        page = b""
        if cdb[2] & 0x3F in (0x1D, 0x3F):
            numbers = [number for kind in (TRANSPORT, SLOT, PORT, DRIVE)
                       for number in (FIRST[kind], self.counts[kind])]
            page = struct.pack(">BBHHHHHHHHH", 0x1D, 18, *numbers, 0)
        elif cdb[2] & 0x3F:
            raise Check(ILLEGAL, 0x24, 0x00)
        if cdb[0] == 0x5A:
            return struct.pack(">HBBHH", 6 + len(page), 0, 0, 0, 0) + page
        return bytes([3 + len(page), 0, 0, 0]) + page

    def scan(self, _cdb, _written):
        return self.ready()

    def descriptor(self, element, voltag, dvcid):
        inside = element.inside()
        flags = 0x01 if inside else 0
        # A drive that holds on to its tape.
        if not (element.drive and element.drive.loaded):
            flags |= 0x08
        if element.kind == PORT:
            flags |= 0x30 | (0x02 if inside and element.by_person else 0)
        source = element.source if inside else None
        data = struct.pack(">HBBBBBBBBH", element.address, flags, 0, 0, 0, 0, 0, 0,
                           0x80 if source else 0, source or 0)
        if voltag:
            tag = inside.barcode if inside and self.reader else ""
            data += tag.encode().ljust(32) + bytes(4)
        serial = element.drive.serial.encode() if dvcid and element.drive else b""
        if dvcid:
            data += bytes([2 if serial else 0, 0, 0, len(serial)]) + serial.ljust(32, b"\0")
        else:
            data += bytes(4)
        return data

    def status(self, cdb, _written):
        self.ready()
        wanted, voltag, dvcid = cdb[1] & 15, bool(cdb[1] & 0x10), bool(cdb[6] & 1)
        first, count = struct.unpack(">HH", cdb[2:6])
        body, found = b"", []
        for kind in (TRANSPORT, SLOT, PORT, DRIVE):
            chosen = sorted((e for e in self.elements.values()
                             if wanted in (0, kind) and e.kind == kind and e.address >= first),
                            key=lambda element: element.address)[:count - len(found)]
            if chosen:
                parts = [self.descriptor(e, voltag, dvcid) for e in chosen]
                body += struct.pack(">BBHI", kind, 0x80 if voltag else 0, len(parts[0]),
                                    len(parts[0]) * len(parts)) + b"".join(parts)
                found += chosen
        lowest = min((e.address for e in found), default=0)
        return struct.pack(">HHI", lowest, len(found), len(body)) + body

    def move(self, cdb, _written):
        self.ready()
        source, target = (self.elements.get(number) for number in struct.unpack(">HH", cdb[4:8]))
        if not source or not target or TRANSPORT in (source.kind, target.kind):
            raise Check(ILLEGAL, 0x21, 0x01)
        if cdb[10] & 1:
            raise Check(ILLEGAL, 0x24, 0x00)
        if not source.inside():
            raise Check(ILLEGAL, 0x3B, 0x0E)
        if target.inside():
            raise Check(ILLEGAL, 0x3B, 0x0D)
        if source.drive and (source.drive.loaded or source.drive.locked):
            raise Check(ILLEGAL, 0x53, 0x03)
        self.moves += 1
        if source.drive:
            cartridge = source.drive.take()
        else:
            cartridge = source.give()
        if target.drive:
            target.drive.put(cartridge)
        else:
            target.cartridge = cartridge
        target.source = source.address if source.kind in (SLOT, PORT) else None
        target.by_person = False
        return b""

    commands = {0x00: ready, 0x07: scan, 0x1A: mode_sense, 0x5A: mode_sense, 0xA5: move,
                0xB8: status, 0x2B: Device.nothing}


# ---- the whole, and the person in front of it ----


class Library:
    def __init__(self):
        self.lock = threading.Lock()
        self.generation = 0
        self.shape, self.devices = None, []

    def make(self, *words):
        drives, slots, ports, tapes, alone, cleaners, door, reader = map(int, words)
        if self.shape != (drives, slots, ports, alone):
            self.generation += 1
            fresh = True
        else:
            fresh = False
        self.shape = drives, slots, ports, alone
        name = f"LIB{self.generation:05}"
        self.drives = [Drive(f"{name}D{number}") for number in range(drives)]
        self.alone = [DriveAlone(f"{name}A{number}") for number in range(alone)]
        counts = {TRANSPORT: 1, SLOT: slots, PORT: ports, DRIVE: drives}
        self.changer = Changer(name, self.drives, counts, door, reader)
        self.devices = [self.changer, *self.drives, *self.alone]
        self.shelf = {}
        names = [f"V{number + 1:05}L8" for number in range(tapes)]
        for number, name in enumerate(names):
            self.element(SLOT, number).cartridge = Cartridge(name)
        for number in range(cleaners):
            slot = self.element(SLOT, slots - cleaners + number)
            slot.cartridge = Cartridge(f"CLN{number + 1:03}L8")
        return "new" if fresh else "same"

    def element(self, kind, number):
        return self.changer.elements[FIRST[kind] + number]

    def execute(self, lun, cdb, written):
        with self.lock:
            if cdb[0] == 0xA0:
                luns = b"".join(struct.pack(">BBHI", 0, n, 0, 0) for n in range(len(self.devices)))
                return struct.pack(">II", len(luns), 0) + luns, None
            if lun >= len(self.devices):
                return b"", sense(ILLEGAL, 0x25, 0x00)
            try:
                return self.devices[lun].execute(cdb, written), None
            except Check as check:
                return check.data, check.sense

    # What is said on the socket.

    def place(self, place, number):
        """Where the person's hand is to go, if it gets there."""
        number = int(number)
        if place == "drive":
            if not 0 <= number < len(self.alone):
                raise Refusal(errno.ERANGE, f"there is no drive {number}")
            if self.alone[number].locked:
                raise Refusal(errno.EBUSY, "the drive is locked")
            return self.alone[number]
        kind = {"port": PORT, "slot": SLOT}[place]
        if not 0 <= number < self.changer.counts[kind]:
            raise Refusal(errno.ERANGE, f"there is no {place} {number}")
        if kind == SLOT and not self.changer.open:
            raise Refusal(errno.EAGAIN, "the door is closed")
        if kind == PORT and self.changer.locked:
            raise Refusal(errno.EBUSY, "the port is locked")
        return self.element(kind, number)

    def touched(self, place):
        if isinstance(place, Element):
            place.source, place.by_person = None, True
            if place.kind == PORT:
                self.changer.attend(0x28, 0x01)

    def find(self, name):
        """The element, or the drive that stands alone."""
        for element in self.changer.elements.values():
            if element.inside() and element.inside().name == name:
                return element, element.inside()
        for drive in self.alone:
            if drive.cartridge and drive.cartridge.name == name:
                return drive, drive.cartridge
        return None, self.shelf.get(name)

    def insert(self, place, number, name):
        into = self.place(place, number)
        there, cartridge = self.find(name)
        if isinstance(into, Drive) and there is into and into.out:
            into.put(cartridge)
            return ""
        inside = into.cartridge
        if inside:
            raise Refusal(errno.ENOTEMPTY, f"{inside.name} is there already")
        if there:
            raise Refusal(errno.EEXIST, f"{name} is somewhere else")
        cartridge = self.shelf.pop(name, None) or Cartridge(name)
        if isinstance(into, Drive):
            into.put(cartridge)
        else:
            into.cartridge = cartridge
        self.touched(into)
        return ""

    def remove(self, place, number):
        source = self.place(place, number)
        if not source.cartridge:
            raise Refusal(errno.ENOMEDIUM, "nothing is there")
        if isinstance(source, Drive):
            cartridge = source.take()
        else:
            cartridge = source.give()
        self.shelf[cartridge.name] = cartridge
        self.touched(source)
        return ""

    def door(self, how):
        if not self.changer.has_door:
            raise Refusal(errno.EOPNOTSUPP, "the library has no door")
        if how == "open" and self.changer.locked:
            raise Refusal(errno.EBUSY, "the door is locked")
        if self.changer.open and how == "close":
            self.changer.attend(0x28, 0x00)
        self.changer.open = how == "open"
        return ""

    def inside(self, address):
        """An element's or a stand-alone drive's place for a cartridge."""
        element = self.changer.elements.get(int(address))
        if not element or element.kind == TRANSPORT:
            raise Refusal(errno.ERANGE, f"there is no element {address}")
        return element

    def put(self, name, address):
        element = self.inside(address)
        if element.inside():
            raise Refusal(errno.ENOTEMPTY, f"{element.inside().name} is there already")
        if self.find(name)[0]:
            raise Refusal(errno.EEXIST, f"{name} is somewhere else")
        cartridge = self.shelf.pop(name, None) or Cartridge(name)
        (element.drive.put if element.drive else element.hold)(cartridge)
        self.changer.attend(0x28, 0x00)
        return ""

    def take(self, address):
        element = self.inside(address)
        if not element.inside():
            raise Refusal(errno.ENOMEDIUM, "nothing is there")
        cartridge = element.drive.take() if element.drive else element.give()
        self.shelf[cartridge.name] = cartridge
        self.changer.attend(0x28, 0x00)
        return ""

    def carry(self, source, target):
        name = self.inside(source).inside()
        self.take(source)
        return self.put(name.name, target)

    def write(self, name, text):
        _, cartridge = self.find(name)
        if not cartridge:
            cartridge = self.shelf.setdefault(name, Cartridge(name))
        cartridge.blocks = [bytes.fromhex(text), MARK]
        return ""

    def read(self, name):
        _, cartridge = self.find(name)
        return cartridge.blocks[0].hex() if cartridge.blocks and cartridge.blocks[0] else ""

    def where(self, name):
        there, _ = self.find(name)
        if isinstance(there, Drive):
            return str(FIRST[DRIVE] + len(self.drives) + self.alone.index(there))
        return str(there.address if there else 0)

    def dirty(self, number, on):
        (self.drives + self.alone)[int(number)].dirty = on == "1"
        return ""

    def is_dirty(self, number):
        return str(int((self.drives + self.alone)[int(number)].dirty))

    def protect(self, name, on):
        self.find(name)[1].protected = on == "1"
        return ""

    def robot_moves(self):
        return str(self.changer.moves)

    def is_locked(self):
        return str(int(self.changer.locked))

    def wire(self, how):
        if how == "mend":
            iscsi_target.wire.mend()
            return ""
        iscsi_target.wire.cut()
        for device in self.devices:
            device.locked = False
            device.attend(0x29, 0x07)  # I_T nexus loss
        return ""

    acts = {"make": make, "insert": insert, "remove": remove, "door": door,
            "put": put, "take": take, "move": carry, "write": write,
            "read": read, "where": where, "dirty": dirty, "is-dirty": is_dirty,
            "protect": protect, "moves": robot_moves,
            "locked": is_locked, "wire": wire}

    def told(self, line):
        words = line.split()
        with self.lock:
            try:
                return "0 " + self.acts[words[0]](self, *words[1:])
            except Refusal as refusal:
                return f"{refusal.number} {refusal}"
            except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
                return f"{errno.EINVAL} {line}: {error!r}"


def listen(path, library):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(8)
    while True:
        peer, _ = listener.accept()
        try:
            with peer, peer.makefile("rw", encoding="ascii") as stream:
                print(library.told(stream.readline()), file=stream)
        except (OSError, UnicodeDecodeError):
            pass  # whoever asked was killed meanwhile


def tell(path, words):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.connect(path)
        stream = peer.makefile("rw", encoding="ascii")
        print(*words, file=stream, flush=True)
        number, _, text = stream.readline().strip().partition(" ")
    print(text)
    return 1 if int(number) else 0


def main():
    if sys.argv[1] == "--tell":
        sys.exit(tell(sys.argv[2], sys.argv[3:]))
    library = Library()
    if os.path.exists(sys.argv[2]):
        os.unlink(sys.argv[2])
    threading.Thread(target=listen, args=(sys.argv[2], library), daemon=True).start()
    iscsi_target.serve(int(sys.argv[1]), library.execute)


if __name__ == "__main__":
    main()
