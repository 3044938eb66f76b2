"""Who of our people may do what in the workplace, beyond the moves of a ticket."""

from desk.partners.models import StaffRole

# Files a ticket on a partner's behalf.
FILES_TICKETS = frozenset({StaffRole.SPECIALIST, StaffRole.ADMINISTRATOR})
# Opens projects and writes their dossiers.
KNOWS_PROJECTS = FILES_TICKETS | {StaffRole.PRODUCTION}
