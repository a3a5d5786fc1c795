# SPDX-License-Identifier: GPL-2.0-only
"""iSCSI, as much of it as Linux's initiator needs to reach SCSI devices written in Python.

serve(PORT, EXECUTE) answers on the loopback for ever. EXECUTE(lun, cdb, data_out) is called for
every command and returns the data for the initiator and None, or the sense data of a
CHECK CONDITION. There is one session with one connection; commands come one after the other.
wire.cut() ends the connection, and nobody gets another before wire.mend().
"""

import socket
import struct
import threading

LARGEST = 1 << 20
KEYS = ("AuthMethod=None HeaderDigest=None DataDigest=None InitialR2T=No ImmediateData=Yes "
        f"MaxRecvDataSegmentLength=262144 MaxBurstLength={LARGEST} FirstBurstLength={LARGEST} "
        "DefaultTime2Wait=2 DefaultTime2Retain=0 MaxConnections=1 MaxOutstandingR2T=1 "
        "ErrorRecoveryLevel=0 DataPDUInOrder=Yes DataSequenceInOrder=Yes").split()

NO_TAG = b"\xff\xff\xff\xff"
# What the initiator takes in one PDU unless it says otherwise.
SEGMENT = 65536


def sense(key, asc, ascq, flags=0, information=None):
    """Fixed format; @flags: 0x80 filemark, 0x40 end of medium, 0x20 another length than asked."""
    valid = 0 if information is None else 0x80
    return struct.pack(">BBBIBIBBBBH", 0x70 | valid, 0, key | flags,
                       (information or 0) & 0xFFFFFFFF, 10, 0, asc, ascq, 0, 0, 0)


def allocation(cdb):
    """How many bytes the command wants at most; None where it does not say so itself."""
    if cdb[0] == 0x12:
        return struct.unpack(">H", cdb[3:5])[0]
    if cdb[0] in (0x1A, 0x03):
        return cdb[4]
    if cdb[0] in (0x5A, 0x4D):
        return struct.unpack(">H", cdb[7:9])[0]
    if cdb[0] == 0xB8:
        return int.from_bytes(cdb[7:10], "big")
    return None


