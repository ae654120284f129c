"""Starts a demonstration, makes tokens on its pages as people do, and has schemathesis compare what the API answers with
what its OpenAPI document says. Its seed is printed; pass another as the second argument."""

import pathlib
import re
import subprocess
import sys
import tempfile
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import requests

SCOPES = ["recordings", "content", "service"]
MOST_EXAMPLES = "40"


def said(demo, pattern):
    """Waits for a line of the demonstration that holds this; what was caught."""
    for line in demo.stdout:
        found = re.search(pattern, line)
        if found:
            return found[1]
    sys.exit("the demonstration ended too early")


def button(page):
    """Where the page's button to the platform leads."""
    links = re.findall(r'href="([^"]+)"', page.text)
    return next(link for link in links if "/authen/" in link).replace("&#38;", "&")


def sign_in(address, open_id):
    """A browser in which this person has signed in."""
    browser = requests.Session()
    authorize = urlsplit(button(browser.get(address)))
    form = dict(parse_qsl(authorize.query), open_id=open_id, decision="allow")
    browser.post(urlunsplit(authorize._replace(query="")), data=form).raise_for_status()
    return browser


def make_token(browser, site):
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get(f"{site}/tokens").text)[1]
    form = {"csrf": csrf, "label": "contract", "days": "30", **{scope: "on" for scope in SCOPES}}
    page = browser.post(f"{site}/tokens", data=form)
    return re.search(r'value="(mvt_[^"]+)"', page.text)[1]


def people(site, browser):
    """Whoever shows up as an owner."""
    token = make_token(browser, site)
    rows = requests.get(f"{site}/api/v1/recordings?limit=500", headers={"Authorization": f"Bearer {token}"})
    owners = [row["owner"]["open_id"] for row in rows.json()["recordings"] if row["owner"]]
    return token, sorted(set(owners))


def compare(site, token, seed):
    schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
    return subprocess.run([
        schemathesis, "run", f"{site}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {token}",
        "--max-examples", MOST_EXAMPLES, "--seed", seed, "--generation-deterministic",
        # A list of deeds grows with each look at it, and a token's pace is by the minute.
        "--rate-limit", "1000/m", "--no-color",
    ]).returncode


def main():
    program, seed = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else "20261126")
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(
            [program, "--lang", "en", "demo", "--listen", "127.0.0.1:0", "--data-dir", folder],
            stdout=subprocess.PIPE, text=True)
        try:
            site = said(demo, r"(http://[^/\s]+)/auth/start")
            first = said(demo, r"(http://\S+/auth/sign-in\S*)")
            said(demo, r"(verified|goes on)")
            platform = urlsplit(button(requests.get(f"{site}/auth/start")))
            control = f"{platform.scheme}://{platform.netloc}/_sim/people"
            everybody = [person["open_id"] for person in requests.get(control).json()["people"]]
            administrator = sign_in(first, everybody[0])
            token, owners = people(site, administrator)
            member = next(open_id for open_id in owners if open_id != everybody[0])
            outcomes = [compare(site, token, seed)]
            outcomes.append(compare(site, make_token(sign_in(f"{site}/auth/sign-in", member), site), seed))
        finally:
            demo.terminate()
            demo.wait()
    sys.exit(max(outcomes))


if __name__ == "__main__":
    main()
