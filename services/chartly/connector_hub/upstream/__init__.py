"""Requests to upstreams: checked addresses, bounded bodies, rates, slots and retries. It knows profiles, not where pages are stored."""
