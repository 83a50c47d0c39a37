"""gRPC handlers of the registry: decode, call a catalog, encode. The domain decides what a call may do."""

import json

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.profiles import Reference
from chartly.v1 import registry_pb2 as pb
from chartly.v1.registry_pb2_grpc import RegistryServiceServicer

from . import encode
from .catalog import Catalog
from .contract_catalog import ContractCatalog
from .store.profiles import position

_PROFILES = "registry.profiles"
_CONTRACTS = "registry.contracts"


class RegistryHandlers(RegistryServiceServicer):
    """Serves ``chartly.v1.RegistryService``."""

    def __init__(self, catalog: Catalog, contracts: ContractCatalog) -> None:
        self._catalog = catalog
        self._contracts = contracts

    async def PutProfile(self, request: pb.PutProfileRequest, context: Context) -> pb.PutProfileResponse:
        """Store one version."""
        stored, created = await self._catalog.put(current_scope(), Reference.parse(request.ref), request.document)
        return pb.PutProfileResponse(profile=encode.profile(stored), created=created)

    async def GetProfile(self, request: pb.GetProfileRequest, context: Context) -> pb.GetProfileResponse:
        """Return one stored version."""
        stored = await self._catalog.get(current_scope(), Reference.parse(request.ref))
        return pb.GetProfileResponse(profile=encode.profile(stored))

    async def ListProfiles(self, request: pb.ListProfilesRequest, context: Context) -> pb.ListProfilesResponse:
        """List the project's versions and the global ones."""
        count = page_size(request.page_size)
        after = page_position(_PROFILES, request.page_token, 4)
        last = tuple(map(str, after)) if after else None
        found = await self._catalog.page(current_scope(), request.kind, request.name, last, count + 1)
        following = page_token(_PROFILES, *position(found[count - 1])) if len(found) > count else ""
        return pb.ListProfilesResponse(profiles=map(encode.profile, found[:count]), next_page_token=following)

    async def ValidateProfile(self, request: pb.ValidateProfileRequest, context: Context) -> pb.ValidateProfileResponse:
        """Return the violations of a document."""
        found = await self._catalog.validate(current_scope(), request.document)
        return pb.ValidateProfileResponse(violations=map(encode.violation, found))

    async def ResolveProfile(self, request: pb.ResolveProfileRequest, context: Context) -> pb.ResolveProfileResponse:
        """Resolve and freeze a profile."""
        found = await self._catalog.freeze(current_scope(), Reference.parse(request.ref))
        return pb.ResolveProfileResponse(frozen=encode.frozen(found), resolved=encode.struct(json.loads(found.resolved_json)))

    async def GetFrozenProfile(self, request: pb.GetFrozenProfileRequest, context: Context) -> pb.GetFrozenProfileResponse:
        """Return a resolved profile by its hash."""
        found = await self._catalog.by_hash(current_scope(), request.hash)
        return pb.GetFrozenProfileResponse(
            frozen=encode.frozen(found), resolved_json=found.resolved_json, contract_json=found.contract_json
        )

    async def DiffProfiles(self, request: pb.DiffProfilesRequest, context: Context) -> pb.DiffProfilesResponse:
        """Compare two resolved versions."""
        before, after = Reference.parse(request.from_ref), Reference.parse(request.to_ref)
        found = await self._catalog.diff(current_scope(), before, after)
        return pb.DiffProfilesResponse(changes=map(encode.change, found))

    async def DeprecateProfile(self, request: pb.DeprecateProfileRequest, context: Context) -> pb.DeprecateProfileResponse:
        """Mark a version as deprecated."""
        stored = await self._catalog.deprecate(current_scope(), Reference.parse(request.ref))
        return pb.DeprecateProfileResponse(profile=encode.profile(stored))

    async def TestProfile(self, request: pb.TestProfileRequest, context: Context) -> pb.TestProfileResponse:
        """Run a normalizer over samples. Nothing is stored."""
        if bool(request.ref) == bool(request.document):
            raise InvalidRequest(violations=(FieldViolation("ref", "set either ref or document"),))
        scope, records = current_scope(), list(request.records)
        if request.document:
            found = await self._catalog.trace_text(scope, request.document, records)
        else:
            found = await self._catalog.trace(scope, Reference.parse(request.ref), records)
        return pb.TestProfileResponse(traces=map(encode.struct, found))

    async def PutContract(self, request: pb.PutContractRequest, context: Context) -> pb.PutContractResponse:
        """Store one version of a contract."""
        stored, created = await self._contracts.put(current_scope(), request.name, request.schema_json)
        return pb.PutContractResponse(contract=encode.contract(stored), created=created)

    async def GetContract(self, request: pb.GetContractRequest, context: Context) -> pb.GetContractResponse:
        """Return one contract."""
        return pb.GetContractResponse(contract=encode.contract(await self._contracts.get(current_scope(), request.name)))

    async def ListContracts(self, request: pb.ListContractsRequest, context: Context) -> pb.ListContractsResponse:
        """List the packaged contracts and those of the project."""
        count = page_size(request.page_size)
        after = page_position(_CONTRACTS, request.page_token, 1)
        found = await self._contracts.page(current_scope(), str(after[0]) if after else "", count + 1)
        following = page_token(_CONTRACTS, str(found[count - 1].name)) if len(found) > count else ""
        return pb.ListContractsResponse(contracts=map(encode.listed_contract, found[:count]), next_page_token=following)
