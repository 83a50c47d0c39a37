"""An installation of real processes, each restarted when it dies, as by a machine's init system. It kills none by itself."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import psutil

from chartly.platform.names import SERVICES

from .relay import Relay, relaying

HANGS_S = 300.0
"""No wait of a fault test takes so long unless something hangs; a machine that is ten times slower stays far below."""
_PROCESS = Path(__file__).with_name("process.py")
_POLL_S = 0.02
# Its configuration tells Envoy from the front host's other children.
_ENVOY = "envoy.json"
_RAY_WORKER = "ray::Worker"
# The drones' calls end after this time, so that a test needn't wait for the default deadline; and no call takes as long on its own.
DRONE_DEADLINE_S = 15
# What an init system waits before it starts a service again.
_AGAIN_S = 0.1
_BACK = ("connector_hub", "normalizer", "storage", "analytics")
_FRONT = tuple(name for name in SERVICES if name not in _BACK)
# Outside of the range that connections take their own ports from: a host must find its port free when it comes back.
_PORTS = range(20_000, 32_000)


class Kind(StrEnum):
    """The kinds of processes that can be killed."""

    EDGE = "edge"
    """Envoy, a child of the front host, which starts it again."""
    FRONT = "front"
    """The host of the control plane."""
    BACK = "back"
    """The host of the data plane."""
    DRONE = "drone"
    RAY = "ray"
    """A Ray actor's process, where the back host normalizes on Ray."""
    ALL = "all"
    """Everything at once, as on a machine that loses its power."""


@dataclass
class Member:
    """One process and its restarts."""

    name: str
    kind: Kind
    arguments: Sequence[str]
    environment: Mapping[str, str]
    process: Process | None = None
    kills: int = 0
    """Deaths by SIGKILL."""
    ends: list[int] = field(default_factory=list[int])
    """Exit codes of processes that ended by themselves."""
    began_s: float = 0.0

    @property
    def lives(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.returncode is None


@dataclass
class Installation:
    """The processes of one data directory. It is used from one event loop."""

    data: Path
    port: int
    orders: Path
    relay: Relay
    """Between the drones and the host of the data plane."""
    members: list[Member] = field(default_factory=list[Member])
    _keepers: list["asyncio.Task[None]"] = field(default_factory=list["asyncio.Task[None]"])

    @property
    def url(self) -> str:
        """The edge's URL."""
        return f"http://127.0.0.1:{self.port}"

    def of(self, kind: Kind) -> list[Member]:
        """Return the members of a kind."""
        return [member for member in self.members if member.kind is kind]

    def kills(self, kind: Kind) -> int:
        """Count deaths by SIGKILL."""
        return sum(member.kills for member in self.of(kind))

    async def start(self) -> None:
        """Start all processes without waiting for their readiness."""
        for member in self.members:
            await self._start(member)
            self._keepers.append(asyncio.create_task(self._keep(member), name=member.name))

    async def stop(self) -> None:
        """Stop all processes with SIGTERM, workers before the services that they call."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for member in reversed(self.members):
            if member.process is not None and member.lives:
                member.process.terminate()
                await member.process.wait()

    async def kill(self, kind: Kind) -> None:
        """Kill one process by SIGKILL: of several, the one that has run longest."""
        if kind is Kind.EDGE:
            await self._kill_below(Kind.FRONT, _ENVOY)
        elif kind is Kind.RAY:
            await self._kill_below(Kind.BACK, _RAY_WORKER)
        elif kind is Kind.ALL:
            await asyncio.gather(*map(self._kill, self.members))
        else:
            await self._kill(min(self.of(kind), key=lambda each: each.began_s))

    async def _kill(self, member: Member) -> None:
        before = member.kills
        await until(lambda: member.lives)
        assert member.process is not None
        member.process.send_signal(signal.SIGKILL)
        await until(lambda: member.kills > before)

    async def _kill_below(self, kind: Kind, mark: str) -> None:
        (parent,) = self.of(kind)

        def killed() -> bool:
            assert parent.process is not None
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in psutil.Process(parent.process.pid).children(recursive=True):
                    if mark in " ".join(child.cmdline()):
                        child.kill()
                        return True
            return False

        await until(killed)

    async def _keep(self, member: Member) -> None:
        while True:
            assert member.process is not None
            code = await member.process.wait()
            if code == -signal.SIGKILL:
                member.kills += 1
            else:
                member.ends.append(code)
            await asyncio.sleep(_AGAIN_S)
            await self._start(member)

    async def _start(self, member: Member) -> None:
        member.began_s = asyncio.get_running_loop().time()
        with (self.data / f"{member.name}.err").open("ab") as errors:
            member.process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(_PROCESS),
                str(self.orders),
                *member.arguments,
                "--data",
                str(self.data),
                stdout=DEVNULL,
                stderr=errors,
                env={**os.environ, **member.environment, "CHARTLY_TELEMETRY_LOG_FILE": str(self.data / f"{member.name}.log")},
            )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that other processes change."""
    async with asyncio.timeout(HANGS_S):
        while not condition():  # noqa: ASYNC110 - as said
            await asyncio.sleep(_POLL_S)


@contextlib.asynccontextmanager
async def running(folder: Path, *, drones: int = 2, environment: Mapping[str, str] | None = None) -> AsyncGenerator[Installation]:
    """Run two hosts, an edge and drones on a new data directory until the block ends."""
    orders = _orders(folder)
    edge_port, back_port, relay_port = await free_ports(3)
    shared = {**(environment or {}), "CHARTLY_SERVER_ADDRESSES": _addresses(back_port)}
    worker = {**shared, "CHARTLY_SERVER_ADDRESSES": _addresses(relay_port), "CHARTLY_LIMITS_RPC_DEADLINE_S": str(DRONE_DEADLINE_S)}
    async with relaying(relay_port, back_port) as relay:
        installation = Installation(folder, edge_port, orders, relay)
        installation.members = [
            Member("front", Kind.FRONT, ["serve", *_FRONT, "--edge", "--port", str(edge_port)], shared),
            Member("back", Kind.BACK, ["serve", *_BACK], {**shared, "CHARTLY_SERVER_LISTEN": f"127.0.0.1:{back_port}"}),
            *(Member(f"drone-{number}", Kind.DRONE, ["drone", "--name", f"drone-{number}"], worker) for number in range(drones)),
        ]
        try:
            await installation.start()
            yield installation
        finally:
            await installation.stop()


def _addresses(back_port: int) -> str:
    return json.dumps(dict.fromkeys(_BACK, f"127.0.0.1:{back_port}"))


def _orders(folder: Path) -> Path:
    """Create the data directory with the folder of the orders for ``process``."""
    orders = folder / "orders"
    orders.mkdir(mode=0o700, parents=True)
    return orders


async def free_ports(count: int) -> list[int]:
    """Return free ports that connections of other processes don't use in the meantime."""
    found: list[int] = []
    # Where the search begins depends on the process, so that two tests at once seldom meet.
    for step in range(len(_PORTS)):
        port = _PORTS[(os.getpid() * 37 + step) % len(_PORTS)]
        try:
            server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
        except OSError:
            continue
        server.close()
        await server.wait_closed()
        found.append(port)
        if len(found) == count:
            return found
    message = "no port is free"
    raise OSError(message)
