"""Runs the static release binary in roots that hold nothing but the binary, /proc and a repository.

Deploys to a local control plane over names from /etc/hosts and DNS, IPv6, TLS with a private authority, and proxies.
The network is a namespace of its own, in which port 53 is free. usage: static_binary.py BINARY
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

from plane import KEY, Plane, Repository, example, expect

BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
           "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
           "/usr/local/etc/ssl/cert.pem", "/usr/local/share/certs/ca-root-nss.crt"]
NAMES = {"plane.test": ["127.0.0.1", "::1"], "six.test": ["::1"], "proxy.test": ["127.0.0.1"]}
TLS_PORT, PROXY_PORT, TLS_PROXY_PORT = 8443, 3128, 3129


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, address, handler):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def relay(one, other):
    """Copies both ways until either side ends. On one thread, since a TLS socket is not safe on two."""
    sinks = {one: other, other: one}
    with contextlib.suppress(OSError):
        while True:
            buffered = [side for side in sinks if isinstance(side, ssl.SSLSocket) and side.pending()]
            for source in buffered or select.select(list(sinks), [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                sinks[source].sendall(data)


def tls_front(context, port):
    """Takes the TLS off and passes the rest on to the plane, whose upload addresses are plain HTTP on the same port."""
    class Front(socketserver.BaseRequestHandler):
        def handle(self):
            with contextlib.suppress(OSError):
                is_tls = self.request.recv(1, socket.MSG_PEEK) == b"\x16"
                client = context.wrap_socket(self.request, server_side=True) if is_tls else self.request
                with client, socket.create_connection(("127.0.0.1", port)) as plane:
                    relay(client, plane)
    return Front


def connect_proxy(targets, context=None):
    """Answers CONNECT, whatever the host is called, with the TLS front."""
    class Proxy(socketserver.BaseRequestHandler):
        def handle(self):
            client = context.wrap_socket(self.request, server_side=True) if context else self.request
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(1)
            targets.append(head.split()[1].decode())
            with client, socket.create_connection(("127.0.0.1", TLS_PORT)) as front:
                if head.startswith(b"CONNECT "):
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    # A plain request names the host in its first line, where the plane expects a path.
                    method, url, rest = head.split(b" ", 2)
                    front.sendall(b" ".join([method, b"/" + url.split(b"/", 3)[3], rest]))
                relay(client, front)
    return Proxy


class DNS(socketserver.BaseRequestHandler):
    """Knows NAMES, and nothing else."""

    def handle(self):
        query, answerer = self.request
        labels, place = [], 12
        while length := query[place]:
            labels.append(query[place + 1:place + 1 + length].decode().lower())
            place += 1 + length
        kind = struct.unpack("!H", query[place + 1:place + 3])[0]
        addresses = NAMES.get(".".join(labels))
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        found = [a for a in addresses or [] if (":" in a) == (family == socket.AF_INET6) and family]
        records = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(packed)) + packed
            for packed in (socket.inet_pton(family, a) for a in found))
        flags = 0x8180 if addresses else 0x8183
        answerer.sendto(
            query[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0) + query[12:place + 5] + records,
            self.client_address)


def authority(folder):
    """A private authority, and a server's certificate that it signed."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ("ca", "other"):
        openssl("req", "-x509", *key, "-keyout", name + ".key", "-out", name + ".pem", "-subj", f"/CN={name}")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=plane")
    with open(os.path.join(folder, "names"), "w") as file:
        file.write("subjectAltName=" + ",".join("DNS:" + name for name in [*NAMES, "hosts.test", "hidden.test"])
                   + ",IP:127.0.0.1,IP:::1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-extfile", "names", "-out", "server.pem")
    os.mkdir(os.path.join(folder, "hashed"))
    shutil.copy(os.path.join(folder, "ca.pem"), os.path.join(folder, "hashed"))
    openssl("rehash", "hashed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    return context


class Root:
    """A root with the binary, /proc and a repository; `files` are added by path."""

    def __init__(self, work, binary, repository, files=None, base=None):
        self.path = tempfile.mkdtemp(prefix="root-", dir=work)
        if base:
            shutil.copytree(base, self.path, dirs_exist_ok=True, symlinks=True)
        os.makedirs(self.path + "/proc", exist_ok=True)
        subprocess.run(["mount", "--rbind", "/proc", self.path + "/proc"], check=True)
        shutil.copy(binary, self.path + "/slipway")
        shutil.copytree(repository, self.path + "/repository", symlinks=True)
        for path, text in (files or {}).items():
            os.makedirs(os.path.dirname(self.path + path), exist_ok=True)
            with open(self.path + path, "w") as file:
                file.write(text)

    def run(self, *arguments, program=("/slipway",), **environment):
        def enter():
            os.chroot(self.path)
            os.chdir("/repository")

        return subprocess.run(
            [*program, *arguments], preexec_fn=enter, capture_output=True, text=True, timeout=120,
            env={"LANGSMITH_API_KEY": KEY, "SLIPWAY_STATE_DIR": "/state", **environment})

    def works(self, title, url, program=("/slipway",), deploys=True, **environment):
        """Deploys, if asked to, and reads the status back."""
        there = ("--control-plane", url)
        if deploys:
            run = self.run("deploy", "--deployment", "agent", "--source", "internal_source", "--force", *there,
                           program=program, **environment)
            expect(run.returncode == 0, f"{title}: deploy exited {run.returncode}: {run.stderr}")
        run = self.run("status", "agent", *there, program=program, **environment)
        expect(run.returncode == 0, f"{title}: status exited {run.returncode}: {run.stderr}")
        print(f"  ok  {title}", flush=True)
        return run.stdout


def same_repositories(binary, work, origin):
    """The release has another libgit2 than this machine: both must see the same in every kind of repository."""
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=c", "-c", "user.email=c@example.com", "-c",
                        "protocol.file.allow=always", *arguments], check=True, capture_output=True)

    folders = {kind: os.path.join(work, kind) for kind in (
        "clone", "shallow", "detached", "bare", "dirty", "ahead", "submodule", "worktree", "own-configuration",
        "sha256", "unborn")}
    for kind, folder in folders.items():
        if kind in ("sha256", "unborn"):
            git("init", "--quiet", "--object-format", "sha256" if kind == "sha256" else "sha1", folder)
        elif kind == "worktree":
            git("-C", folders["clone"], "worktree", "add", "--quiet", "-b", "other", folder)
        else:
            option = {"bare": ["--bare"], "shallow": ["--depth", "1"]}.get(kind, [])
            git("clone", "--quiet", *option, "file://" + origin, folder)
    shutil.copytree(example("agent"), folders["sha256"], dirs_exist_ok=True)
    git("-C", folders["sha256"], "add", "--all")
    for kind in ("sha256", "ahead"):
        git("-C", folders[kind], "commit", "--quiet", "--allow-empty", "--message", "one")
    git("-C", folders["detached"], "checkout", "--quiet", "--detach")
    git("-C", folders["submodule"], "submodule", "--quiet", "add", "file://" + origin, "part")
    git("-C", folders["own-configuration"], "config", "core.repositoryFormatVersion", "1")
    git("-C", folders["own-configuration"], "config", "extensions.worktreeConfig", "true")
    with open(os.path.join(folders["dirty"], "agent.py"), "a") as file:
        file.write("# changed\n")
    for kind, folder in folders.items():
        seen = []
        for program in (binary, os.path.join(os.environ["SLIPWAY_BIN"], "slipway")):
            run = subprocess.run([program, "doctor", "--output", "json", "--control-plane", "http://127.0.0.1:1"],
                                 cwd=folder, capture_output=True, text=True)
            seen.append([check for check in json.loads(run.stdout)["checks"] if check["name"] == "repository"])
        expect(seen[0] == seen[1], f"{kind}: {seen[0]} with the static binary, {seen[1]} with the shared libraries")
        print(f"  ok  a repository: {kind}", flush=True)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING


