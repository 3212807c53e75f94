"""The identity vault: one data key per participant, in a key store of its own. Destroying the key erases the person.

MongoDB client-side field level encryption, explicit mode, random algorithm:
https://www.mongodb.com/docs/manual/core/csfle/fundamentals/manual-encryption/
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from bson.binary import Binary
from bson.codec_options import CodecOptions
from pymongo.encryption import ClientEncryption
from pymongo.encryption_shared import Algorithm
from pymongo.errors import EncryptionError, PyMongoError

from shared.errors import Retryable
from shared.process.settings import setting
from shared.store.mongo import Doc, connect, is_away

R = TypeVar("R")

NAMESPACE = "vault.keys"
VAULT_URL = setting("VAULT_URL", "secret", "the vault's key store: a replica set", "mongodb://vault-store:27017/?replicaSet=rs0")
VAULT_KEY = setting(
    "VAULT_MASTER_KEY_FILE", "key", "the vault's master key: 96 bytes in base64", "/run/secrets/vault-master.key", length=96
)
KEY_CACHED_MS = 60_000  # how long a destroyed key stays usable in a process that has read it


Purpose = Literal["identity", "contact", "note"]


class Erased(LookupError):
    """The participant's key is gone, and with it everything that was sealed under it."""


class Misplaced(ValueError):
    """A ciphertext is somebody else's, or was sealed for another purpose: it was copied to where it does not belong."""


class Vault:
    """Seals and opens a participant's personal data. Raises Retryable while the key store is unavailable."""

    def __init__(self, url: str, master_key: bytes) -> None:
        self._client, self._master_key = connect(url), master_key
        self._keys, self._destroyed = self._client["vault"]["keys"], self._client["vault"]["destroyed"]
        self._encryption = self._with_nothing_cached()

    def ensure_indexes(self) -> None:
        self._keys.create_index("keyAltNames", unique=True, partialFilterExpression={"keyAltNames": {"$exists": True}})

    def create_key(self, participant: str) -> None:
        """Make the participant's data key; called once, before anything about them is stored."""
        self._guarded(lambda: self._encryption.create_data_key("local", key_alt_names=[participant]))

    def destroy_key(self, participant: str) -> None:
        """Erase the person: nothing that was sealed under their key opens again. Safe to repeat.

        This process forgets the keys that it has read; others do within KEY_CACHED_MS. The destruction is recorded under the bare
        pseudonym, because a store that is restored from a backup brings the person back as known.
        """
        self._guarded(lambda: self._destroyed.replace_one({"_id": participant}, {"_id": participant}, upsert=True))
        self._guarded(lambda: self._keys.delete_many({"keyAltNames": participant}))
        self._encryption = self._with_nothing_cached()

    def destroyed(self) -> frozenset[str]:
        """Everybody who was erased, of all hubs."""
        return frozenset(self._guarded(lambda: [row["_id"] for row in self._destroyed.find()]))

    def _with_nothing_cached(self) -> ClientEncryption[Doc]:
        providers = {"local": {"key": self._master_key}}
        codec = CodecOptions[Doc](tz_aware=True)
        return ClientEncryption(providers, NAMESPACE, self._client, codec, key_expiration_ms=KEY_CACHED_MS)

    def seal(self, participant: str, purpose: Purpose, what: Doc) -> bytes:
        """The ciphertext of a document under the participant's key.

        Explicit encryption takes no associated data, so whose it is and what for are sealed with it.
        """
        bound = {"of": participant, "for": purpose, "what": what}
        algorithm = Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random
        return bytes(self._guarded(lambda: self._encryption.encrypt(bound, algorithm, key_alt_name=participant)))

    def open(self, participant: str, purpose: Purpose, sealed: bytes) -> Doc:
        """The document in a ciphertext. Raises Erased when its key has been destroyed, Misplaced, EncryptionError for what is none."""
        return what_belongs(participant, purpose, self._guarded(lambda: self._encryption.decrypt(Binary(sealed, 6))))

    @staticmethod
    def _guarded(do: Callable[[], R]) -> R:
        try:
            return do()
        except EncryptionError as error:
            if is_away(error.cause if isinstance(error.cause, BaseException) else error):
                raise Retryable("the key store is away") from error
            if "not all keys" in str(error):
                raise Erased("no such key in the vault") from error
            raise
        except PyMongoError as error:
            if is_away(error):
                raise Retryable("the key store is away") from error
            raise


def what_belongs(participant: str, purpose: Purpose, bound: Any) -> Doc:
    """The document, if it was sealed for this. Raises Misplaced."""
    if not isinstance(bound, dict) or (bound.get("of"), bound.get("for")) != (participant, purpose):
        raise Misplaced(f"what was to be the {purpose} of {participant} was sealed for something else")
    found: Doc = bound["what"]
    return found
