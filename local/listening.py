"""Whether a process listens on its port: another program that has it instead does not count."""

import contextlib

import psutil


def listens(pid: int, port: int) -> bool:
    """Tell whether a process of ours takes connections on a TCP port; one that has ended does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        sockets = psutil.Process(pid).net_connections("tcp4")
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)
    return False
