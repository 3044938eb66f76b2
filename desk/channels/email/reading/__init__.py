"""Reading mail: bytes in, a `Mail` out, whatever the bytes. No Django and no database.

`read(raw)` never raises. Modules go from the wire to the meaning: headers, parts, transfer,
charsets (with cyrillic), words, parameters, addresses, dates; then bodies, plain, safe_html,
replies, automatic and bounces. Every limit is in `limits`.
"""

from desk.channels.email.reading.read_mail import read
from desk.channels.email.reading.shapes import Attachment, Bounce, Mail, Party

__all__ = ["Attachment", "Bounce", "Mail", "Party", "read"]
