"""Real tables that ship inside the package vega_datasets, read unchanged: every value is the text in the file."""

import csv
import importlib.util
from pathlib import Path

from chartly.platform.errors import FailedPrecondition, error

FILES = {"weather": "seattle-weather.csv", "market": "stocks.csv", "employment": "us-employment.csv"}
"""By domain: daily weather (NOAA), monthly share prices, monthly jobs (Bureau of Labor Statistics)."""


@error(reason="SERVICE_UNAVAILABLE")
class DemoDataMissing(FailedPrecondition):
    """The demonstration's data is not installed."""

    extra: str


def rows(domain: str) -> list[dict[str, str]]:
    """Read a domain's table.

    Raises:
        DemoDataMissing: chartly[demo] is not installed.
    """
    spec = importlib.util.find_spec("vega_datasets")
    if spec is None or not spec.submodule_search_locations:
        raise DemoDataMissing("chartly[demo]")
    path = Path(spec.submodule_search_locations[0], "_data", FILES[domain])
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
