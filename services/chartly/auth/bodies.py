"""Check that the JSON body of a REST request fits its method's message. The transcoder refuses a body that is not JSON."""

import json
from itertools import islice
from typing import Any, cast

from chartly.platform.blocking import Blocking
from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.json.body import faults
from chartly.platform.rpc.bindings import Binding
from chartly.platform.rpc.status import VIOLATIONS_MAX

# A body of this size takes a millisecond to parse on the event loop. A longer body is parsed on a thread.
_INLINE_BYTES_MAX = 64 * 1024
# Characters of an unknown name that a message shows.
_NAME_SHOWN_MAX = 128


class BodyCheck:
    """Compares bodies with the message of the request. It stores nothing."""

    def __init__(self, blocking: Blocking, limits: Limits) -> None:
        self._blocking = blocking
        self._bytes_max = limits.body_checked_bytes_max

    async def check(self, binding: Binding, raw: bytes) -> None:
        """Refuse a body with unknown members or values of another type.

        Raises:
            InvalidRequest: with a violation for each, up to the number that an error holds.
        """
        # The edge sends only the beginning of a longer body.
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
