"""The direction in which a language is written, as `dir` says it in HTML."""

from __future__ import annotations

import re

_SCRIPTS = re.compile("adlm|arab|hebr|mand|nkoo|rohg|samr|syrc|thaa")
_LANGUAGES = re.compile(
    "ar|arc|bal|bqi|ckb|dv|fa|glk|he|iw|ji|khw|lrc|mzn|nqo|pnb|prs|ps|rhg|sd|skr|syr|ug|ur|yi"
)


def direction(language: str) -> str:
    """Return `rtl` for a language (BCP 47) that is written from the right, else `auto`.

    A script that it names decides, else what the language is mostly written in (CLDR). `auto` goes
    by the first letter of a text; titles from the right often begin with a name in Latin letters.
    """
    primary, *subtags = language.lower().replace("_", "-").split("-")
    script = next((tag for tag in subtags if len(tag) == 4 and tag.isalpha()), "")
    found = _SCRIPTS.fullmatch(script) if script else _LANGUAGES.fullmatch(primary)
    return "rtl" if found else "auto"