def checks(binary, work, musl):
    expect("not a dynamic executable" in subprocess.run(
        ["ldd", binary], capture_output=True, text=True).stderr, f"{binary} is a dynamic executable")
    context = authority(work)
    with open(work + "/ca.pem") as file:
        ca = file.read()
    with open(work + "/other.pem") as file:
        other = file.read()
    with Repository(example("agent")) as repository, Plane() as plane:
        same_repositories(binary, work, repository.path)
        port = int(plane.url.rsplit(":", 1)[1])
        for host in ("127.0.0.1", "::1"):
            Server((host, TLS_PORT), tls_front(context, port))
        targets = []
        Server(("127.0.0.1", PROXY_PORT), connect_proxy(targets))
        Server(("127.0.0.1", TLS_PROXY_PORT), connect_proxy(targets, context))
        dns = socketserver.ThreadingUDPServer(("127.0.0.1", 53), DNS)
        threading.Thread(target=dns.serve_forever, daemon=True).start()

        def root(files=None, base=None):
            return Root(work, binary, repository.path, files, base)

        def https(host):
            return f"https://{host}:{TLS_PORT}"

        resolver = {"/etc/resolv.conf": "nameserver 127.0.0.1\n"}
        trusting = {**resolver, "/ca.pem": ca}
        empty = root()
        status = empty.works("an empty root, HOME unset, plain HTTP by address", f"http://127.0.0.1:{port}")
        turkish = empty.works("LANG=tr_TR.UTF-8", f"http://127.0.0.1:{port}", LANG="tr_TR.UTF-8", LC_ALL="tr_TR.UTF-8")
        expect(len(turkish.splitlines()) == len(status.splitlines()), "a locale changes the output")
        empty.works("the name localhost without /etc/hosts", f"http://localhost:{port}", deploys=False)
        home = root({"/etc/passwd": "root:x:0:0::/home:/bin/sh\n"})
        run = home.run("doctor", "--control-plane", plane.url, SLIPWAY_STATE_DIR="")
        expect("/home/.local/state/slipway" in run.stdout, f"HOME unset: {run.stdout}")
        print("  ok  the state folder of an account when HOME is unset")

        for title, environment in [("no authority", {}), ("another authority", {"SSL_CERT_FILE": "/other.pem"})]:
            run = root({**resolver, "/other.pem": other}).run(
                "status", "agent", "--control-plane", https("plane.test"), **environment)
            expect(run.returncode != 0 and "hint:" in run.stderr, f"{title}: {run.returncode}: {run.stderr}")
            expect(environment or "no CA certificates found" in run.stderr, run.stderr)
            print(f"  ok  {title}: refused, with a hint")
        hosts = {"/etc/hosts": "127.0.0.1 hosts.test\n", "/ca.pem": ca}
        root(hosts).works("a name of /etc/hosts, SSL_CERT_FILE", https("hosts.test"), SSL_CERT_FILE="/ca.pem")
        root(trusting).works("a name of DNS", https("plane.test"), SSL_CERT_FILE="/ca.pem")
        root(trusting).works("CURL_CA_BUNDLE", https("plane.test"), deploys=False, CURL_CA_BUNDLE="/ca.pem")
        search = {"/etc/resolv.conf": "nameserver 127.0.0.1\nsearch test\n"}
        run = root({**search, "/ca.pem": ca}).run(
            "status", "agent", "--control-plane", https("plane"), SSL_CERT_FILE="/ca.pem")
        # The certificate is for plane.test: it was reached, under the short name.
        expect("no alternative certificate subject name" in run.stderr, f"search domain: {run.stderr}")
        print("  ok  a search domain of resolv.conf")
        root(trusting).works("a name that has only an IPv6 address", https("six.test"), SSL_CERT_FILE="/ca.pem")
        root(trusting).works("an IPv6 address", https("[::1]"), deploys=False, SSL_CERT_FILE="/ca.pem")
        for bundle in BUNDLES:
            found = root({**resolver, bundle: ca})
            found.works(bundle, https("plane.test"), deploys=False)
            doctor = found.run("doctor", "--control-plane", https("plane.test"))
            expect(f"{bundle} (system)" in doctor.stdout, f"doctor does not name {bundle}: {doctor.stdout}")
        hashed = root(trusting)
        shutil.copytree(work + "/hashed", hashed.path + "/hashed")
        hashed.works("SSL_CERT_DIR", https("plane.test"), deploys=False, SSL_CERT_DIR="/hashed")

        for title, proxy in [("an HTTP proxy", f"http://proxy.test:{PROXY_PORT}"),
                             ("an HTTPS proxy", f"https://proxy.test:{TLS_PROXY_PORT}")]:
            targets.clear()
            root(trusting).works(title, https("hidden.test"), SSL_CERT_FILE="/ca.pem",
                                 https_proxy=proxy, http_proxy=proxy)
            expect(f"hidden.test:{TLS_PORT}" in targets, f"{title} was asked for {targets}")
        foreign = {"/etc/nsswitch.conf": "passwd: other files\nhosts: other files dns\n",
                   "/lib/x86_64-linux-gnu/libnss_other.so.2": "not a library\n"}
        root({**trusting, **foreign}).works("foreign name service modules", https("plane.test"),
                                            SSL_CERT_FILE="/ca.pem")
        if musl:
            root(trusting, musl).works(
                "a root with musl and busybox, from its shell", https("plane.test"), SSL_CERT_FILE="/ca.pem",
                program=("/bin/busybox", "sh", "-c", 'exec /slipway "$@"', "sh"))
        else:
            print("  SKIPPED a root with musl: its packages cannot be downloaded")


def musl_root(work):
    """Debian's musl and a static busybox: the nearest to Alpine that this distribution has. None when out of reach."""
    packages = ["musl", "busybox-static"]
    folder = os.path.join(work, "musl")
    os.mkdir(folder)
    if subprocess.run(["apt-get", "download", "-qq", *packages], cwd=folder, capture_output=True).returncode != 0:
        return ""
    for name in os.listdir(folder):
        subprocess.run(["dpkg-deb", "--extract", name, "root"], cwd=folder, check=True)
    return os.path.join(folder, "root")


def main():
    if sys.argv[1] != "--inside":
        binary = os.path.realpath(sys.argv[1])
        with tempfile.TemporaryDirectory(prefix="slipway-static-") as work:
            mapping = [] if os.geteuid() == 0 else ["--map-root-user"]
            return subprocess.run(["unshare", "--net", "--mount", *mapping, sys.executable, __file__, "--inside",
                                   binary, work, musl_root(work)]).returncode
    loopback_up()
    checks(*sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
