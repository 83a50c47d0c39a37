"""Runs consistency checks, one at a time, by themselves and when asked, and keeps the last result of each project in memory."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import Counter, Gauge

from chartly.platform.identity.scope import Scope
from chartly.platform.service import ServiceContext
from chartly.v1 import audit_pb2

from .check import ConsistencyCheck, ConsistencyReport, Position

# Projects whose last result is kept; the one that was checked longest ago goes first.
_PROJECTS_MAX = 10_000
# Findings of one check that are logged one by one; the result holds more.
_LOGGED_MAX = 20
_JITTER = 0.1


@dataclass
class Checked:
    """The last check of a project."""

    report: ConsistencyReport
    at: datetime


@dataclass
class _Project:
    position: Position = field(default_factory=Position)
    last: Checked | None = None


class Checks:
    """All checks of a process. One event loop only."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._config = context.config.observer
        self._turn = asyncio.Lock()
        self._projects: OrderedDict[str, _Project] = OrderedDict()
        self._is_first = True
        registry = context.metrics
        self._findings = Gauge("chartly_check_findings", "Findings of the last consistency check of all projects.", registry=registry)
        self._ended = Gauge("chartly_check_ended_timestamp_seconds", "When the last check of all projects ended.", registry=registry)
        self._runs = Counter("chartly_checks", "Consistency checks of single projects, by their outcome.", ("outcome",), registry=registry)

    def last(self, scope: Scope) -> Checked | None:
        """Return the last check of the scope's project since the process started; None when there was none."""
        project = self._projects.get(scope.name)
        return project.last if project else None

    async def run(self, scope: Scope, time_s: float, *, verify_log: bool = True) -> Checked:
        """Check the scope's project, after the check that is under way.

        Raises:
            RemoteError: a service refused or is away.
        """
        asked_s = self._context.clock.monotonic_s()
        async with self._turn:
            project = self._project(scope.name)
            waited_s = self._context.clock.monotonic_s() - asked_s
            clients = self._context.clients.acting(scope)
            check = ConsistencyCheck(clients, self._context.config, self._context.clock, project.position, time_s - waited_s)
            try:
                report = await check.run(verify_log=verify_log)
            except BaseException:
                self._runs.labels("failed").inc()
                raise
            project.last = Checked(report, self._context.clock.now())
        self._log(scope, report)
        return project.last

    async def wait_and_check_all(self) -> None:
        """Wait for the interval, then check every project that the ledger knows, one after the other."""
        every_s = self._config.check_every_s
        # The first wait is spread over the whole interval, so that processes that start together do not check together.
        spread = (0, 1) if self._is_first else (1 - _JITTER, 1 + _JITTER)
        self._is_first = False
        await asyncio.sleep(every_s * random.uniform(*spread))  # noqa: S311 - jitter, no secret
        await self.check_all()

    async def check_all(self) -> None:
        """Check every project that the ledger knows, the log itself with the first one."""
        findings, verify_log = 0, True
        async for tenant, project in self._known_projects():
            scope = Scope.service("observer", tenant, project)
            try:
                checked = await self.run(scope, self._config.check_s_max, verify_log=verify_log)
            except Exception as failure:  # noqa: BLE001 - the other projects are checked all the same
                self._context.logger.error("consistency check failed", project=scope.name, exception=failure)  # noqa: TRY400 - our logger
                continue
            findings, verify_log = findings + len(checked.report.findings), False
        self._findings.set(findings)
        self._ended.set(self._context.clock.now().timestamp())

    async def _known_projects(self) -> AsyncIterator[tuple[str, str]]:
        clients = self._context.clients.acting(Scope.service("observer"))
        token = ""
        while True:
            page = await clients.audit.ListProjects(audit_pb2.ListProjectsRequest(page_token=token))
            for each in page.projects:
                yield each.tenant, each.project
            token = page.next_page_token
            if not token:
                return

    def _project(self, name: str) -> _Project:
        project = self._projects.setdefault(name, _Project())
        self._projects.move_to_end(name)
        if len(self._projects) > _PROJECTS_MAX:
            self._projects.popitem(last=False)
        return project

    def _log(self, scope: Scope, report: ConsistencyReport) -> None:
        outcome = "inconsistent" if report.findings else "consistent" if report.complete else "incomplete"
        self._runs.labels(outcome).inc()
        logger, facts = self._context.logger, {"project": scope.name, "findings": len(report.findings)}
        logger.info("consistency checked", datasets=report.datasets, commits=report.commits, blobs=report.blobs, **facts)
        for finding in report.findings[:_LOGGED_MAX]:
            logger.error("inconsistency found", project=scope.name, finding=str(finding))
