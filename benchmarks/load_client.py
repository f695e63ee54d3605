"""One client process of `make load`: LangPont's mix through langpont_db, or through plain SQLAlchemy.

The load starts it as a program of its own (`python -m benchmarks.load_client`), because what drives the embedded
environment imports no layer. The first line of its input says who is asked and how, each further line is a step to run;
each answer is one line, too. URLs hold passwords, so they come by that way and no other. The end of its input ends it.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from langpont_db import Database, DatabaseError, PoolSize, Settings

# Nearly what the design's pools hold at most (D2: 20 + 30 and 15 + 25), all of it kept: an overflow is closed when it
# becomes free, so that a burst would mean a login for every transaction. Two processes of each kind have 280 of the
# pooler's 300; langpont_db looks at each server with a connection more.
PRIMARY_POOL, REPLICA_POOL = PoolSize(40, 0), PoolSize(30, 0)
POOL_TIMEOUT_SECONDS, POOL_RECYCLE_SECONDS = 30, 3600
PROCESSES = 2
USERS = 420
# Longer than run_in_transaction goes on (60 s): whoever is not done by then hangs.
GRACE_SECONDS = 75.0
ANNOUNCED, OTHER = "announced", "other"

HISTORY = text(
    "SELECT id, created_at, source_language, target_language, source_text, translated_text "
    "FROM translations.translation_history WHERE user_id = :user_id ORDER BY created_at DESC LIMIT 20"
)
TRANSLATION = text(
    "INSERT INTO translations.translation_history (user_id, source_language, target_language, source_text, "
    "translated_text, engine, processing_time) VALUES (:user_id, 'ja', 'en', "
    "'会議の資料を明日までに送っていただけますか。', 'Could you send the documents by tomorrow?', 'openai', 1.5)"
)
EVENT = text(
    "INSERT INTO analytics.analytics_events (event_name, user_id, session_id, page_path, user_language) "
    "VALUES ('translation_started', :user_id, :session_id, '/translate', 'ja')"
)


class Application(Protocol):
    """How an application reaches its database."""

    def read_history(self, user_id: int) -> None:
        """Read a user's newest translations."""

    def insert(self, statement: Any, parameters: dict[str, Any]) -> None:
        """Insert a row, and commit."""

    def close(self) -> None:
        """Close every connection."""


class PackageApplication:
    """LangPont with langpont_db: a request of its own for each transaction."""

    def __init__(self, writer_url: str, reader_url: str) -> None:
        settings = Settings(
            primary_url=writer_url,
            replica_urls=(reader_url,),
            primary_pool=PRIMARY_POOL,
            replica_pool=REPLICA_POOL,
            pool_timeout_seconds=POOL_TIMEOUT_SECONDS,
            pool_recycle_seconds=POOL_RECYCLE_SECONDS,
            processes=PROCESSES,
            token_key="a-key-of-this-load-alone",  # noqa: S106  signs nothing that leaves this process
        )
        self._database = Database(settings)

    def read_history(self, user_id: int) -> None:
        """Read a user's newest translations."""
        with self._database.request(), self._database.get_read_session() as session:
            session.execute(HISTORY, {"user_id": user_id}).all()

    def insert(self, statement: Any, parameters: dict[str, Any]) -> None:
        """Insert a row, and commit; what is safe to do again is done again."""
        with self._database.request():
            self._database.run_in_transaction(lambda session: session.execute(statement, parameters))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


class PlainApplication:
    """LangPont with SQLAlchemy alone: an engine for writing and one for reading, chosen by hand."""

    def __init__(self, writer_url: str, reader_url: str) -> None:
        self._writer = _engine(writer_url, PRIMARY_POOL)
        self._reader = _engine(reader_url, REPLICA_POOL)

    def read_history(self, user_id: int) -> None:
        """Read a user's newest translations."""
        with Session(self._reader) as session:
            session.execute(HISTORY, {"user_id": user_id}).all()

    def insert(self, statement: Any, parameters: dict[str, Any]) -> None:
        """Insert a row, and commit."""
        with Session(self._writer) as session, session.begin():
            session.execute(statement, parameters)

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()


