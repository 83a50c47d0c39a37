"""`chartly profile`: validate, store, read, compare and try profiles."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chartly.platform.errors import RemoteError

from .failure import FileUnreadable, named, read_text
from .options import DEFAULT_DATA, Data, Output, OutputOption, Project, Url

if TYPE_CHECKING:
    from chartly.contracts import ContractStore

app = typer.Typer(help="Profiles: validate, put, get, list, resolve, diff, test, deprecate.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(exists=True, help="Documents (YAML), or folders of them.")]
Ref = Annotated[str, typer.Argument(help="<tenant>/<project>::<kind>/<name>@<semver>, or global::…")]
REFUSED = 2
NEXT_STEPS = {
    "unknown-contract": "; pass its schema with --contract TYPE@SEMVER=FILE. Validation reads no server: a contract stored with "
    "`chartly contract put` is passed as a file too",
    "unknown-base": "; pass the file of the base beside this one. Validation reads no server: stored profiles are passed as files too",
}
"""What to do about a violation, by its rule, where the message alone does not say it."""


@app.command()
def validate(
    files: Files,
    contract: Annotated[list[str], typer.Option(help="A contract that is not packaged: <type>@<semver>=FILE. Repeatable.")] = [],  # noqa: B006 - never changed
    project: Project = "tenant-demo/proj-sales",
    output: OutputOption = Output.TABLE,
) -> None:
    """Validate documents that may extend each other, without a server. Print file, line and rule of each violation; exit code 2 if any.

    Name the files of bases too, and the contracts of your own domain with --contract.
    """
    from chartly.profiles import Document, ProfileInvalid, Violation, document_violations, project_namespace
    from chartly.profiles.packaged import global_source

    from .output import show_json

    contracts = _with_contracts(contract)
    documents: list[Document] = []
    found: list[Violation] = []
    for file in documents_below(files):
        try:
            documents.append(Document.parse(read_text(file), str(file), contracts))
        except ProfileInvalid as refused:
            found.extend(refused.found)
        except FileUnreadable as refused:
            found.append(Violation(str(file), 1, 1, "", "unreadable", refused.problem))
    namespace = project_namespace(*project.split("/", 1))
    found += document_violations(documents, contracts, namespace=namespace, source=global_source())
    found = [replace(each, message=each.message + NEXT_STEPS.get(each.rule, "")) for each in found]
    if output is Output.JSON:
        names = ("file", "line", "column", "path", "rule", "message")
        show_json([{name: getattr(violation, name) for name in names} for violation in sorted(found)])
    else:
        for violation in sorted(found):
            typer.echo(str(violation), err=True)
        typer.echo(f"{_counted(len(documents), 'document')} read, {_counted(len(found), 'violation')}")
    if found:
        raise typer.Exit(REFUSED)


@app.command()
def put(files: Files, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Store documents in the project, a base before the profiles that extend it. Storing the same content twice changes nothing."""
    from .connection import Connection
    from .output import show_json

    stored: list[dict[str, Any]] = []
    with Connection(data, url, project) as edge:
        for reference, text, file in in_order(documents_below(files), project or project_of(edge)):
            try:
                answer = edge.put(f"/v1/profiles/{reference}", {"document": text})
            except RemoteError as refused:
                raise named(refused, file) from None
            stored.append(answer)
            if output is Output.TABLE:
                typer.echo(f"{reference} {'stored' if answer.get('created') else 'unchanged'}")
    if output is Output.JSON:
        show_json(stored)


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option(help="Only this kind.")] = "",
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """List the project's profiles and the global ones."""
    from .advice import advise_if_empty
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        found = list(edge.pages("/v1/profiles", "profiles", kind=kind))
        show_rows(found, ["ref", "kind", "deprecated", "description"], output)
        if all(each["ref"].startswith("global::") for each in found):
            advise_if_empty(edge)


