"""`chartly reprocess`: normalize the raw bytes of a dataset with another profile version: first a dry run, then, on request, the change."""

from datetime import datetime
from typing import Annotated, Any

import typer

from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

_NUMBERS = ("unchanged", "changed", "appear", "vanish", "outside", "edited", "discarded", "newly_quarantined", "no_longer_quarantined")


def reprocess(
    dataset: Annotated[str, typer.Option("--dataset", help="Name of the dataset to reprocess.")],
    profile: Annotated[str, typer.Option("--profile", help="Reference of the normalizer profile to use, usually a newer version.")],
    since: Annotated[str, typer.Option(help="Only raw bytes stored at or after this instant (RFC 3339).")] = "",
    until: Annotated[str, typer.Option(help="Only raw bytes stored before this instant (RFC 3339).")] = "",
    quarantined: Annotated[bool, typer.Option("--quarantined", help="Only chunks with open quarantined records.")] = False,
    replaces: Annotated[str, typer.Option(help="Name of the normalizer that made the chunks, if the profile has another name.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Apply without asking.")] = False,
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Normalize the raw bytes of a dataset with another profile. Show the changes, then apply them as one version, if confirmed."""
    from .advice import advise_on_stale
    from .connection import Connection
    from .output import console, count, show_json

    body: dict[str, Any] = {"normalizer_ref": profile, "replaces": replaces, "quarantined": quarantined}
    body |= {name: _instant(name, text) for name, text in (("since", since), ("until", until)) if text}
    with Connection(data, url, project) as edge:
        run = _finished(edge, edge.post(f"/v1/datasets/{dataset}:reprocess", body)["run_id"])
        found = edge.get(f"/v1/datasets/{dataset}/reprocesses/{run['reprocess']['reprocess_id']}")
        if output is Output.TABLE:
            _show(found)
        if not apply and not (console.is_terminal and output is Output.TABLE and typer.confirm("Apply it?")):
            if output is Output.JSON:
                show_json(found)
            else:
                console.print(f"Nothing was changed. Apply it with: chartly reprocess … --apply (dry run {run['run_id']})", soft_wrap=True)
            return
        applied = _finished(
            edge, edge.post(f"/v1/datasets/{dataset}:reprocess", {"reviewed_run_id": run["run_id"], "dry_run": False})["run_id"]
        )
        advise_on_stale(edge, edge.pages("/v1/datasets", "datasets"), changed=dataset)
    done = applied["reprocess"]
    if output is Output.JSON:
        show_json(done)
        return
    version, diff = count(done.get("version")), done["diff"]
    console.print(f"{dataset} is at version {version}: {count(diff.get('rows'))} rows, {diff['content_hash']}", soft_wrap=True)
    if count(done.get("rebased_to")):
        console.print(f"Records that came up to version {done['rebased_to']} were kept.", soft_wrap=True)
    console.print(f"Back with: chartly dataset rollback {dataset} --to {count(diff.get('base_version'))}", soft_wrap=True)


def _finished(edge: Any, run_id: str) -> dict[str, Any]:
    from .output import console, state
    from .watch import watch_run

    run = watch_run(edge, run_id)
    if run["state"] != "RUN_STATE_SUCCEEDED":
        console.print(f"run {run_id} {state(run['state']).lower()}: {run.get('reason', '')} {run.get('message', '')}", soft_wrap=True)
        raise typer.Exit(1)
    return run


def _show(found: dict[str, Any]) -> None:
    from .output import console, count, show_rows

    diff = found["diff"]
    chunks, version = count(diff.get("chunks")), count(diff.get("base_version"))
    console.print(f"{found['dataset']} version {version}, {chunks} chunks with {found['scope']['normalizer']['ref']}", soft_wrap=True)
    show_rows([{name: count(diff.get(name)) for name in _NUMBERS}], _NUMBERS, Output.TABLE)
    console.print(
        f"rows {count(diff.get('base_rows'))} -> {count(diff.get('rows'))}, {diff['base_content_hash']} -> {diff['content_hash']}"
    )
    for sample in found.get("samples", []):
        console.print(f"[bold]{sample['change'].replace('_', ' ')}[/bold]")
        if sample.get("violations"):
            show_rows(sample["violations"], ["reason", "field", "path", "rule"], Output.TABLE)
            continue
        for name in ("before", "after"):
            if sample.get(name) is not None:
                console.print(f"  {name}: {_payload(sample[name])}", markup=False, soft_wrap=True)


def _payload(record: dict[str, Any]) -> str:
    import orjson

    hidden = ("record_id", "idempotency_key", "raw_line", "raw_offset", "raw_length")
    return orjson.dumps({name: value for name, value in record.items() if name not in hidden and not name.startswith("_")}).decode()


def _instant(name: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as invalid:
        raise typer.BadParameter("must be an RFC 3339 instant, such as 2026-01-31T00:00:00Z", param_hint=f"--{name}") from invalid
    if moment.tzinfo is None:
        raise typer.BadParameter("must have a time zone, such as Z", param_hint=f"--{name}")
    return moment.isoformat()
