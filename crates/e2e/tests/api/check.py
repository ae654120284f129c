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


def recordings(site, token):
    """What whoever made the token may see."""
    rows = requests.get(f"{site}/api/v1/recordings?limit=500", headers={"Authorization": f"Bearer {token}"})
    return rows.json()["recordings"]


def is_whole(row):
    return row["owner"] and row["state"] == "archived" and row["has_transcript"]


def compare(site, token, seed, folder):
    """Compares, with a recording that may be opened if there is one, so that there is something behind the doors."""
    opens = [row["minute_token"] for row in recordings(site, token) if row["may_open"] and is_whole(row)]
    config = pathlib.Path(folder, "schemathesis.toml")
    config.write_text(f'[parameters]\n"path.minute_token" = "{opens[0]}"\n' if opens else "")
    schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
    return subprocess.run([
        schemathesis, "--config-file", config, "run", f"{site}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {token}",
        "--max-examples", MOST_EXAMPLES, "--seed", seed,
        # A token's pace is by the minute.
        "--rate-limit", "1000/m", "--no-color",
    ]).returncode


def main():
    program, seed = sys.argv[1], (sys.argv[2] if len(sys.argv) > 2 else "20261126")
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(
            [program, "--lang", "en", "demo", "--listen", "127.0.0.1:0", "--data-dir", folder],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            site = said(demo, r"(http://[^/\s]+)/auth/start")
            first = said(demo, r"(http://\S+/auth/sign-in\S*)")
            said(demo, r"(verified|goes on)")
            platform = urlsplit(button(requests.get(f"{site}/auth/start")))
            control = f"{platform.scheme}://{platform.netloc}/_sim/people"
            everybody = [person["open_id"] for person in requests.get(control).json()["people"]]
            administrator = sign_in(first, everybody[0])
            token = make_token(administrator, site)
            owners = {row["owner"]["open_id"] for row in recordings(site, token) if is_whole(row)}
            member = min(owners - {everybody[0]})
            outcomes = [compare(site, token, seed, folder)]
            member_token = make_token(sign_in(f"{site}/auth/sign-in", member), site)
            outcomes.append(compare(site, member_token, seed, folder))
        finally:
            demo.terminate()
            demo.wait()
    sys.exit(max(outcomes))


if __name__ == "__main__":
    main()
