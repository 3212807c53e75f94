"""What tests share: people to refer, staff of a hub, a mailbox."""
