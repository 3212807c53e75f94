"""Facts leave and arrive: envelope, outbox, relay, consumer, inbox, positions, parking."""