class Connection:
    def __init__(self, peer, execute):
        self.peer, self.execute = peer, execute
        self.stat_sn, self.exp_cmd_sn = 1, 0
        self.waiting = {}  # commands whose data are on their way, by their tags

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.peer.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def send(self, header, data=b""):
        header[4] = 0
        header[5:8] = len(data).to_bytes(3, "big")
        struct.pack_into(">II", header, 28, self.exp_cmd_sn & 0xFFFFFFFF,
                         (self.exp_cmd_sn + 16) & 0xFFFFFFFF)
        self.peer.sendall(bytes(header) + data + bytes(-len(data) % 4))

    def reply(self, opcode, flags, request, data=b"", stat=True):
        header = bytearray(48)
        header[0], header[1] = opcode, flags
        header[16:20] = request[16:20]
        struct.pack_into(">I", header, 24, self.stat_sn)
        if stat:
            self.stat_sn += 1
        return header, data

    def login(self, request, data):
        stage, after = request[1] >> 2 & 3, request[1] & 3
        offered = {pair.split("=")[0] for pair in data.decode().split("\0") if pair}
        answers = [key for key in KEYS if key.split("=")[0] in offered]
        if stage == 0 or "SessionType" in offered:
            answers.append("TargetPortalGroupTag=1")
        header, body = self.reply(0x23, request[1] & 0x8F, request,
                                  "".join(a + "\0" for a in answers).encode())
        header[8:14] = request[8:14]
        header[14:16] = b"\0\1" if request[1] & 0x80 and after == 3 else request[14:16]
        self.send(header, body)

    def command(self, request, data):
        """With all its data: they come with the command or unasked behind it."""
        expected = struct.unpack(">I", request[20:24])[0]
        if request[1] & 0x20 and len(data) < expected:
            if request[1] & 0x80 or expected > LARGEST:
                raise EOFError  # would have to be asked for
            self.waiting[request[16:20]] = request, bytearray(data)
            return
        self.run(request, data)

    def data_out(self, header, data):
        request, so_far = self.waiting[header[16:20]]
        so_far += data
        if header[1] & 0x80:
            del self.waiting[header[16:20]]
            self.run(request, bytes(so_far))

    def run(self, request, written):
        expected = struct.unpack(">I", request[20:24])[0]
        wanted = expected if request[1] & 0x40 else 0
        cdb = request[32:48]
        data, wrong = self.execute(request[9], cdb, written)
        size = allocation(cdb)
        sent = (data if size is None else data[:size])[:wanted]
        pieces = range(0, len(sent), SEGMENT)
        for number, offset in enumerate(pieces):
            last = offset + SEGMENT >= len(sent)
            header, body = self.reply(0x25, 0x80 if last else 0, request,
                                      sent[offset:offset + SEGMENT], stat=False)
            struct.pack_into(">I", header, 20, 0xFFFFFFFF)
            struct.pack_into(">I", header, 24, 0)
            struct.pack_into(">I", header, 36, number)
            struct.pack_into(">I", header, 40, offset)
            self.send(header, body)
        residual = wanted - len(sent)
        header, body = self.reply(0x21, 0x82 if residual else 0x80, request,
                                  struct.pack(">H", len(wrong)) + wrong if wrong else b"")
        header[3] = 0 if wrong is None else 2
        struct.pack_into(">I", header, 36, len(pieces))
        struct.pack_into(">I", header, 44, residual)
        self.send(header, body)

    def serve(self):
        while True:
            request = self.receive(48)
            size = int.from_bytes(request[5:8], "big")
            self.receive(request[4] * 4)
            data = self.receive(size)
            self.receive(-size % 4)
            opcode = request[0] & 0x3F
            if opcode == 0x03:
                self.exp_cmd_sn = struct.unpack(">I", request[24:28])[0]
                self.login(request, data)
                continue
            if opcode in (0x01, 0x00, 0x06) and not request[0] & 0x40:
                self.exp_cmd_sn = struct.unpack(">I", request[24:28])[0] + 1
            if opcode == 0x01:
                self.command(request, data)
            elif opcode == 0x05:
                self.data_out(request, data)
            elif opcode == 0x00 and request[16:20] != NO_TAG:
                header, body = self.reply(0x20, 0x80, request, data)
                header[20:24] = NO_TAG
                self.send(header, body)
            elif opcode == 0x02:
                self.send(*self.reply(0x22, 0x80, request))
            elif opcode == 0x06:
                self.send(*self.reply(0x26, 0x80, request))
                return


class Wire:
    """Between the initiator and us: what is connected, and whether anything can be."""

    def __init__(self):
        self.lock, self.sockets = threading.Lock(), set()
        self.whole = threading.Event()
        self.whole.set()

    def join(self, end):
        """False if it was cut before."""
        with self.lock:
            if self.whole.is_set():
                self.sockets.add(end)
            return self.whole.is_set()

    def leave(self, end):
        with self.lock:
            self.sockets.discard(end)
            end.close()

    def cut(self):
        with self.lock:
            self.whole.clear()
            for end in self.sockets:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the other side was first

    def mend(self):
        self.whole.set()


wire = Wire()


def connected(peer, execute):
    try:
        Connection(peer, execute).serve()
    except (EOFError, OSError):
        pass
    finally:
        wire.leave(peer)


def accept(listener, execute):
    """Until the wire is cut."""
    while wire.whole.is_set():
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not wire.join(peer):
            peer.close()
            return
        threading.Thread(target=connected, args=(peer, execute), daemon=True).start()


def serve(port, execute):
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)
    while True:
        if wire.join(listener):
            accept(listener, execute)
        wire.leave(listener)
        wire.whole.wait()
        listener = socket.create_server(("127.0.0.1", port))
