"""The stand-in's control room, for the SDK's test program."""

import json
import urllib.request


def order(base, path, body=None, method="POST"):
    data = None if method == "GET" else json.dumps(body or {}).encode()
    request = urllib.request.Request(base + "/_sim" + path, data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def see(base, path):
    return order(base, path, method="GET")
