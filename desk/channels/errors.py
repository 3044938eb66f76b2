"""How sending, or making something of what came in, can end other than well."""


class Unreachable(Exception):
    """Not now: the other side is away, busy or not set up. It is tried again, and not before
    `wait_seconds` have passed, where the other side asks for them."""

    def __init__(self, text: str = "", wait_seconds: int = 0) -> None:
        super().__init__(text)
        self.wait_seconds = wait_seconds


class Busy(Exception):
    """Not tried at all, so that a slow other side does not take the workers from everybody else:
    its turn comes in `seconds`, and nothing is counted."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


class Refused(Exception):
    """Never: the other side will not take this, whatever the hour."""


class Pointless(Exception):
    """Nothing is to be sent any more: rights ended, the link was used, it is too late."""


class Unclear(Exception):
    """What came in cannot be used as it is: it waits in quarantine for a person. The text is a
    plain sentence that the person reads; it holds no secret."""


class Later(Exception):
    """This attempt failed; the next one is due in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds
