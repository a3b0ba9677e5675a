"""What others read of a page: its address, a sentence, a picture; the sitemap; where a reader tells us of a fault."""

import re
import runpy
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import yaml
from PIL import Image

from tests.pages.conftest import PAGES, ROOT

tool = runpy.run_path(str(ROOT / "tools" / "address.py"))
ADDRESS = tool["pages"](tool["address"]())
CONTENT = [page for page in PAGES if page.startswith("book/")]
META = re.compile(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)"')


def test_the_sitemap_names_every_page_of_the_contents(site):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    found = [element.text for element in ElementTree.parse(site / "sitemap.xml").iter() if element.tag.endswith("loc")]
    assert sorted(found) == sorted(f"{ADDRESS}{file}.html" for file in files)


def test_there_is_content(site):
    assert CONTENT


@pytest.mark.parametrize("content_page", CONTENT)
def test_a_page_describes_itself(site, content_page):
    text = (site / content_page).read_text(encoding="utf-8")
    found = {name: unescape(value) for name, value in META.findall(text)}
    assert found["og:url"] == ADDRESS + content_page
    assert f'<link rel="canonical" href="{ADDRESS}{content_page}"' in text
    assert found["og:title"] and found["og:description"] == found["description"]
    assert len(found["description"]) <= 200
    assert "{" not in found["description"] and "\\" not in found["og:title"]
    picture = Path(found["og:image"].removeprefix(ADDRESS))
    assert (
        Image.open(site / picture).size == (int(found["og:image:width"]), int(found["og:image:height"])) == (1200, 630)
    )
    assert found["og:title"] in found["og:image:alt"]


@pytest.mark.parametrize("page_name", CONTENT)
def test_a_page_asks_what_is_wrong_with_it(look, page_name):
    link = look().page.get_by_role("link", name="Tell us.")
    address = urlsplit(link.get_attribute("href"))
    assert f"https://{address.netloc}{address.path}" == tool["address"]() + "/issues/new"
    assert ADDRESS + page_name in parse_qs(address.query)["body"][0]


@pytest.mark.parametrize("page_name", CONTENT)
def test_every_section_asks_what_is_unclear_in_it(look, page_name):
    sections = look().page.locator(".bd-article section:has(> h2)")
    for number in range(sections.count()):
        section = sections.nth(number)
        link = section.locator("> p.feedback-section > a")
        asked = parse_qs(urlsplit(link.get_attribute("href")).query)
        heading = section.locator("> h2").inner_text().removesuffix("#").strip()
        assert heading in asked["title"][0]
        assert f"{ADDRESS}{page_name}#{section.get_attribute('id')}" in asked["body"][0]
        assert link.get_attribute("aria-label").endswith(heading)
