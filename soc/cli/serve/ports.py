"""What a server needs, looked at before it starts: it would only log what is wrong, with a traceback, or find it later."""

from __future__ import annotations

import socket

from soc.cli.endings import Ending
from soc.cli.say import end


def check_store() -> None:
    """The database answers and has this version's tables, the files' root can be used. Raises SocError and others."""
    from soc.store.files import get_files  # start-up cost
    from soc.store.migrate import migrate  # start-up cost

    get_files()
    migrate()


def check_port(host: str, port: int) -> None:
    """End with PORT_TAKEN where nothing can listen there: the server itself would only log it."""
    try:
        for family, kind, proto, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, proto) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no port"
        end(Ending.PORT_TAKEN, f"{host}:{port} cannot be listened on: {why}. Choose another with --port.")
