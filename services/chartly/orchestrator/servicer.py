"""The one gRPC servicer of the orchestrator, put together from the handlers of its rooms."""

from chartly.v1 import orchestrator_pb2, orchestrator_pb2_grpc

_RPCS = tuple(orchestrator_pb2.DESCRIPTOR.services_by_name["OrchestratorService"].methods_by_name)


def servicer(*rooms: object) -> orchestrator_pb2_grpc.OrchestratorServiceServicer:
    """Return a servicer whose RPCs are the methods of the same name of ``rooms``.

    Raises:
        TypeError: an RPC has no handler, or more than one.
    """
    methods: dict[str, object] = {}
    for rpc in _RPCS:
        handlers = [getattr(room, rpc) for room in rooms if hasattr(room, rpc)]
        if len(handlers) != 1:
            raise TypeError(f"{rpc} has {len(handlers)} handlers")
        methods[rpc] = staticmethod(handlers[0])
    return type("OrchestratorServicer", (orchestrator_pb2_grpc.OrchestratorServiceServicer,), methods)()
