"""What every service stands on: host, configuration, errors, scope, clients, metadata database, telemetry.

Nothing here knows what a service does, and nothing is imported from here on purpose: a command that needs the
errors should not pay for gRPC or SQLAlchemy. Import from the module that owns the name; README.md lists them.
"""

import os

# Read by gRPC when it is first imported. We never fork without exec; its fork handlers could only make a child wait, and say so on standard
# error in a format that is no log line.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
