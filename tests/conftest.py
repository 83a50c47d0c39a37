"""What all tests may use: a real host on a data directory of its own, stopped when the test ends."""

import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from chartly.platform.config import Config, load
from chartly.platform.host import Host
from chartly.platform.rpc.status import UNEXPECTED_ERROR

# An example has no deadline: how long it takes says more of the machine than of the code.
hypothesis.settings.register_profile("chartly", deadline=None, print_blob=True)
hypothesis.settings.load_profile("chartly")

# A shell starts background processes with SIGINT ignored, and nohup with SIGHUP ignored. Processes that a test starts would inherit that,
# and a signal that a test sends would have no effect.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class _UnexpectedErrors(logging.Handler):
    """Collects the calls that this process's services answered with INTERNAL."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Note the error, if it is one that no service expected."""
        if record.getMessage() == UNEXPECTED_ERROR and record.exc_info:
            self.found.append(f"{record.name}: {record.exc_info[1]!r}")


@pytest.fixture(autouse=True)
def internal_is_ours_alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a service answers INTERNAL: no request, data or outage may cause it. ``causes_internal`` marks exceptions."""
    handler = _UnexpectedErrors()
    root = logging.getLogger("chartly")
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    if request.node.get_closest_marker("causes_internal") is None:
        assert handler.found == []


@pytest.fixture
def make_config(tmp_path: Path) -> Callable[..., Config]:
    """Load a configuration for this test's own data directory, with overrides by dotted key."""

    def make(**overrides: Any) -> Config:
        dotted = {key.replace("__", "."): value for key, value in overrides.items()}
        return load(environment={}, overrides={"data_dir": str(tmp_path / "data"), "edge.port": 0, **dotted})

    return make


@pytest.fixture
async def start_host(make_config: Callable[..., Config]) -> AsyncIterator[Callable[..., Awaitable[Host]]]:
    """Return a function that starts a host with the named services and configuration overrides: "registry", limits__page_size_max=10."""
    async with AsyncExitStack() as stack:

        async def start(*names: str, **overrides: Any) -> Host:
            return await stack.enter_async_context(Host(make_config(**overrides), names))

        yield start
