"""Write the tables of ``docs/explanation/performance.md`` between their markers; the rest of the page is written by hand."""

from typing import Any

from machine import ROOT

PAGE = ROOT / "docs" / "explanation" / "performance.md"
BEGIN, END = "<!-- begin bench: {name} -->", "<!-- end bench: {name} -->"
OURS = "chartly"


def write_tables(results: dict[str, Any], *, write: bool) -> str:
    """Return both tables as text, and write them into the page."""
    rows = results["rows"]
    tables = {"peers": _peers(results), "shapes": _shapes(rows)}
    if write:
        page = PAGE.read_text("utf-8")
        for name, table in tables.items():
            page = replaced(page, name, table)
        PAGE.write_text(page, "utf-8")
    return "\n".join(tables.values())


def replaced(page: str, name: str, table: str) -> str:
    """Return the page with a table between its markers.

    Raises:
        SystemExit: the page does not have the markers.
    """
    begin, end = BEGIN.format(name=name), END.format(name=name)
    if begin not in page or end not in page:
        raise SystemExit(f"{PAGE} does not have the markers of {name!r}")
    head, _, rest = page.partition(begin)
    return f"{head}{begin}\n{table}{end}{rest.partition(end)[2]}"


def _peers(results: dict[str, Any]) -> str:
    rows = results["rows"]
    ours = rows[OURS]
    host = results["machine"]
    changed = ", with changes" if host["dirty"] else ""
    text = f"{host['cpu']}, {host['cores']} cores; commit {host['commit']}{changed}; {results['build']} build; one core each.\n\n"
    text += "| program | records/s | µs/record | whole process, CPU s | peak RSS MB | accepted | same output | ours is | does |\n"
    text += "|---|--:|--:|--:|--:|--:|---|--:|---|\n"
    compared = {name: row for name, row in rows.items() if name == OURS or not name.startswith(OURS)}
    for name, row in sorted(compared.items(), key=lambda entry: entry[1]["cpu_s"] / entry[1]["records"]):
        same = "—" if name == OURS else "yes" if row["sha256"] == ours["sha256"] else "no"
        times = "" if name == OURS else f"{row['cpu_s'] / ours['cpu_s']:.2f}x"
        text += (
            f"| {name} | {row['records_per_cpu_s']:,} | {row['ns_per_record'] / 1000:.3f} | {row['process_cpu_s']:.2f} | {row['rss_mb']} "
        )
        text += f"| {row['accepted']:,} | {same} | {times} | {row['parts']} |\n"
    return text


def _shapes(rows: dict[str, Any]) -> str:
    """Return the table of our other runs, each compared with the run of which it is a variant."""
    base = rows[OURS]
    lines = rows["chartly, a 50 MB page as lines"]
    text = "| run | ns/record | ns/KB of input | wall s | peak RSS MB | compared |\n|---|--:|--:|--:|--:|---|\n"
    compared = {
        OURS: "",
        "chartly, 2 threads": f"{base['wall_s'] / rows['chartly, 2 threads']['wall_s']:.2f}x as fast as one thread",
        "chartly, Parquet": f"{rows['chartly, Parquet']['cpu_s'] / base['cpu_s']:.2f}x the time of NDJSON",
        "chartly, no files": f"{rows['chartly, no files']['cpu_s'] / base['cpu_s']:.2f}x the time of NDJSON",
        "chartly, a 50 MB page as lines": "",
        "chartly, a 50 MB page": f"{rows['chartly, a 50 MB page']['cpu_s'] / lines['cpu_s']:.2f}x the time of the same records as lines",
        "chartly, wide records": f"{rows['chartly, wide records']['ns_per_kb'] / base['ns_per_kb']:.2f}x the sales job's time per byte",
    }
    for name, remark in compared.items():
        row = rows[name]
        text += f"| {name} | {row['ns_per_record']:.0f} | {row['ns_per_kb']:.0f} | {row['wall_s']:.3f} | {row['rss_mb']} | {remark} |\n"
    return text
