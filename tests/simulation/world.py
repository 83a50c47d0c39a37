"""Virtual time and an unreliable network. It knows nothing of Chartly.

Everything that happens is an event in one heap, so a seed replays exactly.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Reply = Callable[[Any], None]


@dataclass
class Weather:
    """The probabilities of faults, each for one message, one commit or one second."""

    drop: float = 0.0
    repeat: float = 0.0
    delay_ms: int = 5
    disk: float = 0.0
    """Chance that a commit fails, before or after it was made."""
    crash: float = 0.0
    """Chance a second, of each node."""
    skew_ms: int = 0
    """A node's clock is off by up to this, either way, and jumps within it."""


class Lost(Exception):
    """A disk failed: the process can't rely on anything in its memory."""


@dataclass(eq=False)
class Node:
    """A process that is up or down, with a clock of its own and a count of its starts."""

    world: "World"
    name: str
    up: bool = True
    life: int = 0
    skew_ms: int = 0

    @property
    def clock_ms(self) -> int:
        """The time by this node's clock."""
        return self.world.now_ms + self.skew_ms

    def start(self) -> None:
        """Start with the data on disk."""

    def crash(self) -> None:
        """Lose all memory; restart after a while."""
        self.world.note(f"{self.name} crashes")
        self.up, self.life = False, self.life + 1
        self.world.after(self.world.chance.randint(50, 3_000), self._again)

    def _again(self) -> None:
        if not self.up:
            self.up = True
            self.skew_ms = self.world.skew()
            self.world.note(f"{self.name} is up again")
            self.start()

    def later(self, delay_ms: float, happening: Callable[[], None]) -> None:
        """Schedule a call in this life of the node."""
        life = self.life

        def if_alive() -> None:
            if self.up and self.life == life:
                happening()

        self.world.after(delay_ms, if_alive)

    def commit(self, write: Callable[[], None]) -> None:
        """Write to disk, atomically. When the disk fails, it is unknown whether it was written.

        Raises:
            Lost: the disk failed.
        """
        world = self.world
        failed = world.chance.random() < world.weather.disk
        if not failed or world.chance.random() < 0.5:
            write()
        if failed:
            world.note(f"{self.name}: disk fails")
            raise Lost


@dataclass
class World:
    """The heap of scheduled events."""

    seed: int
    weather: Weather = field(default_factory=Weather)
    trace: bool = False
    now_ms: int = 1_700_000_000_000
    nodes: list[Node] = field(default_factory=list[Node])

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - a simulation must replay
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._ids = 0

    def note(self, what: str) -> None:
        """Print an event if that is requested."""
        if self.trace:
            print(f"{self.now_ms - 1_700_000_000_000:>8} {what}")  # noqa: T201 - the trace is for a person

    def new_id(self, prefix: str) -> str:
        """Return a new id."""
        self._ids += 1
        return f"{prefix}_{self._ids:06}"

    def skew(self) -> int:
        """Return a random error of a clock."""
        return self.chance.randint(-self.weather.skew_ms, self.weather.skew_ms) if self.weather.skew_ms else 0

    def after(self, delay_ms: float, happening: Callable[[], None]) -> None:
        """Schedule a call."""
        self._count += 1
        heapq.heappush(self._heap, (self.now_ms + max(int(delay_ms), 0), self._count, happening))

    def run_until(self, end_ms: int, done: Callable[[], bool] = lambda: False) -> None:
        """Process all events up to a time, or until ``done``."""
        while self._heap and self._heap[0][0] <= end_ms and not done():
            self.now_ms, _, happening = heapq.heappop(self._heap)
            happening()

    def storm(self) -> None:
        """Each second a node may crash or its clock may jump, by the probabilities."""
        for node in self.nodes:
            if node.up and self.chance.random() < self.weather.crash:
                node.crash()
            elif self.weather.skew_ms and self.chance.random() < 0.1:
                node.skew_ms = self.skew()
        self.after(1_000, self.storm)

    def call(self, caller: Node, server: Node, serve: Callable[[], Any], reply: Reply, timeout_ms: int = 1_000) -> None:
        """Call a node; ``reply`` gets its answer or None, once, if the caller still runs. A request may arrive twice, late, or never."""
        life, answered = caller.life, False

        def once(answer: Any) -> None:
            nonlocal answered
            if not answered and caller.up and caller.life == life:
                answered = True
                reply(answer)

        def arrive() -> None:
            if not server.up:
                return
            answer = serve()
            if server.up and not self._lost():
                self.after(self._delay_ms(), lambda: once(answer))

        if not self._lost():
            self.after(self._delay_ms(), arrive)
        if self.chance.random() < self.weather.repeat:
            self.after(self._delay_ms() * 20, arrive)
        self.after(timeout_ms, lambda: once(None))

    def _lost(self) -> bool:
        return self.chance.random() < self.weather.drop

    def _delay_ms(self) -> int:
        return self.chance.randint(1, max(self.weather.delay_ms, 1))
