"""Check a built site: every link within it leads to a page and a place on it, and no page needs another host.

python docs/check_site.py docs/_build/html
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}  # without a click
NOT_FETCHED = {"canonical", "next", "prev", "search", "index", "author", "copyright"}  # links that only name a page
FROM_ELSEWHERE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')/]+)""")


class Page(HTMLParser):
    """What a page links to, what it fetches, and the places that can be linked to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.fetched, self.places = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Keep what a tag says."""
        attributes = dict(attrs)
        self.places |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        target = attributes.get(FETCHED.get(tag, ""))
        if target and not (tag == "link" and NOT_FETCHED & set(attributes.get("rel", "").split())):
            self.fetched.append(target)


def problems(site):
    """Return what is wrong with a site, a line each."""
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    found = [] if pages else [f"there are no pages in {site}"]
    for sheet in site.rglob("*.css"):
        for host in FROM_ELSEWHERE.findall(sheet.read_text(encoding="utf-8")):
            found.append(f"{sheet.relative_to(site)} fetches from {host}")
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for link in page.links + page.fetched:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https") or parts.netloc:
                if link in page.fetched:
                    found.append(f"{name} fetches {link}")
                continue
            if parts.scheme:  # data:, mailto:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                found.append(f"{name} links to {link}, which is not there")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].places:
                found.append(f"{name} links to {link}, a place that is not on that page")
    return found


if __name__ == "__main__":
    lines = problems(Path(sys.argv[1]))
    print("\n".join(lines) or f"{sys.argv[1]}: every link leads somewhere, and nothing comes from another host")
    sys.exit(bool(lines))
