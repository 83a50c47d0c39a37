"""The edge: Envoy's configuration and process, health, readiness and status."""
