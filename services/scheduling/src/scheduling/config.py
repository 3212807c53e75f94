"""Settings of the scheduling service, read from the environment once; called only by bootstrap.

There is no setting for the vault: this service must not learn who anybody is.
"""

from dataclasses import dataclass
from pathlib import Path

from shared.process.settings import Common, setting
from shared.process.settings import read as read_settings

SHIPPED = Path(__file__).parent / "data" / "catalogue"


@dataclass(frozen=True, kw_only=True)
class Settings:
    common: Common
    catalogue: Path = setting(
        "CATALOGUE", "path", "the folder of modalities", "/etc/circlework/catalogue", default=SHIPPED, shown="the one shipped"
    )
    offers_in_flight: int = setting("OFFERS_IN_FLIGHT", "int", "in how many groups a matcher makes offers at once", "4", default=4)


def read() -> Settings:
    return read_settings(Settings)
