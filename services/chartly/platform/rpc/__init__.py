"""How services call each other over gRPC: channels, clients, the interceptor around every handler, errors on the wire."""