APPLICATIONS: dict[str, Callable[[str, str], Application]] = {
    "package": PackageApplication,
    "plain": PlainApplication,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What a process does at a time.

    Args:
        begins_at: When, in Unix time; the same for all processes.
        seconds: How long.
        rate: Transactions a second, of this process.
        clients: How many client loops share them.
        mark: Begins the session id of every event of the step.
        seed: Of what is random.
    """

    begins_at: float
    seconds: float
    rate: float
    clients: int
    mark: str
    seed: int


@dataclass(slots=True)
class Client:
    """One client loop: a transaction whenever one is due, one at a time."""

    application: Application
    step: Step
    number: int
    weights: dict[str, int]
    done: list[tuple[str, float, float, str, str]] = field(default_factory=list)
    _underway: tuple[str, float, str] | None = None

    def run(self) -> None:
        """Run until the step is over; what is late by then is not begun any more."""
        random = Random(f"{self.step.seed}-{self.number}")  # noqa: S311 -- repeatable on purpose, guards nothing
        ends_at = self.step.begins_at + self.step.seconds
        for due, sequence in self._schedule(random, ends_at):
            wait = due - time.time()
            if wait > 0:
                time.sleep(wait)
            if time.time() >= ends_at:
                return
            kind = random.choices(list(self.weights), list(self.weights.values()))[0]
            mark = f"{self.step.mark}-{self.number}-{sequence}" if kind == "event" else ""
            self._underway = kind, due, mark
            error = self._transact(kind, mark, 1 + random.randrange(USERS))
            self._underway = None
            self.done.append((kind, due, time.time(), error, mark))

    def transactions(self) -> list[tuple[str, float, float, str, str]]:
        """Return what was done; what is under way still, and should not be, is an error."""
        if self._underway is None:
            return list(self.done)
        kind, due, mark = self._underway
        return [*self.done, (kind, due, time.time(), f"{OTHER} hangs", mark)]

    def _schedule(self, random: Random, ends_at: float) -> Iterator[tuple[float, int]]:
        """Yield moments at random distances, as pgbench's --rate does; how late one begins counts as its time."""
        due, sequence = self.step.begins_at, 0
        while True:
            due += random.expovariate(self.step.rate / self.step.clients)
            if due >= ends_at:
                return
            sequence += 1
            yield due, sequence

    def _transact(self, kind: str, mark: str, user_id: int) -> str:
        try:
            if kind == "history":
                self.application.read_history(user_id)
            elif kind == "event":
                self.application.insert(EVENT, {"user_id": user_id, "session_id": mark})
            else:
                self.application.insert(TRANSLATION, {"user_id": user_id})
        except DatabaseError as error:
            return f"{ANNOUNCED} {type(error).__name__}"
        except SQLAlchemyError as error:
            return f"{OTHER} {type(error).__name__}: {str(error).splitlines()[0][:200]}"
        return ""


def run_step(application: Application, step: Step, weights: dict[str, int]) -> list[tuple[str, float, float, str, str]]:
    """Run a step with all its clients and return every transaction: kind, due, ended, error and mark."""
    clients = [Client(application, step, number, weights) for number in range(step.clients)]
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    ends_at = step.begins_at + step.seconds + GRACE_SECONDS
    for thread in threads:
        thread.join(timeout=max(ends_at - time.time(), 0))
    return [transaction for client in clients for transaction in client.transactions()]


def main() -> None:
    """Say that it is ready, then run a step for each line."""
    job = json.loads(sys.stdin.readline())
    application = APPLICATIONS[job["application"]](job["writer_url"], job["reader_url"])
    try:
        _answer("ready")
        for line in sys.stdin:
            _answer(run_step(application, Step(**json.loads(line)), job["weights"]))
    finally:
        application.close()


def _engine(url: str, pool: PoolSize) -> Engine:
    return create_engine(
        url,
        pool_size=pool.size,
        max_overflow=pool.max_overflow,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_recycle=POOL_RECYCLE_SECONDS,
        pool_pre_ping=True,
        connect_args={"prepare_threshold": None},
    )


def _answer(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
