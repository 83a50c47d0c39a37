"""The registry's rules, without database and gRPC."""
