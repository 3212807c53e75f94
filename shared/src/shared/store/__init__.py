"""A service's own store: unit of work, documents, indexes, leases, and the vault of keys."""
