"""The demonstration: a local HTTP source, four domains onboarded through the public REST API, and figures that must add up."""
