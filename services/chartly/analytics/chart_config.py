"""Reads the chart of a request: a config in the request itself, or the ``spec.chart`` of an analytics profile. It draws nothing."""

from typing import Any

from google.protobuf.json_format import MessageToDict

from chartly.contracts import ContractStore
from chartly.platform.errors import Violations
from chartly.platform.json.numbers import whole
from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2 as pb
from chartly.v1.registry_pb2 import ResolveProfileRequest

from .errors import ChartInvalid

_CONTRACT = "reports.chart_config"


async def chart_config(clients: Clients, request: pb.RenderChartRequest) -> dict[str, Any]:
    """Return the chart config of a request, with the ``data`` that it draws.

    Raises:
        ChartInvalid: the config breaks its contract, or the reference names no analytics profile with a chart.
        RemoteError: PROFILE_UNKNOWN.
    """
    wrong = Violations()
    if request.HasField("config") == bool(request.analytics_ref):
        wrong.add("config", "exactly one of config and analytics_ref must be set")
    wrong.raise_if_any()
    if request.analytics_ref:
        return await _config_of_profile(clients, request.analytics_ref)
    config: dict[str, Any] = whole(MessageToDict(request.config))
    broken = ContractStore.packaged().validator(_CONTRACT).violations(config)
    if broken:
        violations = tuple(violation.as_field_violation("config") for violation in broken)
        raise ChartInvalid("the configuration breaks its contract", violations=violations)
    if "data" not in config:
        raise ChartInvalid("data is needed here: a dataset or an SQL query")
    return config


async def _config_of_profile(clients: Clients, reference: str) -> dict[str, Any]:
    resolved = await clients.registry.ResolveProfile(ResolveProfileRequest(ref=reference))
    # The registry has checked the profile against its contract, which includes that of the chart.
    profile: dict[str, Any] = whole(MessageToDict(resolved.resolved))
    if profile["metadata"]["kind"] != "analytics":
        raise ChartInvalid("analytics_ref must name an analytics profile")
    spec = profile["spec"]
    if "chart" not in spec:
        raise ChartInvalid("the analytics profile has no spec.chart")
    return {**spec["chart"], "data": {"dataset": spec["outputs"]["dataset"]}}
