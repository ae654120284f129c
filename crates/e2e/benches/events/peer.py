"""The old stack, for scale: the official SDK's dispatcher behind Flask and waitress. Stores nothing.

Usage: peer.py ENCRYPT-KEY VERIFICATION-TOKEN; prints its address.
"""

import logging
import socket
import sys

import lark_oapi as lark
import waitress
from flask import Flask
from lark_oapi.adapter.flask import parse_req, parse_resp

logging.disable(logging.CRITICAL)
key, token = sys.argv[1:]
handler = (
    lark.EventDispatcherHandler.builder(key, token, lark.LogLevel.ERROR)
    .register_p2_customized_event("minutes.minute.generated_v1", lambda event: None)
    .build()
)
app = Flask(__name__)


@app.post("/webhook/event")
def event():
    return parse_resp(handler.do(parse_req()))


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
waitress.serve(app, sockets=[listener], threads=16, _quiet=True)
