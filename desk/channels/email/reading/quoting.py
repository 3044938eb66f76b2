"""How mail programs announce what they quote, in Ukrainian, Russian, English and some others.

Every pattern is bounded and is tried on a few lines at a time, so that no text makes it slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Our own mails may carry such a line; whatever stands below it is ours.
MARKER = re.compile(r"^[>|\s]*##-.{3,120}-##\s*$")

QUOTED = re.compile(r"^\s{0,3}(?:[A-Za-z]{0,10}>|>|\|\s|\|$)")

_ORIGINAL = re.compile(
    r"^[\s>*]*[-_=—]{2,}\s?\*?(?:original (?:message|appointment)|forwarded message"
    r"|begin forwarded message|reply message|vorgängermail"
    r"|ursprüngliche nachricht|original-nachricht"
    r"|message d'origine|message transféré|mensaje original|messaggio originale"
    r"|вихідне повідомлення|оригінальне повідомлення|початкове повідомлення"
    r"|переслане повідомлення|пересланий лист|цитоване повідомлення"
    r"|исходное сообщение|пересылаемое сообщение|пересланное сообщение|пересылаемое письмо"
    r"|оригинальное сообщение|конец переадресованного сообщения|завершення пересланого)"
    r"\s?\*?[-_=—]{0,40}\*?\s*$"
    r"|^\s*(?:начало переадресованного сообщения|початок переадресованого повідомлення"
    r"|початок пересланого повідомлення|begin forwarded message)\s*:\s*$",
    re.IGNORECASE,
)

_FROM = (
    "from|von|de|da|van|från|fra|od|expéditeur|lähettäjä|feladó|від|від кого|відправник"
    "|от|от кого|отправитель|发件人|寄件者|差出人|보낸 사람"
)
_OTHERS = (
    "sent|date|to|cc|subject|reply-to|importance|attachments|sent on|gesendet|datum|an|betreff"
    "|envoyé|à|objet|risposta|inviato|data|a|oggetto|enviado|enviada|fecha|para|asunto|assunto"
    "|verzonden|aan|onderwerp|temat|do|wysłano|skickat|till|ämne|sendt|til|emne|dato|lähetetty"
    "|vastaanottaja|aihe|odesláno|komu|předmět|надіслано|відправлено|дата|час|кому|до|копія"
    "|тема|важливість|отправлено|дата отправки|время|когда|копия|важность"
    "|发送时间|日期|收件人|抄送|主题|寄件日期|收件者|主旨|送信日時|宛先|件名"
    "|보낸 날짜|받는 사람|제목"
)
_FIELD = re.compile(
    rf"^[\s>*]*\*?(?:({_FROM})|(?:{_OTHERS}))\s?\*?\s?[:：]\*?(?:\s|$)", re.IGNORECASE
)

_DAY = (
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
    r"|\d{1,2}\.? (?:[^\W\d_]{3,12})\.?,? \d{2,4}|[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{4}年\d{1,2}月\d{1,2}日)"
)
_WROTE = (
    r"(?:wrote|writes|said|schrieb|schreef|geschreven|a écrit|écrit|escribió|ha scritto|escreveu"
    r"|napisał(?:\(a\))?|pisze|skrev|kirjoitti|napsal(?:\(a\))?|yazdı|a scris|írta"
    r"|έγραψε|je napisa[ol]|寫道|写道|작성|"
    r"пише|пишет|написа(?:в|ла|л|но)(?:\([^)]{1,5}\))?|написал\(а\)|писа(?:в|ла|л)(?:\([^)]{1,5}\))?"
    r"|повідоми(?:в|ла)|сообщил[аи]?)"
)
_ADDRESSED = r"[^\s<>@]{1,80}@[^\s<>@]{1,80}"
_TIME = r"\d{1,2}[:.]\d\d"
_ON = r"(?:on |at |le |am |op |el |il |w dniu |den |em |no dia |dne |på |pe |în data |în |στις )"
_UNDATED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # On Monday, 3 November 2025 … wrote:
        rf"^[\s>*-]*{_ON}(?=.{{0,260}}[\d@]).{{3,260}}\b{_WROTE}\b.{{0,60}}[:：]\W*$",
        r"^[\s>*-]*(?:on|at) (?=.{0,260}\d).{3,260}\bwrote\W{0,8}$",
        r"^[\s>*-]*(?:在|於|于).{3,260}(?:写道|寫道)[:：]\W*$",
        r"^[\s>*-]*(?:quoting|citando|zitat von|citant|цитирую|цитую) .{1,160}[:：]\s*$",
        r"^[\s>*-]*in (?:article|message) <.{1,160}> .{1,120}(?:wrote|writes)[:：]\s*$",
        # Ви писали 5 листопада 2025 р., 10:15:
        rf"^(?:ви|вы|you)\b.{{0,60}}\b{_WROTE}.{{0,60}}{_TIME}.{{0,20}}[:：]\s*$",
        rf"^.{{1,80}}<{_ADDRESSED}>\s*{_WROTE}\b.{{0,80}}[:：]\s*$",
        r"^\d{4}-\d\d-\d\d \d{1,2}:\d\d (?:GMT|UTC)[+-]\d\d:?\d\d .{1,120}$",
    )
)
_DATED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # ср, 5 лист. 2025 р. о 10:15 Name <a@b> пише: / 05.11.2025, 10:15, "Name" <a@b>:
        rf"^.{{0,60}}{_DAY}.{{0,200}}{_ADDRESSED}>?\)?[\s,]*(?:{_WROTE})?\s*[:：]\W*$",
        rf"^\W*{_DAY}.{{0,200}}<{_ADDRESSED}>\s*$",
        # 05.11.2025 10:15, Name пише:
        rf"^.{{0,60}}{_DAY}.{{0,20}}{_TIME}.{{0,200}}\b{_WROTE}\s*[:：]\W*$",
        rf"^.{{0,60}}{_TIME}.{{0,20}}{_DAY}.{{0,200}}\b{_WROTE}\s*[:：]\W*$",
    )
)
ATTRIBUTIONS = _UNDATED + _DATED
_DATE = re.compile(_DAY)
# "Ivan wrote:" alone may be a person's own words; a quote right below makes it an announcement.
_BY_NAME = re.compile(rf"^[\s>*-]*\S.{{0,80}}\b{_WROTE}\s*[:：]\s*$", re.IGNORECASE)
_ENDS = re.compile(r"[:：>]\W*$|wrote\W*$", re.IGNORECASE)
_STILL = re.compile(rf"^\s*>?\s*{_WROTE}\s*[:：]\s*$", re.IGNORECASE)
ATTRIBUTION_LINES = 5
_ATTRIBUTION_MAX = 500

MOBILE = re.compile(
    r"^[\s>]*(?:(?:sent|skickat|sendt|lähetetty|odesláno|enviada|enviado|gesendet|envoyé|inviato|verzonden|wysłane)"
    r" (?:from|with|via|using|desde|mit|von|depuis|da|do|vanaf|z|från|fra) .{1,80}"
    r"|von meinem .{1,60} gesendet|发自我的 ?.{1,40}|从我的.{1,40}发送|傳送自我的 ?.{1,40}"
    r"|get outlook for .{1,60}|(?:отримати|отримайте|завантажити) outlook .{1,60}"
    r"|(?:получить|скачать|загрузить) outlook .{1,60}"
    r"|(?:відправлено|надіслано|написано)(?: з| із| зі| через| за допомогою) .{1,80}"
    r"|(?:отправлено|послано|написано)(?: с| со| из| через| от| при помощи) .{1,80}"
    r"|з (?:мого|моєї) (?:iphone|ipad|android|телефон|смартфон).{0,40}"
    r"|с моего (?:iphone|ipad|android|телефон|смартфон).{0,40})\s*$",
    re.IGNORECASE,
)
DASHES = re.compile(r"^\s*(?:--|—|__|–|ᐧ)\s*$")
RULE = re.compile(r"^\s*(?:([-_=~*#+—–])\1{2,}|ᐧ)\s*$")
CLOSING = re.compile(
    r"^\s*(?:(?:із|з|зі) (?:найкращими |щирою |глибокою |великою )?"
    r"(?:повагою|побажаннями|вдячністю)|щиро(?: ваш[аі]?)?|з любов.ю"
    r"|с (?:наилучшими |глубоким |искренним |большим )?(?:уважением|пожеланиями|благодарностью)"
    r"|искренне ваш[аи]?|всего (?:доброго|наилучшего)|всього (?:найкращого|доброго))\s*[,.!]?"
    r"(?: ?[^\W\d_][^\n]{0,60})?\s*$",
    re.IGNORECASE,
)
CLOSING_ENGLISH = re.compile(
    r"^\s*(?:(?:best|kind|warm|with kind|with best)(?: regards| wishes)|regards"
    r"|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly))\s*[,.!]?\s*$",
    re.IGNORECASE,
)


def original(line: str) -> bool:
    """Whether a line stands above a whole mail that follows."""
    return bool(_ORIGINAL.match(line))


def headers_at(lines: list[str], at: int) -> bool:
    """Whether a copied block of header fields begins here, as Outlook writes above the original.

    A sender is among them: a person lists date, time and subject of something else as well.
    """
    if not _FIELD.match(lines[at]):
        return False
    found = [_FIELD.match(line) for line in lines[at : at + 8] if line.strip()][:6]
    fields = [field for field in found if field]
    if not any(field.group(1) for field in fields):
        return False
    opens = bool(found[0] and found[0].group(1) and found[1:] and found[1])
    return len(fields) >= 3 or (len(fields) == 2 and opens)


@dataclass(slots=True)
class Budget:
    """How many more places of a text may be looked at closely; real mails need a handful."""

    left: int = 100


def attribution_at(lines: list[str], at: int, budget: Budget) -> int:
    """How many lines from here announce a quote, such as "On Monday … wrote:"; 0 for none."""
    if _BY_NAME.match(lines[at][:_ATTRIBUTION_MAX]):
        below = next((line for line in lines[at + 1 : at + ATTRIBUTION_LINES] if line.strip()), "")
        if QUOTED.match(below):
            return 1
    joined = ""
    used = 0
    for line in lines[at : at + ATTRIBUTION_LINES]:
        used += 1
        if not line.strip():
            if "<" not in joined and not joined.lstrip().lower().startswith("on "):
                return 0
            continue
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > _ATTRIBUTION_MAX:
            return 0
        if _ends(joined, budget):
            return used + bool(_STILL.match("".join(lines[at + used : at + used + 1])))
        if used == 1 and not _may_open(line):
            return 0
    return 0


_OPENS = re.compile(
    rf"{_DAY}|^[\s>*-]*(?:on|at|le|am|op|el|il|den|em|w dniu|在|ви|вы)\b|<|@|\d{{1,2}}:\d\d",
    re.IGNORECASE,
)


def _ends(joined: str, budget: Budget) -> bool:
    """Whether these lines as one are an announcement from its beginning to its end."""
    if not _ENDS.search(joined[-40:]) and not joined[:4].isdigit():
        return False
    if budget.left <= 0:
        return False
    budget.left -= 1
    plain = joined.replace("&lt;", "<").replace("&gt;", ">")
    plain = plain.replace("<mailto:", "<").replace("< ", "<")
    patterns = ATTRIBUTIONS if _DATE.search(plain) else _UNDATED
    return any(pattern.match(plain) for pattern in patterns)


def _may_open(line: str) -> bool:
    """Whether a first line can be one of several that announce a quote."""
    return bool(_OPENS.search(line[:_ATTRIBUTION_MAX]))
