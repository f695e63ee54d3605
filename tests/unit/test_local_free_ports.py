"""Ports are free, different, and out of the way of outgoing connections."""

import socket

from local.free_ports import LOOPBACK, find_free_ports


def test_ports_of_one_call_are_different() -> None:
    assert len(set(find_free_ports(8))) == 8


def test_every_port_can_be_bound_afterwards() -> None:
    for port in find_free_ports(3):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind((LOOPBACK, port))


def test_ports_are_below_the_ephemeral_range() -> None:
    assert all(20_000 <= port <= 32_000 for port in find_free_ports(8))
