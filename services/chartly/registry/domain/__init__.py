"""What the registry decides: no database, no gRPC."""
