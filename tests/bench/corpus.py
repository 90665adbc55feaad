"""A corpus of news items to measure with: any number of them, the same ones every time.

An item depends on the seed and its number alone, so that a larger corpus holds a smaller one. Item
0 is the newest; a topic is the rarer the higher its number (Zipf). Standard library only.

Run it to look at one: `python corpus.py FOLDER --items 100`.
"""

from __future__ import annotations

import argparse
import base64
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

NEWEST = datetime(2026, 6, 30, 12, tzinfo=UTC)
"""When item 0 was published."""

_EVERY = timedelta(minutes=42)
_SPAN = 400_000
"""How many items come after each other; others are as old as these: no date is before 1970."""
_NOUNS = (
    "bridge canal cargo clinic coast copper court drone field ferry forest garden glacier grid"
    " harbour harvest island kiln lake library market meadow mill mine museum orchard orbit port"
    " quarry rail reef river satellite school signal solar station theatre tide tower tram valley"
    " vineyard warehouse water weather wind workshop"
)
_FIELDS = "archive design energy health history labour policy research safety software"
_COMMON = (
    "a about after again agreed and answer are as at before better between board budget build by"
    " called can change chapter city clear council cost could count crew data day decided depends"
    " during each early engineers every evening few figures first five for found four from gave"
    " given group had half has have held hours how in into is it its keep known large last later"
    " learned less letter line local long lower made many measured members meeting month more most"
    " morning near neighbours new next noon not of often old on one only open opinion or order"
    " other out over own paper part people place plan plans point public question quiet rain read"
    " reason repair replaced report said same season second see seven several share short should"
    " since six small so some soon spring start still street study summer system team than that"
    " the their then there these they third this those three through time to together told took"
    " town two under until used visitors volunteers was week well were what when where which while"
    " who will winter with without work workers would year years"
)
_OPENINGS, _ENDINGS, _WORDS = _NOUNS.split(), _FIELDS.split(), _COMMON.split()
_RARE = ("Zürich", "São Paulo", "東京", "łódź", "Reykjavík", "it&#8217;s", "R&amp;D", "up&nbsp;to")
_TRACKING = ("", "", "", "", "?utm_source=feed&utm_medium=rss", "?page=2&id=17")
_RELATED = (22, 18, 16, 13, 11, 8, 6, 4, 2)
"""How many items in a hundred have 0, 1, 2… 8 related links."""

_WITH_BODY = 0.20
_UNPUBLISHED = 0.03


def topic(rank: int) -> str:
    """Return the name of the topic of that rank, from 0; there are as many names as ranks."""
    endings, opening = divmod(rank, len(_OPENINGS))
    name = _OPENINGS[opening].title()
    if endings:
        name += " " + _ENDINGS[(endings - 1) % len(_ENDINGS)].title()
    again = (endings - 1) // len(_ENDINGS) if endings else 0
    return f"{name} {again + 1}" if again else name


