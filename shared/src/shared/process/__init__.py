"""The parts that all processes share: settings, logs, clock, health, metrics, the loop and the commands."""
