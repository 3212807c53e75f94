"""All that this service publishes, in its own words; each is declared beside the rule that decides it."""

from notifications.domain.answers import Answered
from notifications.domain.messages import Accepted, Ambiguous, Bounced, Suppressed
from notifications.domain.standings import Restated

Event = Accepted | Bounced | Suppressed | Ambiguous | Answered | Restated
