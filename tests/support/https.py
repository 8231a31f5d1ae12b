"""TLS before a server of a test's, as a proxy has it, with a certificate that a browser trusts if it is told to."""

import asyncio
import base64
import contextlib
import hashlib
import ssl
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Certificate", "TlsRelay"]


class Certificate:
    """A new one for `localhost` and 127.0.0.1 that signed itself; its files lie in `directory`."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True)
        self.path, self.key = directory / "own.pem", directory / "own.key"
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
        made = ("-keyout", str(self.key), "-out", str(self.path), "-subj", "/CN=localhost", "-addext", names)
        subprocess.run(["openssl", "req", *kind, *made], check=True, capture_output=True)
        public = subprocess.run(
            ["openssl", "pkey", "-in", str(self.key), "-pubout", "-outform", "DER"], check=True, capture_output=True
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.path, self.key)
        pin = base64.b64encode(hashlib.sha256(public.stdout).digest()).decode()
        self.flag = f"--ignore-certificate-errors-spki-list={pin}"  # Chromium trusts this key, and no other unknown one


class TlsRelay:
    """Hands what comes by TLS on to 127.0.0.1:`port`; use it with `with`."""

    def __init__(self, port: int, certificate: Certificate) -> None:
        self.port = 0
        self._to = port
        self._context = certificate.context
        self._writers: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0, ssl=self._context)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        for _ in range(3):  # turns of the loop in which sockets are closed, and those below TLS
            await asyncio.sleep(0)

    async def _relay(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        self._writers.append(out)
        far, into = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers.append(into)
        with contextlib.suppress(asyncio.CancelledError):
            pumps = [asyncio.ensure_future(_pump(near, into)), asyncio.ensure_future(_pump(far, out))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            out.close()
            into.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