@app.command()
def get(ref: Ref, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Print a stored document."""
    from .connection import Connection
    from .output import show_json

    with Connection(data, url, project) as edge:
        profile = edge.get(f"/v1/profiles/{ref}")["profile"]
    if output is Output.JSON:
        show_json(profile)
    else:
        typer.echo(profile["document"], nl=False)


@app.command()
def resolve(ref: Ref, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "") -> None:
    """Print a profile resolved and frozen, with its hash."""
    from .connection import Connection
    from .output import show_json

    with Connection(data, url, project) as edge:
        show_json(edge.post("/v1/profiles:resolve", {"ref": ref}))


@app.command()
def diff(
    from_ref: Ref, to_ref: Ref, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE
) -> None:
    """Compare two resolved versions, place by place."""
    from .connection import Connection
    from .output import show_rows

    with Connection(data, url, project) as edge:
        changes = edge.post("/v1/profiles:diff", {"from_ref": from_ref, "to_ref": to_ref}).get("changes", [])
    show_rows(changes, ["path", "before", "after"], output)


@app.command("test")
def try_(
    ref: Ref,
    sample: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Samples: one JSON value, or NDJSON. With recordsPath each is a page.")
    ],
    data: Data = DEFAULT_DATA,
    url: Url = "",
    project: Project = "",
    output: OutputOption = Output.TABLE,
) -> None:
    """Run a normalizer profile over sample records and explain each field; nothing is stored."""
    from .connection import Connection
    from .output import show_json
    from .trace import samples_of, show_trace

    records = samples_of(read_text(sample))
    with Connection(data, url, project) as edge:
        traces = edge.post("/v1/profiles:test", {"ref": ref, "records": records}).get("traces", [])
    if output is Output.JSON:
        show_json(traces)
    else:
        for trace in traces:
            show_trace(trace)


@app.command()
def deprecate(ref: Ref, data: Data = DEFAULT_DATA, url: Url = "", project: Project = "", output: OutputOption = Output.TABLE) -> None:
    """Mark a version so that new workflows cannot name it."""
    from .connection import Connection
    from .output import show_done

    with Connection(data, url, project) as edge:
        marked = edge.post("/v1/profiles:deprecate", {"ref": ref})["profile"]
    show_done(marked, f"{marked['ref']} deprecated", output)


def _with_contracts(given: list[str]) -> "ContractStore":
    """Return the packaged contracts and those of files, each given as ``<type>@<semver>=FILE``.

    Raises:
        ContractInvalid: a file is no contract; the violations name file and place.
        ContractUnknown: a name is none of a contract.
        typer.BadParameter: an option is not of this form.
    """
    import json

    from chartly.contracts import Contract, ContractInvalid, ContractName, ContractStore, check_schema, column_violations
    from chartly.contracts.json_value import is_object

    contracts: list[Contract] = []
    for option in given:
        name, equals, file = option.partition("=")
        if not equals:
            raise typer.BadParameter(f"{option!r} is not <type>@<semver>=FILE", param_hint="--contract")
        try:
            schema = json.loads(read_text(Path(file)))
        except ValueError:
            raise typer.BadParameter(f"{file} is not JSON", param_hint="--contract") from None
        if not is_object(schema):
            raise typer.BadParameter(f"{file} is not a JSON object", param_hint="--contract")
        made = Contract(ContractName.parse(name), schema)
        found = check_schema(made.schema) or column_violations(made.schema)
        if found:
            raise ContractInvalid(name, violations=tuple(violation.as_field_violation(file) for violation in found))
        contracts.append(made)
    return ContractStore.packaged().with_contracts(contracts)


def documents_below(files: list[Path]) -> list[Path]:
    """List the profile documents among files and below folders; workflows have a command of their own."""
    found: list[Path] = []
    for file in files:
        found += sorted(path for path in file.rglob("*.yaml") if path.parent.name != "workflows") if file.is_dir() else [file]
    return found


def in_order(files: list[Path], project: str) -> list[tuple[str, str, Path]]:
    """Return (reference, text, file) of documents, each after the documents that it extends."""
    from chartly.contracts import ContractStore
    from chartly.profiles import Document, project_namespace

    contracts, namespace = ContractStore.packaged(), project_namespace(*project.split("/", 1))
    documents = [(Document.parse(read_text(file), str(file), contracts), file) for file in files]
    waiting = {str(document.reference(namespace)): (document, file) for document, file in documents}
    ordered: list[tuple[str, str, Path]] = []
    while waiting:
        ready = [ref for ref, (document, _) in waiting.items() if str(document.extends) not in waiting or str(document.extends) == ref]
        # A circle has no order; the registry refuses it and names its members.
        for reference in ready or list(waiting):
            document, file = waiting.pop(reference)
            ordered.append((reference, document.text, file))
    return ordered


def project_of(edge: Any) -> str:
    """Return the project of the token, as the edge knows it."""
    scope = edge.get("/v1/auth/introspect")
    return f"{scope['tenant_id']}/{scope['project_id']}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
