#!/usr/bin/env bash
# The HTTP client beside httpx: GETs of 950 bytes of JSON from nginx (one worker) on loopback, three rounds of both in
# turn, medians as a Markdown table. Takes about a minute. Usage: Benchmarks/client.sh [FOLDER_OF_THE_BINARIES]
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=3
bin=${1:-}
if [[ -z "$bin" ]]; then
    export SLIPWAY_BENCHMARKS=1
    swift build -c release --product Benchmarks >&2
    bin=$(swift build -c release --show-bin-path)
fi

work=$(mktemp -d)
server=
cleanup() {
    [[ -z "$server" ]] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

nginx=$(command -v nginx || true)
if [[ -z "$nginx" ]]; then
    # Unpacked, not installed, so that no service starts and nothing stays.
    (cd "$work" && apt-get download nginx >/dev/null 2>&1 && dpkg-deb -x nginx_*.deb nginx)
    nginx=$work/nginx/usr/sbin/nginx
fi
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check httpx

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p "$work/www" "$work/logs"
python3 -c 'print("{\"id\":\"%s\"}" % ("x" * 940), end="")' >"$work/www/deployment.json"
cat >"$work/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $work/nginx.pid;
error_log $work/logs/error.log;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 100000000;
    default_type application/json;
    client_body_temp_path $work/logs;
    proxy_temp_path $work/logs;
    fastcgi_temp_path $work/logs;
    uwsgi_temp_path $work/logs;
    scgi_temp_path $work/logs;
    server { listen 127.0.0.1:$port; root $work/www; }
}
CONF
chmod 755 "$work" "$work/www"
"$nginx" -p "$work" -c "$work/nginx.conf" 2>>"$work/logs/start.log" &
server=$!
url=http://127.0.0.1:$port/deployment.json
for _ in $(seq 50); do
    python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1])' "$url" >/dev/null 2>&1 && break
    sleep 0.1
done

for _ in $(seq "$rounds"); do
    for in_flight in 1 64 1000; do
        ours=30000 theirs=3000
        [[ $in_flight != 1 ]] || ours=10000 theirs=2000
        echo "slipway $(timeout 120 "$bin/Benchmarks" client "$url" --requests "$ours" --in-flight "$in_flight")"
        echo "httpx $(timeout 120 "$work/venv/bin/python" Benchmarks/httpx_client.py "$url" "$theirs" "$in_flight")"
    done
done >"$work/results"

python3 - "$work/results" <<'PYTHON'
import collections, statistics, sys

rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    client, in_flight, *numbers = line.split()
    rows[int(in_flight), client].append([float(number) for number in numbers])
medians = {key: [statistics.median(column) for column in zip(*values)] for key, values in rows.items()}
print("| in flight | client | requests/s | CPU µs/request | peak RSS MB | times httpx |")
print("|---:|---|---:|---:|---:|---:|")
for (in_flight, client), (rate, cpu, peak) in sorted(medians.items(), key=lambda row: (row[0][0], row[0][1] == "httpx")):
    times = rate / medians[in_flight, "httpx"][0]
    print(f"| {in_flight} | {client} | {rate:.0f} | {cpu:.1f} | {peak:.1f} | {times:.1f} |")
PYTHON
