"""The embedded stack: Kafka, a store per service, the vault's store, an SMTP sink and every process of every service,
on one machine that needs only Python."""
