"""Logs: one JSON object a line on standard output. A line refers to people by id only."""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

_ALIKE: list[structlog.typing.Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


class _Patient:
    """A stream whose reader may have gone: a log line that cannot be written must not break the work in hand."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def configure(service: str, process: str, level: str = "INFO") -> None:
    """Send structlog and the libraries' own logging to standard output, as JSON."""
    bound = {"service": service, "process": process}

    def say_who(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {**event, **bound}  # not by contextvars, which other threads do not see

    libraries = logging.StreamHandler(_Patient(sys.stdout))
    shown: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    before: list[structlog.typing.Processor] = [say_who, structlog.stdlib.add_logger_name, *_ALIKE]
    libraries.setFormatter(structlog.stdlib.ProcessorFormatter(processors=shown, foreign_pre_chain=before))
    logging.getLogger("kafka.net.sasl").setLevel(logging.ERROR)  # it warns at each connection that there is no TLS, which is a setting
    logging.basicConfig(handlers=[libraries], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[say_who, *_ALIKE, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(cast("Any", _Patient(sys.stdout))),
        cache_logger_on_first_use=True,
    )


def log() -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
