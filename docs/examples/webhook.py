#!/usr/bin/env python3
"""Receives the public events that Weft sends to a webhook, and prints each as a line of JSON.

    webhook.py --listen 127.0.0.1:8080 --secret-file secret.txt

Nothing but Python's standard library. The file holds the secret that the webhook was registered with,
`whsec_` and base64; a second line may hold the one that follows it. Put a proxy with TLS before it:
Weft sends nothing in plain text, but to its own host where that is allowed for trying out.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A request that is older, or from further ahead, may have been kept by somebody: it is refused.
TOLERANCE_SECONDS = 300
# No event is larger.
MAX_BYTES = 1 << 20


def key(secret):
    """The bytes behind `whsec_…`."""
    if not secret.startswith("whsec_"):
        sys.exit("a secret begins with whsec_")
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def is_genuine(keys, headers, body, now):
    """Whether a request was signed with one of the keys, a moment ago (Standard Webhooks)."""
    identity = headers.get("webhook-id", "")
    sent = headers.get("webhook-timestamp", "")
    if not sent.isdecimal() or abs(now - int(sent)) > TOLERANCE_SECONDS:
        return False
    signed = f"{identity}.{sent}.".encode() + body
    good = [base64.b64encode(hmac.digest(one, signed, hashlib.sha256)).decode() for one in keys]
    # During a change of the secret there are two, with a space between.
    for given in headers.get("webhook-signature", "").split():
        version, _, signature = given.partition(",")
        # In constant time: how much of it was right is nobody's business.
        if version == "v1" and any([hmac.compare_digest(signature, one) for one in good]):
            return True
    return False


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is genuine. What is answered otherwise comes again."""

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BYTES:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.server.keys, self.headers, body, self.server.now()):
            return self.answer(401)
        if self.headers.get_content_type() == "application/cloudevents+json":
            event = json.loads(body)
        else:
            names = [name for name in self.headers if name.lower().startswith("ce-")]
            event = {name.lower()[3:]: self.headers[name] for name in names}
            event["data"] = json.loads(body)
        # It may come twice: the id is then the same.
        if event["id"] not in self.server.seen:
            self.server.seen.add(event["id"])
            print(json.dumps(event, ensure_ascii=False), flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing: standard output is for events."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", required=True, help="such as 127.0.0.1:8080")
    parser.add_argument("--secret-file", required=True, help="a file with one secret a line")
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Receiver)
    with open(options.secret_file, encoding="ascii") as file:
        server.keys = [key(line.strip()) for line in file if line.strip()]
    server.now = time.time
    # In a real receiver this is a table, written with what the event led to.
    server.seen = set()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
