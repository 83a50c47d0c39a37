"""Whether the JSON body of a REST request is what its method takes. Whether it is JSON at all, the transcoder says, with the place."""

import json
from itertools import islice
from typing import Any, cast

from chartly.platform.blocking import Blocking
from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.json.body import faults
from chartly.platform.rpc.bindings import Binding
from chartly.platform.rpc.status import VIOLATIONS_MAX

# A millisecond of parsing, which the event loop can spare; what is longer goes to a thread.
_INLINE_BYTES_MAX = 64 * 1024
# A name that a client made up is shown this far.
_NAME_SHOWN_MAX = 128


class BodyCheck:
    """Reads bodies and compares them with the request's message; it keeps nothing."""

    def __init__(self, blocking: Blocking, limits: Limits) -> None:
        self._blocking = blocking
        self._bytes_max = limits.body_checked_bytes_max

    async def check(self, binding: Binding, raw: bytes) -> None:
        """Refuse a body with unknown members or values of another type.

        Raises:
            InvalidRequest: with a violation for each, as many as an error tells.
        """
        # Of a longer body the edge sends but the beginning.
        if binding.body != "*" or len(raw) >= self._bytes_max:
            return
        found = self._faults(binding, raw) if len(raw) <= _INLINE_BYTES_MAX else await self._blocking.run(self._faults, binding, raw)
        if found:
            raise InvalidRequest(violations=found)

    def _faults(self, binding: Binding, raw: bytes) -> tuple[FieldViolation, ...]:
        try:
            body: Any = json.loads(raw)
        except (ValueError, RecursionError):
            return ()
        if not isinstance(body, dict):
            return ()
        found = islice(faults(binding.message, cast("dict[str, Any]", body)), VIOLATIONS_MAX)
        return tuple(each._replace(field=each.field[:_NAME_SHOWN_MAX]) for each in found)
