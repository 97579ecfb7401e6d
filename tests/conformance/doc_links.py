"""Checks that the pages of a local `cargo doc` have no dead link: python3 doc_links.py target/doc/eloq_sdk."""

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    def __init__(self, path: pathlib.Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if identifier := attributes.get("id"):
            self.anchors.add(identifier)
        if tag == "a" and (link := attributes.get("href")):
            self.links.append(link)


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    # Pages that readers start from; rustdoc itself checks links between items.
    pages = [root / "index.html", *sorted((root / "guide").rglob("index.html"))]
    checked, dead = 0, []
    for path in pages:
        for link in Page(path).links:
            parsed = urllib.parse.urlsplit(link)
            if parsed.scheme or parsed.netloc:
                continue
            checked += 1
            target = path if not parsed.path else (path.parent / urllib.parse.unquote(parsed.path)).resolve()
            if not target.is_file():
                dead.append(f"{path}: {link}: no such file")
            elif parsed.fragment and target.suffix == ".html" and not parsed.fragment.isdigit():
                fragment = urllib.parse.unquote(parsed.fragment)
                if fragment not in Page(target).anchors and not fragment[0].isdigit():
                    dead.append(f"{path}: {link}: no such anchor")
    print(f"{checked} links of {len(pages)} pages, {len(dead)} dead", *dead, sep="\n")
    return 1 if dead or not checked else 0


sys.exit(main())
