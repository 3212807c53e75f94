"""The events of this service, in its own words; each event is declared next to the aggregate that it comes from."""

from scheduling.domain.memberships import Ended, InConflict, Offered, Taken
from scheduling.domain.modalities import ModalityListed
from scheduling.domain.states import PersonStated
from scheduling.domain.waiting import WaitingClosed, WaitingStarted

PersonEvent = WaitingStarted | WaitingClosed | Offered | Taken | InConflict | Ended | PersonStated
Event = PersonEvent | ModalityListed
