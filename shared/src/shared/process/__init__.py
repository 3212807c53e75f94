"""What every process of every service has: settings, logs, clock, health, metrics, its loop and its commands."""
