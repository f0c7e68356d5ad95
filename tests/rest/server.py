#!/usr/bin/env python3
"""A small server of JSON documents on the loopback interface, for tests of requests over a real network.

Usage: server.py READY LOG [TOKEN] [SECONDS]
Writes its port into the file READY once it listens, and a line `METHOD PATH STATUS` for each request into LOG. Ends by itself after SECONDS (60).
GET of a path gives the document there; of one that ends in `/` all directly below it, as a list. PUT, PATCH (RFC 7396) and DELETE want
`Authorization: Bearer TOKEN`. It shares nothing with the model's server of documents: each is a check of the other.
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

ready, log = sys.argv[1], open(sys.argv[2], "w", buffering=1)
token = sys.argv[3] if len(sys.argv) > 3 else ""
documents = {}


def merged(target, patch):
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def answer(self, status, value=None):
        body = b"" if value is None else json.dumps(value).encode()
        log.write(f"{self.command} {self.path} {status}\n")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.endswith("/"):
            below = [p for p in documents if p.startswith(self.path) and "/" not in p[len(self.path):]]
            self.answer(200, [documents[p] for p in sorted(below)])
        elif self.path in documents:
            self.answer(200, documents[self.path])
        else:
            self.answer(404, {"error": "no such document"})

    def change(self):
        if self.headers.get("Authorization") != f"Bearer {token}":
            return self.answer(401, {"error": "a token is needed"})
        known = self.path in documents
        if self.command == "DELETE":
            documents.pop(self.path, None)
            return self.answer(204 if known else 404)
        if self.headers.get("Content-Type") != "application/json":
            return self.answer(415, {"error": "not JSON"})
        try:
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        except ValueError as problem:
            return self.answer(400, {"error": str(problem)})
        if self.command == "PATCH" and not known:
            return self.answer(404, {"error": "no such document"})
        documents[self.path] = merged(documents[self.path], sent) if self.command == "PATCH" else sent
        self.answer(200 if known else 201, documents[self.path])

    do_PUT = do_PATCH = do_DELETE = change


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Timer(float(sys.argv[4]) if len(sys.argv) > 4 else 60.0, server.shutdown).start()
with open(ready + ".new", "w") as file:
    file.write(str(server.server_address[1]))

os.rename(ready + ".new", ready)
server.serve_forever()
