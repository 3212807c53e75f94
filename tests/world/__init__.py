"""The services in one process, on fakes that behave as the real ones do, under a scheduler that a seed decides."""
