"""`chartly status`: version, services and counts of the installation."""

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url


def status(data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Show version, services, counts and the last consistency check of the installation."""
    from .connection import Connection
    from .output import console, count, show_json, show_rows

    with Connection(data, url, project) as edge:
        answer = edge.get("/api/status")
    if output is Output.JSON:
        show_json(answer)
        return
    console.print(f"chartly {answer['version']} at {edge.url}, up {count(answer.get('uptime_s'))} s")
    show_rows(answer.get("services", []), ["service", "status", "problem"], output)
    for name, value in answer.get("counts", {}).items():
        console.print(f"{name.replace('_', ' ')}: {count(value)}")
    if last := answer.get("last_check"):
        verdict = "consistent" if last.get("consistent") else f"[red]{len(last['findings']):,} findings[/red], see `chartly check`"
        console.print(f"last consistency check: {verdict}, {last['checked_at']}")
