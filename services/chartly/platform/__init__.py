"""What every service stands on: host, configuration, errors, scope, clients, metadata database, telemetry.

Nothing here knows what a service does, and nothing is imported from here on purpose: a command that needs the
errors should not pay for gRPC or SQLAlchemy. Import from the module that owns the name; README.md lists them.
"""
