"""What drones report of their work, summed up. A view: runs, datasets and the ledger stay the truth."""
