"""What did the overload test find? Puts its figures into ``docs/explanation/performance.md`` and ``bench/results/overload.json``.

python -m tests.load.overload --out found.json && python bench/overload_table.py found.json
"""

import json
import sys
from pathlib import Path
from typing import Any

import machine
from report import PAGE, replaced

RESULTS = machine.ROOT / "bench" / "results" / "overload.json"


def main() -> None:
    """Read the figures of a run, and store them with a description of the machine."""
    found: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    results = {"machine": machine.described(), **found}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    PAGE.write_text(replaced(PAGE.read_text("utf-8"), "overload", table(results)), "utf-8")


def table(found: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    host = found["machine"]
    answers: dict[str, int] = found["answers"]
    rows = {
        "pushes per second that the machine accepted before": found["took_pushes_a_second_before"],
        "pushes sent per second": found["offered_pushes_a_second"],
        "pushes sent, accepted, refused with a retry time": f"{found['offered']:,}, {found['acknowledged']:,}, {answers.get('429', 0):,}",
        "records acknowledged, found afterwards": f"{found['acknowledged_in_all']:,}, {found['accounted_in_all']:,}",
        "time from sending to acknowledgement, p50 / p99 / longest": (
            f"{found['latency_p50_ms']:,} / {found['latency_p99_ms']:,} / {found['latency_max_ms']:,} ms"
        ),
        "of that behind the edge, p99 / longest": f"{found['behind_edge_p99_ms']:,} / {found['behind_edge_max_ms']:,} ms",
        "peak RSS of the service host / of the edge": f"{found['host_rss_peak_mib']} / {found['edge_rss_peak_mib']} MiB",
        "time until a push was accepted afterwards": f"{found['recovery_s']} s",
        "time until everything was committed": f"{found['drain_s']} s",
    }
    text = f"{host['cpu']}, {host['cores']} cores; commit {host['commit']}; "
    text += f"pushes of {found['piece_bytes']:,} bytes, {found['seconds']:.0f} s.\n\n"
    text += "| | |\n|---|--:|\n"
    return text + "".join(f"| {name} | {figure} |\n" for name, figure in rows.items())


if __name__ == "__main__":
    main()
