# exec, so that the service is PID 1 and is told to stop by whoever stops the container.
exec python -m "$SERVICE" "$@"
