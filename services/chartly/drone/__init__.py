"""The worker: leases work, does it by calling the services that can, reports. It decides nothing about what follows."""
