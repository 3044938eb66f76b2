"""The built-in receiver: a mail server in front hands mail in by LMTP or SMTP.

A mail is kept raw and committed before it is answered 250; what happens then is the inbox's.
"""
