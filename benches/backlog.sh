#!/usr/bin/env bash
# Ten minutes' backlog of the spool, drained while the same node is under full load, PostgreSQL beside
# it on the same core: how long it takes, and what is left of the throughput meanwhile; and how long the
# list of keys and a key's page wait for the database, before and meanwhile.
#
#   benches/backlog.sh           RECORDS=600000 (1,000 a second)  SECONDS_PER_ROUND=3 CONNECTIONS=64

source "$(dirname "$0")/measure.sh"
build
records=${RECORDS:-600000}
start backlog backlog "$records" "$scratch/go"
read -r url key service <"$scratch/backlog"
echo "$key" >"$scratch/keys"
ask() {
    KEYS=$scratch/keys CREDENTIAL="Bearer $service" load "$pid_backlog" "$url/v1/keys/verify" -s "$here/keys.lua"
}
mean() { awk '{ sum += $1 } END { printf "%.0f", sum / NR }' "$1"; }

ask >/dev/null
for _ in 1 2 3; do ask; done >"$scratch/before"
touch "$scratch/go"
while [ ! -e "$scratch/go.done" ]; do ask; done >"$scratch/during"
read -r took list list_then key key_then <"$scratch/go.done"
awk -v before="$(mean "$scratch/before")" -v during="$(mean "$scratch/during")" \
    -v records="$records" -v took="$took" -v list="$list" -v list_then="$list_then" \
    -v key="$key" -v key_then="$key_then" 'BEGIN {
        printf "%d records shipped in %.1f s (%.0f a second) under load.\n", records, took, records / took
        printf "%d requests a second before, %d meanwhile: %.2f of it.\n", before, during, during / before
        printf "The list of keys asks the database %.1f ms before, %.1f ms meanwhile; a key'"'"'s page %.1f ms and %.1f ms (medians).\n", list, list_then, key, key_then
        printf "A backlog of ten minutes is drained in %.0f s (wanted: less than the ten minutes it took).\n", took
        exit took < 600 ? 0 : 1
    }'
