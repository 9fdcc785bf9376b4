"""The tests' own network: names resolve as the test says, and nothing but loopback can be connected to."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import pytest

#: A name's addresses, or what says them anew at each look-up.
Answer = list[str] | Callable[[], list[str]]
_lookup = socket.getaddrinfo
_connect = socket.socket.connect


class Names:
    """Stands for the DNS. `asked` is every name that was looked up, in order; `strayed` each address beyond
    127.0.0.0/8 that somebody tried to connect to (the attempt fails as if the network were unreachable).
    """

    def __init__(self, names: Mapping[str, Answer] | None = None) -> None:
        self.names: dict[str, Answer] = dict(names or {})
        self.asked: list[str] = []
        self.strayed: list[str] = []

    def getaddrinfo(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        name = (host.decode() if isinstance(host, bytes) else host) or ""
        try:  # an address needs no DNS, in whatever spelling the system's resolver takes for one
            return _lookup(name, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except (socket.gaierror, UnicodeError):
            pass
        if name == "localhost":
            return _lookup("127.0.0.1", port, type=socket.SOCK_STREAM)
        self.asked.append(name)
        answer = self.names.get(name.lower().rstrip("."))
        found = answer() if callable(answer) else answer
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no DNS in tests")
        return [
            item
            for address in found
            for item in _lookup(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        ]

    def connect(self, sock: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith("127."):
            self.strayed.append(str(address[0]))
            raise OSError(errno.ENETUNREACH, "tests speak to loopback only")
        _connect(sock, address)


@contextmanager
def closed_network(patch: pytest.MonkeyPatch, names: Mapping[str, Answer] | None = None) -> Iterator[Names]:
    """Nothing is resolved but `names` and nothing beyond loopback is connected to, within this block."""
    fake = Names(names)
    with patch.context() as patched:
        patched.setattr(socket, "getaddrinfo", fake.getaddrinfo)
        patched.setattr(socket.socket, "connect", lambda sock, address: fake.connect(sock, address))
        yield fake


class Canary:
    """Listens on loopback and counts who connects; nobody should. With an `answer` it speaks before it hangs up."""

    def __init__(self, answer: bytes = b"", *, host: str = "127.0.0.1") -> None:
        self._listener = socket.create_server((host, 0))
        self._listener.settimeout(0.05)
        self._answer = answer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="canary", daemon=True)
        self.connections = 0
        self.host = host
        self.port = int(self._listener.getsockname()[1])

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                continue
            self.connections += 1
            with peer:
                peer.settimeout(1.0)
                try:
                    if self._answer:
                        peer.recv(65_536)
                        peer.sendall(self._answer)
                except OSError:
                    pass

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(5)
        self._listener.close()
