"""A way to a PostgreSQL server that can stop passing anything on, as a network does that has lost a machine."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SOCKET = ".s.PGSQL.5432"


@dataclass
class Passage:
    folder: str
    """Where the server seems to be."""
    _server: Path
    _stops_at: bytes = b""
    _only_answers: bool = False
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def stop_at(self, words: bytes, *, only_answers: bool = False) -> asyncio.Event:
        """As soon as these words are sent nothing gets through any more, or nothing but they, and no answer.

        The event is set by then.
        """
        self._stops_at, self._only_answers, self._stopped = words, only_answers, asyncio.Event()
        return self._stopped

    async def resume(self) -> None:
        """Whoever was connected finds that they are not; others get through."""
        self._stops_at = b""
        self._stopped = asyncio.Event()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        answers, sending = await asyncio.open_unix_connection(str(self._server))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(reader, sending, answers=False))
                both.create_task(self._pass_on(answers, writer, answers=True))
        except asyncio.CancelledError:
            pass  # The streams would complain.
        finally:
            self._tasks.discard(task)
            for one in (writer, sending):
                one.close()
                with suppress(ConnectionError):
                    await one.wait_closed()

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                last = not answers and bool(self._stops_at) and self._stops_at in data
                if last:
                    self._stopped.set()
                if self._stopped.is_set() and not (last and self._only_answers):
                    await asyncio.get_running_loop().create_future()  # For ever.
                sink.write(data)
                await sink.drain()
            sink.close()


@asynccontextmanager
async def passage_to(socket_folder: str) -> AsyncIterator[Passage]:
    with tempfile.TemporaryDirectory(prefix="hachi-passage-") as folder:
        passage = Passage(folder, Path(socket_folder) / SOCKET)
        server = await asyncio.start_unix_server(passage.connect, str(Path(folder) / SOCKET))
        try:
            yield passage
        finally:
            server.close()
            await passage.resume()
