"""A driver's session: its transaction is committed, begun anew or given up as pymongo does it."""

from collections.abc import Callable
from typing import Any, Self

from pymongo.errors import OperationFailure

from world.transactions import Server, Transaction, lost_reply, no_such_transaction, write_conflict

TRIES = 30  # of a transaction; a driver goes by time
Callback = Callable[[Any], Any]


class MemorySession:
    """A transaction at a time."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.in_transaction = False
        self._transaction: Transaction | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._abort()

    @property
    def transaction(self) -> Transaction | None:
        """The running one; its snapshot is taken when it is first asked for."""
        if self.in_transaction and self._transaction is None:
            self._transaction = Transaction(self._server)
        if self._transaction is not None and self._transaction.is_over:
            raise no_such_transaction()
        return self._transaction

    def with_transaction(self, callback: Callback, **_options: Any) -> Any:
        """As the driver's: anew after a transient error, but so many times instead of so long."""
        for number in range(TRIES):
            try:
                return self._once(callback)
            except OperationFailure as error:
                if not error.has_error_label("TransientTransactionError") or number == TRIES - 1:
                    raise
                self._server.faults.before("again", "")
        raise AssertionError

    def _once(self, callback: Callback) -> Any:
        self.in_transaction, self._transaction = True, None
        try:
            answer = callback(self)
            self._commit()
        finally:
            self._abort()
        return answer

    def _commit(self) -> None:
        faults = self._server.faults
        faults.before("commit", "")
        if self.transaction is None:
            return
        fate = faults.of_commit()
        if fate == "failed":
            raise write_conflict("commit")
        faults.committed(self.transaction.commit())
        if fate == "lost":
            raise lost_reply()

    def _abort(self) -> None:
        self.in_transaction = False
        if self._transaction is not None:
            self._transaction.end()
            self._transaction = None
