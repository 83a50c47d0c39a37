"""Normalization on Ray with killed workers makes the same dataset as an undisturbed run on local threads."""

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from . import upstream
from .disrupted_run import DisruptionCounts, Kill, disturbed, pages, undisturbed
from .installation import Kind, until
from .verdict import broken

PAGE_RECORDS = 25
# A host's Ray cluster ends with the host; the next start of the host starts another one.
KILLS = (Kill(Kind.RAY, after_s=0.1), Kill(Kind.RAY, after_s=0.5), Kill(Kind.BACK, after_s=0.3), Kill(Kind.RAY, after_s=0.3))
RAY = {"CHARTLY_NORMALIZER_ENGINE": "ray", "CHARTLY_NORMALIZER_THREADS": "2"}


def ray_heads(data: Path) -> list[int]:
    """Return the Ray head processes of hosts of a data directory, found by the host's environment."""
    found: list[int] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # gone meanwhile, or not ours to look at
            host_log = process.environ().get("CHARTLY_TELEMETRY_LOG_FILE", "")
            if "ray.scripts" in " ".join(process.cmdline()) and host_log.startswith(str(data)):
                found.append(process.pid)
    return found


@pytest.mark.timeout(1800)
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra chartly[ray] is not installed")
async def test_killed_ray_workers_change_nothing(tmp_path: Path) -> None:
    """Content hash and counts equal those of an undisturbed run on local threads, and no Ray process is left."""
    counts = DisruptionCounts()
    calm = await undisturbed(tmp_path / "calm", len(KILLS), PAGE_RECORDS)
    stormy = await disturbed(tmp_path / "stormy", KILLS, PAGE_RECORDS, counts, RAY)
    assert broken(upstream.expected(pages(len(KILLS)), PAGE_RECORDS), calm, stormy, counts) == [], counts
    assert counts.kills[Kind.RAY] == 3
    # A head whose host was killed ends its own processes first.
    await until(lambda: ray_heads(tmp_path / "stormy") == [])
