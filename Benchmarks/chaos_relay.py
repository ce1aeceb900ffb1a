"""Passes connections on to the control plane and notes when changes were sent, which a slow control plane makes later."""

import re
import socket
import threading
import time

CHANGE = re.compile(rb"(?:^|\r\n)(POST|PATCH|DELETE) ([^ ?]+)[^ ]* HTTP/1\.1\r\n")


class Relay:
    def __init__(self, port):
        self.port = port
        self.changes = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            client.close()
            return
        threading.Thread(target=self.pump, args=(server, client, False), daemon=True).start()
        self.pump(client, server, True)

    def pump(self, source, target, is_request):
        try:
            while data := source.recv(65536):
                if is_request:
                    now = time.time()
                    self.changes += [(now, *(word.decode() for word in found)) for found in CHANGE.findall(data)]
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()
