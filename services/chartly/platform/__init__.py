"""The base of every service: host, configuration, errors, scope, clients, metadata database, telemetry.

No module here knows a service. This file imports nothing, so that a command that needs only the errors doesn't load gRPC or
SQLAlchemy. Import from the module that defines a name; README.md lists them.
"""

import os

# gRPC reads this at its first import. We never fork without exec. gRPC's fork handlers could only delay a child, and would print
# messages to standard error that are not log lines.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
