"""How events are published and consumed: envelope, outbox, relay, consumer, inbox, positions, parking."""
