#!/usr/bin/env bash
# Verify, as this project decides, logs and answers it, against three others that check API keys, each
# on core 0 together with the PostgreSQL that it asks,
# with 1,000 keys drawn at random:
#
# - better-auth's api-key plugin, on node's own HTTP server;
# - djangorestframework-api-key, on gunicorn with threads;
# - a handler of actix-web with one SELECT and one UPDATE through diesel.
#
# What they need is installed into .tools, at the versions of the lock files beside this one. PostgreSQL
# is as it comes, so each UPDATE is on the disk when it is answered; here a record is on the disk 20 ms
# later. So the last is also run with synchronous_commit = off, which promises about what is promised
# here; no number is wanted of that. With KEYS=1 all requests update one row and wait for its lock,
# which costs select-update twice as much as 1,000 keys do.
#
# Judged by the CPU time of a request, PostgreSQL's included: on a core that does nothing else that is
# the ratio of the throughputs, and other work on the machine changes it less.
#
#   benches/rivals.sh            ROUNDS=5 SECONDS_PER_ROUND=3 CONNECTIONS=64 KEYS=1000
#                                RIVALS="better-auth drf select-update select-update-async"

: "${ROUNDS:=5}"
source "$(dirname "$0")/measure.sh"
need node; need npm; need python3; need initdb
tools=$here/../.tools
keys=${KEYS:-1000}
build

postgres_bin=$(dirname "$(readlink -f "$(command -v initdb)")")
as_postgres=()
[ "$(id -u)" = 0 ] && as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups)
chmod 711 "$scratch"
install -d -m 700 "$scratch/pg"
[ "$(id -u)" = 0 ] && chown postgres "$scratch/pg"
(
    cd "$scratch/pg"
    "${as_postgres[@]}" "$postgres_bin/initdb" -D data -U postgres -A trust -E UTF8 --no-locale --no-sync >/dev/null
    taskset -c 0 "${as_postgres[@]}" "$postgres_bin/postgres" -D data -k "$scratch/pg" -h '' \
        -c shared_buffers=256MB -c jit=off 2>"$scratch/pg/log" &
    echo $! >"$scratch/postgres.pid"
)
pid_postgres=$(cat "$scratch/postgres.pid")
started+=("$pid_postgres")
export PGHOST=$scratch/pg PGUSER=postgres
for _ in $(seq 100); do
    "$postgres_bin/pg_isready" -q && break
    sleep 0.1
done
for database in better_auth drf by_hand by_hand_async; do "$postgres_bin/createdb" "$database"; done

better_auth() {
    local at=$tools/bench-better-auth
    mkdir -p "$at"
    cp "$here"/rivals/better-auth/* "$at"
    (cd "$at" && npm ci --silent --no-audit --no-fund)
    NODE_ENV=production start_by node "$at/server.mjs" \
        "postgresql://postgres@/better_auth?host=$PGHOST" "$scratch/keys" "$keys"
}

drf() {
    local at=$tools/bench-drf port=${DRF_PORT:-18392}
    [ -x "$at/bin/gunicorn" ] || python3 -m venv "$at"
    "$at/bin/pip" --quiet --disable-pip-version-check install -r "$here/rivals/drf/requirements.txt"
    (cd "$here/rivals/drf" && PYTHONDONTWRITEBYTECODE=1 "$at/bin/python" app.py "$scratch/keys" "$keys")
    echo "http://127.0.0.1:$port" >"$scratch/drf.url"
    (
        cd "$here/rivals/drf"
        PYTHONDONTWRITEBYTECODE=1 exec taskset -c 0 "$at/bin/gunicorn" --bind "127.0.0.1:$port" --workers 2 \
            --threads 4 --keep-alive 75 --log-level error app:application
    ) 2>"$scratch/rival.err" &
    pid_rival=$!
    started+=("$pid_rival")
    for _ in $(seq 100); do
        curl -s -o /dev/null "http://127.0.0.1:$port/" && break
        sleep 0.1
    done
    cp "$scratch/drf.url" "$scratch/rival"
}

select_update() {
    start_by "$servers" select-update "postgresql://postgres@/by_hand?host=$PGHOST" "$scratch/keys" "$keys"
}

select_update_async() {
    start_by "$servers" select-update \
        "postgresql://postgres@/by_hand_async?host=$PGHOST&options=-c%20synchronous_commit%3Doff" "$scratch/keys" "$keys"
}

# start_by COMMAND…: on core 0; its first line says where it listens.
start_by() {
    rm -f "$scratch/rival"
    taskset -c 0 "$@" >"$scratch/rival" 2>"$scratch/rival.err" &
    pid_rival=$!
    started+=("$pid_rival")
    for _ in $(seq 1200); do
        [ -s "$scratch/rival" ] && return
        sleep 0.1
    done
    cat "$scratch/rival.err" >&2
    exit 1
}

start verify verify "$keys" "$scratch/ours.keys"
read -r our_url _ service <"$scratch/verify"
load_ours() {
    KEYS=$scratch/ours.keys CREDENTIAL="Bearer $service" \
        load "$pid_verify" "$our_url/v1/keys/verify" -s "$here/keys.lua"
}

failed=0
against() {
    local name=$1 times=$2 prepare=$3
    case " ${RIVALS:-better-auth drf select-update select-update-async} " in *" $name "*) ;; *) return 0 ;; esac
    "$prepare"
    read -r rival_url <"$scratch/rival"
    echo "Against $name:"
    compare cpu "$times" "$name" verify || failed=1
    echo
    kill "$pid_rival"
    wait "$pid_rival" 2>/dev/null || true
}
load_reference() {
    KEYS=$scratch/keys SCHEME=${scheme:-} \
        load "$pid_rival $pid_postgres" "$rival_url/v1/keys/verify" -s "$here/keys.lua"
}

against better-auth 80 better_auth
scheme=Api-Key against drf 40 drf
against select-update 15 select_update
against select-update-async 0 select_update_async
exit "$failed"
