"""Structured logs: one JSON object on each line, with the request's scope and trace. It writes to one stream, without rotation.

Fields: ts, level, service, env, message, tenant_id, request_id, job_id, source_id, trace_id, then the facts of the call.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chartly.platform.config.model import TelemetryConfig
from chartly.platform.identity.scope import scope_or_none

from .tracing import current_trace

ROOT = "chartly"
_FACTS = "chartly_facts"


class Logger:
    """A service's logger: a constant message, and facts as keywords."""

    def __init__(self, service: str, **bound: Any) -> None:
        self._logger = logging.getLogger(f"{ROOT}.{service}")
        self._service = service
        self._bound = bound

    def bind(self, **facts: Any) -> "Logger":
        """Return a logger that adds ``facts`` to each message."""
        return Logger(self._service, **{**self._bound, **facts})

    def debug(self, message: str, **facts: Any) -> None:
        """Log details for the search of a fault."""
        self._log(logging.DEBUG, message, facts)

    def info(self, message: str, **facts: Any) -> None:
        """Log a normal event."""
        self._log(logging.INFO, message, facts)

    def warning(self, message: str, **facts: Any) -> None:
        """Log a problem that was handled."""
        self._log(logging.WARNING, message, facts)

    def error(self, message: str, *, exception: BaseException | None = None, **facts: Any) -> None:
        """Log a problem that needs a person; ``exception`` adds its traceback."""
        self._log(logging.ERROR, message, facts, exception)

    def _log(self, level: int, message: str, facts: dict[str, Any], exception: BaseException | None = None) -> None:
        if self._logger.isEnabledFor(level):
            extra = {_FACTS: {"service": self._service, **self._bound, **facts}}
            self._logger.log(level, "%s", message, extra=extra, exc_info=exception)


class JsonFormatter(logging.Formatter):
    """Formats a record of ours or of a library as one line of JSON."""

    def __init__(self, environment: str) -> None:
        super().__init__()
        self._environment = environment

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON; values that JSON lacks become text."""
        facts: dict[str, Any] = getattr(record, _FACTS, {})
        scope, trace = scope_or_none(), current_trace()
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": record.name.removeprefix(f"{ROOT}."),
            "env": self._environment,
            "message": record.getMessage(),
            "tenant_id": scope.tenant if scope else "",
            "request_id": scope.request_id if scope else "",
            "job_id": scope.run_id if scope else "",
            "source_id": "",
            "trace_id": trace.trace_id if trace else "",
        }
        line.update(facts)
        if record.exc_info and record.exc_info[1]:
            line["exception"] = "".join(traceback.format_exception(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(config: TelemetryConfig) -> None:
    """Send this process's logs, libraries' warnings included, to the configured file or standard error."""
    if config.log_file:
        path = Path(config.log_file)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(path, encoding="utf-8")
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(config.environment))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(ROOT).setLevel(config.log_level.upper())