class Corpus:
    """Items of a seed, with that many topics. Asked twice, it says the same."""

    def __init__(self, topics: int = 200, seed: int = 1) -> None:
        self._seed = seed
        self._topics = [topic(rank) for rank in range(topics)]
        self._shares = list(accumulate(1 / rank for rank in range(1, topics + 1)))

    def item(self, number: int) -> tuple[str, str]:
        """Return the path and the text of an item."""
        rng = self._random("item", number)
        published = NEWEST - number % _SPAN * _EVERY
        title, url = self._title(number), self._address(number)
        date = f"{published:%Y-%m-%dT%H:%M:%SZ}"
        parts = [
            "---\n",
            "category: news\n",
            f'title: "{title}"\n',
            f'excerpt: "{prose(rng, rng.randint(30, 52))}"\n',
            f"publishedDateTime: {date}\n",
            f'originalUrl: "{url}"\n',
            f'webUrl: "{url}{rng.choice(_TRACKING)}"\n',
            f"type: {'video' if rng.random() < 0.08 else 'article'}\n",
            f"quality: {rng.randint(-1, 150)}\n",
            f"heat: {rng.randint(-1, 150)}\n",
            f"published: {'false' if rng.random() < _UNPUBLISHED else 'true'}\n",
            *_provider(rng, ""),
            *self._topics_of(rng),
            *_images(rng),
            *self._related(rng, number, published),
            f'\nsecured: "{base64.b64encode(rng.randbytes(480)).decode()}"\n---\n',
            *_body(rng),
        ]
        name = f"{published:%Y-%m-%d}-{_slug(title)}-{number}.md"
        return f"news/{published:%Y-%m}/{name}", "".join(parts)

    def write(self, folder: Path, items: int) -> int:
        """Write that many items below `folder`; return how many bytes they have."""
        made: set[Path] = set()
        size = 0
        for number in range(items):
            path, text = self.item(number)
            file, data = folder / path, text.encode()
            if file.parent not in made:
                file.parent.mkdir(parents=True, exist_ok=True)
                made.add(file.parent)
            file.write_bytes(data)
            size += len(data)
        return size

    def _random(self, what: str, number: int) -> Random:
        return Random(f"{self._seed} {what} {number}")

    def _title(self, number: int) -> str:
        rng = self._random("title", number)
        return prose(rng, rng.randint(5, 12))[:-1]

    def _address(self, number: int) -> str:
        return f"https://www.example.net/{number % 40}/{_slug(self._title(number))}-{number}/"

    def _topics_of(self, rng: Random) -> Iterator[str]:
        yield "\ntopics:\n"
        wanted = rng.choice((1, 2, 2, 3, 3, 4))
        ranks = [bisect(self._shares, rng.random() * self._shares[-1]) for _ in range(wanted)]
        yield from (f"  - {self._topics[rank]}\n" for rank in dict.fromkeys(ranks))

    def _related(self, rng: Random, number: int, published: datetime) -> Iterator[str]:
        (count,) = rng.choices(range(len(_RELATED)), _RELATED)
        if count:
            yield "\nrelated:\n"
        for _ in range(count):
            title = prose(rng, rng.randint(5, 12))[:-1]
            url = f"https://{_domain(rng)}/{_slug(title)}-{rng.randrange(10**6)}"
            if rng.random() < 0.1:  # one of our own, older than this one
                url = self._address(number + rng.randint(1, 500))
            date = published + timedelta(hours=rng.randint(-72, 72))
            yield f'  - title: "{title}"\n'
            yield f'    excerpt: "{prose(rng, rng.randint(14, 30))}"\n'
            yield f"    publishedDateTime: {date:%Y-%m-%dT%H:%M:%SZ}\n"
            yield f'    webUrl: "{url}"\n    type: article\n'
            yield from _provider(rng, "    ")
            yield f"    quality: {rng.randint(1, 120)}\n"


def prose(rng: Random, length: int) -> str:
    """Return a sentence of that many words."""
    words = rng.choices(_WORDS, k=length)
    if rng.random() < 0.3:
        words[rng.randrange(length)] = rng.choice(_RARE)
    return " ".join(words).capitalize() + "."


def _slug(title: str) -> str:
    return "-".join(word for word in title.lower().split() if word.isascii() and word.isalpha())


def _domain(rng: Random) -> str:
    return f"{rng.choice(_OPENINGS)}-{rng.choice(_ENDINGS)}.example"


def _provider(rng: Random, indent: str) -> Iterator[str]:
    domain = _domain(rng)
    name = domain.removesuffix(".example").replace("-", " ").title()
    yield from ("\n" * (not indent), f"{indent}provider:\n")
    yield f"{indent}  name: {name}\n{indent}  domain: {domain}\n"
    if not indent and rng.random() < 0.5:
        yield f'  images:\n    - url: "https://assets.example.net/logos/{domain}-50x50.jpg"\n'
        yield "      width: 50\n      height: 50\n"


def _images(rng: Random) -> Iterator[str]:
    count = rng.choice((0, 1, 1, 1, 1, 1, 2))
    if count:
        yield "\nimages:\n"
    for _ in range(count):
        picture = f"{rng.getrandbits(64):016x}.jpg?width=1260&height=630&fit=cover"
        yield f'  - url: "https://pictures.example.net/raw/https%253A%252F%252Fcdn/{picture}"\n'
        yield "    width: 1260\n    height: 630\n    isCached: true\n"


def _body(rng: Random) -> Iterator[str]:
    if rng.random() >= _WITH_BODY:
        return
    for _ in range(rng.randint(2, 6)):
        yield f"\n{prose(rng, rng.randint(20, 45))}\n"
    link = f"https://{_domain(rng)}/{rng.randrange(10**6)}"
    yield f"\n## {prose(rng, 4)[:-1]}\n\n- **{prose(rng, 6)}**\n- See [the report]({link}).\n"


def main() -> None:
    """Write a corpus into a folder."""
    parser = argparse.ArgumentParser(description="Write a corpus of items to measure with.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    size = Corpus(given.topics, given.seed).write(given.folder, given.items)
    print(f"{given.items:,} items, {size / 1e6:.1f} MB, in {given.folder}")


if __name__ == "__main__":
    main()
