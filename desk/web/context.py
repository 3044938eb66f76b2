"""What the base page needs on every screen (context processor `desk.web.context.shell`).

Who is signed in and where they may go (`navigation`, `bell`, `account`, `desk_hours`) is put
together by config; this adds what does not depend on the person.
"""

from django.http import HttpRequest

from desk.lib import clock
from desk.web import formats, words

THEME_COOKIE = "desk_theme"
THEMES = ("auto", "light", "dark")
PRODUCT_NAME = "Partner Desk"


def shell(request: HttpRequest) -> dict[str, object]:
    """Theme, languages, the present moment and the words of the scripts."""
    return {
        "product_name": PRODUCT_NAME,
        "theme": theme(request),
        "languages": formats.language_names,
        "now": clock.now(),
        "script_words": words.for_scripts,
    }


def theme(request: HttpRequest) -> str:
    """The reader's choice, "auto" when there is none or it is unknown."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"
