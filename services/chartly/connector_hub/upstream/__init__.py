"""Requests to upstreams: guarded sockets, bounded bodies, retries. It knows profiles, and nothing of where pages go."""
