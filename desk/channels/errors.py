"""How sending can end other than well."""


class Unreachable(Exception):
    """Not now: the other side is away, busy or not set up. It is tried again."""


class Refused(Exception):
    """Never: the other side will not take this, whatever the hour."""


class Pointless(Exception):
    """Nothing is to be sent any more: rights ended, the link was used, it is too late."""


class Later(Exception):
    """This attempt failed; the next one is due in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds
