"""The movable writer endpoint: a port that leads to whichever server is the primary, as an RDS endpoint's name does.

It runs as a program of its own and forwards bytes: TLS goes from end to end, and it holds no key. SIGHUP drops every
connection, as a lost primary would; the next one reads the target's file anew.

    python writer_endpoint.py <port> <file with host:port of the target>
"""

import asyncio
import signal
import sys
from pathlib import Path

LOOPBACK = "127.0.0.1"
_CHUNK_BYTES = 65_536
_BACKLOG = 512


class WriterEndpoint:
    """Forwards connections to the target that a file names at that moment.

    Args:
        target_file: Holds `host:port`.
    """

    def __init__(self, target_file: Path) -> None:
        self._target_file = target_file
        self._open: set[asyncio.StreamWriter] = set()

    def drop_all(self) -> None:
        """Break every connection at once."""
        for writer in tuple(self._open):
            writer.transport.abort()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until either side ends."""
        self._open.add(writer)
        try:
            host, _, port = self._target_file.read_text(encoding="ascii").strip().rpartition(":")
            target_reader, target_writer = await asyncio.open_connection(host, int(port))
        except OSError:
            # Nobody is there at this moment: the client sees a closed connection, and tries again.
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(target_writer)
        directions = [
            asyncio.ensure_future(_pump(reader, target_writer)),
            asyncio.ensure_future(_pump(target_reader, writer)),
        ]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        for each in (writer, target_writer):
            each.close()
        await asyncio.wait(directions)
        self._open.difference_update((writer, target_writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        # Either side broke the connection; that is how PostgreSQL's clients and servers may end one.
        return


async def serve(port: int, target_file: Path) -> None:
    """Listen on a port of 127.0.0.1 until the process is ended."""
    endpoint = WriterEndpoint(target_file)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, endpoint.drop_all)
    server = await asyncio.start_server(endpoint.forward, LOOPBACK, port, backlog=_BACKLOG)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
