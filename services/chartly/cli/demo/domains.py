"""The four domains of the demonstration, as the packaged profiles describe them."""

from dataclasses import dataclass

from chartly.cli.connection import Connection
from chartly.profiles.packaged import texts

SOURCE_PORT = 8099
"""The address at which the packaged connectors expect the source."""
_SOURCE = f"http://127.0.0.1:{SOURCE_PORT}"


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain of the demonstration."""

    name: str
    workflow: str
    """The workflow document's name."""
    dataset: str
    rollup: str
    """The derived dataset that is shown and drawn."""
    chart_order: str
    """Column that orders the rollup."""


DOMAINS = (
    Domain("sales", "sales-orders", "sales-orders", "sales-orders-daily", "day"),
    Domain("weather", "weather-onboard", "weather-daily", "weather-monthly", "month"),
    Domain("market", "market-onboard", "market-prices", "market-yearly", "year"),
    Domain("employment", "employment-onboard", "employment-months", "employment-yearly", "year"),
)


def onboard(edge: Connection, domain: Domain, project: str, port: int) -> str:
    """Store a domain's profiles and its workflow, and return the workflow's id. A repetition changes nothing."""
    moved: dict[str, str] = {}
    for name, text in _documents(domain, "profiles"):
        reference = f"{project}::{name.replace('-', '/', 1)}"
        document = text
        if port != SOURCE_PORT and _SOURCE in text:
            version = reference.rpartition("@")[2]
            moved[reference] = reference + f"+port.{port}"
            document = text.replace(_SOURCE, f"http://127.0.0.1:{port}").replace(f"version: {version}", f"version: {version}+port.{port}")
        edge.put(f"/v1/profiles/{moved.get(reference, reference)}", {"document": document})
    ((_, workflow),) = [found for found in _documents(domain, "workflows") if found[0].startswith(domain.workflow)]
    for reference, instead in moved.items():
        workflow = workflow.replace(reference, instead)
    if moved:
        workflow = workflow.replace("version: 1.0.0", f"version: 1.0.0+port.{port}", 1)
        workflow = workflow.replace(f"name: {domain.workflow}", f"name: {domain.workflow}-port-{port}", 1)
    return str(edge.post("/v1/workflows", {"document": workflow})["workflow_id"])


def _documents(domain: Domain, kind: str) -> list[tuple[str, str]]:
    """Return (name@version, text) of a domain's packaged documents, older versions first, since newer ones extend them."""
    folder = f"domains/{domain.name}/" + ("workflows/" if kind == "workflows" else "")
    found = {path.removeprefix(folder): text for path, text in texts().items() if path.startswith(folder)}
    return sorted((name.removesuffix(".yaml"), text) for name, text in found.items() if "/" not in name)
