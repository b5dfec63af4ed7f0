#!/usr/bin/env bash
# Shipping a backlog of the spool into the request log, with texts, rollups, last use and cursor,
# against one COPY of the same rows into the same table; and the bytes a row takes with its indexes.
#
#   benches/ship.sh              RECORDS=1000000 ROUNDS=5

source "$(dirname "$0")/measure.sh"
build
records=${RECORDS:-1000000}
"$servers" ship "$records" "${ROUNDS:-5}" 2>"$scratch/ship.err" | tee "$scratch/ships" |
    awk '{ printf "COPY %.2f s, shipped in %.2f s: %.2f of its speed; %d bytes a row\n", $1, $2, $1 / $2, $3 }' ||
    { cat "$scratch/ship.err" >&2; exit 1; }
sort -n <(awk '{ print $1 / $2, $3 }' "$scratch/ships") | awk '
    { ratio[NR] = $1; if ($2 > bytes) bytes = $2 }
    END {
        median = ratio[int((NR + 1) / 2)]
        printf "%.2f of the speed of COPY (median; wanted: 0.7), at most %d bytes a row (wanted: 200).\n", median, bytes
        exit NR > 0 && median >= 0.7 && bytes <= 200 ? 0 : 1
    }'
