"""Envoy in front of the services: its configuration, rendered from the protos, and its process."""

from .process import Edge

__all__ = ["Edge"]
