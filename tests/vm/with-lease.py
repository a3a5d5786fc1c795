#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run a command that has the lease of a managed changer: to it all doors are open, and meanwhile
nobody else moves anything.

Usage: with-lease.py SERIAL COMMAND...
"""

import fcntl
import os
import struct
import subprocess
import sys

# As include/uapi/linux/rsm.h has them.
DEVICE = struct.Struct("=6IQ16s24s8s64s8H2IQ")
LEASE = struct.Struct("=2IQ2i")


def call(rsm, number, layout, *values):
    """_IOWR(RSM_IOC_MAGIC, NUMBER, LAYOUT); what is not given is 0."""
    data = bytearray(layout.size)
    struct.pack_into("=%dI" % len(values), data, 0, *values)
    fcntl.ioctl(rsm, 3 << 30 | layout.size << 16 | 0xB9 << 8 | number, data)
    return layout.unpack(data)


def changer(rsm, serial):
    """OSError when there is none."""
    found = 0
    while True:
        device = call(rsm, 0x01, DEVICE, found + 1)
        found, kind = device[:2]
        if kind == 1 and device[10].rstrip(b"\0") == serial.encode():
            return found


def main():
    rsm = os.open("/dev/rsm", os.O_RDWR)
    lease = call(rsm, 0x20, LEASE, changer(rsm, sys.argv[1]))[3]
    sys.exit(subprocess.run(sys.argv[2:], pass_fds=[lease], check=False).returncode)


if __name__ == "__main__":
    main()
