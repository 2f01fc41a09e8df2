"""Delivery on many machines: Procrastinate brings a run to a process that is for its site.

It only brings: what a run may do, and who does it, decide the rows. So a job may be ended,
lost or brought twice, and nothing happens twice. What is performed does not end with the
job, nor with Procrastinate's worker, which begins anew whenever it fell.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.worker import Worker
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from aaroc_bot.core.ports import Unavailable
from aaroc_bot.engine.connector import Outlasting, is_away
from aaroc_bot.engine.going import Going
from aaroc_bot.engine.seam import Perform

logger = logging.getLogger(__name__)

TASK = "perform"

POLL = 1.0
"""Seconds between looks for jobs of which no word came."""

PARTING = 5.0
"""Seconds that the worker gets to sign off; what it leaves the keeper's sweep ends."""

ANSWER = 10.0
"""Seconds until a sweep gives the database up."""

AGAIN = 1.0
"""Seconds until a worker that fell begins anew."""

FORGOTTEN = 3600.0
"""Seconds until a silent worker's row goes: long after all it played is over."""

LONGEST = 36
"""Bytes of a queue's name: with Procrastinate's prefix the server takes 63 as a channel."""

UNDER_WAY = text(
    "SELECT (args->>'run')::bigint FROM procrastinate_jobs"
    " WHERE task_name = :task AND status IN ('todo', 'doing')"
)

UNFETCHED = (
    "SELECT job.id FROM procrastinate_jobs job"
    " JOIN procrastinate_events event ON event.job_id = job.id AND event.type = 'deferred'"
    " WHERE job.task_name = %(task)s AND job.status = 'todo'"
    " AND event.at < NOW() - make_interval(secs => %(seconds)s)"
)


class Jobs:
    """Fills `Deliverer` on PostgreSQL."""

    def __init__(
        self,
        url: str,
        perform: Perform,
        queues: Sequence[str],
        slots: int,
        *,
        heartbeat: timedelta = timedelta(seconds=5),
        lost: timedelta = timedelta(seconds=30),
    ) -> None:
        """Perform what comes in these queues: so many plans, and as many runs, at a time.

        A worker's sign of life is given each `heartbeat`; without one it is `lost`.
        """
        self._queues = [_named(queue) for queue in queues]
        self._slots = slots
        self._heartbeat = heartbeat.total_seconds()
        self._lost = lost.total_seconds()
        self._connector = Outlasting(url)
        self._app = App(connector=self._connector)
        self._task = self._app.task(name=TASK)(self._performed)
        self._going = Going(perform)
        self._open = False

    async def under_way(self, connection: AsyncConnection) -> frozenset[int]:
        """Give the numbers that were delivered and are not performed to their end yet."""
        numbers = await connection.scalars(UNDER_WAY, {"task": TASK})
        return frozenset(numbers) | self._going.numbers

    async def deliver(self, connection: AsyncConnection, number: int, queue: str) -> None:
        """Have a run performed by a process of this queue, once this transaction is committed."""
        raw = (await connection.get_raw_connection()).driver_connection
        configured = self._task.configure(queue=_named(queue), connection=raw)
        await configured.defer_async(run=number)

    def wake(self) -> None:
        """Do nothing: the database tells of a job when its transaction is committed."""

    async def sweep(self) -> None:
        """End the jobs of workers that fell silent, and those that nobody fetches.

        Then their runs may be delivered again. Raises `Unavailable`.
        """
        if not self._open:
            return
        manager = self._app.job_manager
        try:
            async with asyncio.timeout(ANSWER):
                stalled = await manager.get_stalled_jobs(
                    task_name=TASK, seconds_since_heartbeat=self._lost
                )
                for job in stalled:
                    await self._end(job.id)
                for row in await self._connector.execute_query_all_async(
                    UNFETCHED, task=TASK, seconds=self._lost
                ):
                    await manager.cancel_job_by_id_async(row["id"], delete_job=True)
        except (ConnectorException, TimeoutError) as problem:
            if isinstance(problem, ConnectorException) and not is_away(problem):
                raise
            raise Unavailable("the database") from problem

    async def run(self) -> None:
        """Perform what is delivered to this process, until cancelled; then end what it plays."""
        try:
            await self._opened()
            while True:
                await self._work()
                await asyncio.sleep(AGAIN)
        finally:
            await asyncio.shield(self._land())

    async def _opened(self) -> None:
        """Connect, however long the database is away."""
        while not self._open:
            try:
                await self._app.open_async()
                self._open = True
            except Exception as problem:
                logger.warning("runs cannot be fetched yet: %s", type(problem).__name__)
                await self._connector.close_async()
                await asyncio.sleep(AGAIN)

    async def _work(self) -> None:
        """Have a worker until it falls, or until cancelled: then it fetches no more."""
        worker = Worker(
            self._app,
            queues=self._queues,
            name=None,
            concurrency=2 * self._slots,
            fetch_job_polling_interval=POLL,
            shutdown_graceful_timeout=0,  # what is performed goes on without its job
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=self._heartbeat,
            stalled_worker_timeout=FORGOTTEN,
        )
        working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
        tending = asyncio.create_task(self._tend(worker))
        try:
            await asyncio.wait({working})
            if problem := working.exception():
                logger.warning("the worker of the queue fell and begins anew: %s", problem)
        finally:
            tending.cancel()
            if not working.done():
                await asyncio.shield(self._part(worker, working))

    async def _part(self, worker: Worker, working: asyncio.Task[None]) -> None:
        """Let the worker sign off, as long as that takes no database that is away."""
        self._going.stop()
        self._connector.patient = False
        worker.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({working}, timeout=PARTING)
        working.cancel()
        await asyncio.wait({working}, timeout=PARTING)

    async def _tend(self, worker: Worker) -> None:
        """End jobs that the worker fetched without hearing of it, the database being away."""
        before: set[int] = set()
        while True:
            await asyncio.sleep(self._heartbeat)
            if worker.worker_id is None:
                continue
            try:
                jobs = await self._app.job_manager.list_jobs_async(
                    task=TASK, status=Status.DOING.value, worker_id=worker.worker_id
                )
                unknown = {
                    job.id
                    for job in jobs
                    if job.id and job.task_kwargs["run"] not in self._going.numbers
                }
                for job in before & unknown:
                    await self._end(job)
                before = unknown
            except Exception:
                logger.exception("the look at the queue's jobs stumbled")

    async def _end(self, job: int | None) -> None:
        assert job is not None  # it is the database's
        try:
            await self._app.job_manager.finish_job_by_id_async(job, Status.FAILED, delete_job=True)
        except ConnectorException as problem:
            if is_away(problem):
                raise
            logger.info("job %s had ended by itself", job)

    async def _performed(self, run: int) -> None:
        """Perform a run; who cuts this off (an abort, a worker that falls) does not cut that."""
        await asyncio.shield(self._going.begin(run))

    async def _land(self) -> None:
        await self._going.land()
        self._open = False
        await self._connector.close_async()


def _named(queue: str) -> str:
    """Give a queue the name that it has in the database, where long ones are not told of."""
    if len(queue.encode()) <= LONGEST:
        return queue
    return hashlib.sha256(queue.encode()).hexdigest()[:LONGEST]
