"""The events of this service, in its own words; each is declared next to the rule that decides it."""

from notifications.domain.answers import Answered
from notifications.domain.messages import Accepted, Ambiguous, Bounced, Suppressed
from notifications.domain.standings import Restated

Event = Accepted | Bounced | Suppressed | Ambiguous | Answered | Restated
