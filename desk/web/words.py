"""The sentences that the scripts of a page need, in the reader's language."""

from django.utils.translation import gettext

from desk.web import labels


def for_scripts() -> dict[str, object]:
    """Text by name; %name% marks what a script fills in. Rendered as JSON into the page."""
    return {
        "hm": gettext("%h% h %m% min"),
        "h": gettext("%h% h"),
        "m": gettext("%m% min"),
        "underMinute": gettext("under a minute"),
        "left": gettext("%time% of working time left"),
        "over": gettext("%time% of working time overdue"),
        "leftShort": gettext("%time% left"),
        "overShort": gettext("%time% overdue"),
        "calm": gettext("in time"),
        "soon": gettext("due soon"),
        "late": gettext("overdue"),
        "nowSoon": gettext("%what%: due soon, %time% left."),
        "nowLate": gettext("%what%: the deadline has passed."),
        "lost": gettext("Connection lost. What you see may be out of date; reconnecting…"),
        "back": gettext("Connected again, the page is up to date."),
        "changed": gettext("Changed: %what%"),
        "restored": gettext("Your unsent text was restored."),
        "discard": gettext("Discard it"),
        "failed": gettext("That did not work. Check the connection and try again."),
        "remove": gettext("Remove %name%"),
        "tooLarge": gettext("%name% is larger than %size%."),
        "palette": gettext("Find a ticket, a partner or an action"),
        "nothing": gettext("Nothing found"),
        "shortcuts": gettext("Keyboard shortcuts"),
        "close": gettext("Close"),
        "goBack": gettext("No, go back"),
        "copy": gettext("Copy"),
        "copied": gettext("Copied."),
        "here": gettext("Show this list"),
        "shortcutsOn": gettext("Shortcuts of single keys are on"),
        "alsoHere": gettext("%name% is answering too."),
        "viewing": gettext("%name% is looking at this too."),
        "events": labels.happened_labels(),
    }
