"""Descriptors for a child: never those of the standard streams, whatever is free.

A program whose standard input is closed, as under a supervisor, gets 0 for the next file that it
opens. A child cannot take such a number over: its own standard streams are put there
(`child_exec` in CPython's `Modules/_posixsubprocess.c` heeds that of the streams alone).
"""

import os
import socket

STANDARD = 3
"""The standard streams are the descriptors below."""


def pipe() -> tuple[int, int]:
    """Return the ends of a pipe, to read from and to write to.

    Raises:
        OSError: If this process may open no more files.
    """
    reading, writing = os.pipe()
    return above_standard(reading), above_standard(writing)


def packet_sockets() -> tuple[socket.socket, socket.socket]:
    """Return two connected sockets that keep the limits of packets.

    Raises:
        OSError: If this process may open no more files.
    """
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    one, other = (socket.socket(fileno=above_standard(end.detach())) for end in ends)
    return one, other


def above_standard(descriptor: int) -> int:
    """Return a descriptor of the same file that no standard stream has, and close the one given."""
    passed_over = []
    while descriptor < STANDARD:
        passed_over.append(descriptor)
        descriptor = os.dup(descriptor)
    for each in passed_over:
        os.close(each)
    return descriptor


def occupy_standard_streams() -> None:
    """Let no file that is opened from here on get the number of a standard stream.

    One that is closed refuses to be read or written, as before.
    """
    for wanted in range(STANDARD):
        try:
            os.fstat(wanted)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if wanted == 0 else os.O_RDONLY)
