#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Be the service manager: notify-listener.py SOCKET FILE adds what comes to the file, a line
for each assignment, until it is killed."""
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
with open(sys.argv[2], 'a', buffering=1) as told:
    while True:
        for line in listener.recv(65536).decode().splitlines():
            told.write(line + '\n')
