#!/usr/bin/env bash
# Pages of the audit log with many rows against the same pages with few: the slowest of all with
# many against the slowest with few.
#
#   benches/audit.sh             FEW=50000 MANY=5000000

source "$(dirname "$0")/measure.sh"
build
"$servers" audit "${FEW:-50000}" "${MANY:-5000000}" 2>"$scratch/audit.err" | tee "$scratch/pages" |
    awk '{ name = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ /, "", name); printf "%7.2f ms %7.2f ms  %.2f  %s\n", $1, $2, $3, name }' ||
    { cat "$scratch/audit.err" >&2; exit 1; }
awk '
    { if ($1 > few) few = $1; if ($2 > many) many = $2 }
    END {
        printf "The slowest page takes %.2f times as long (wanted: at most 1.5).\n", many / few
        exit NR > 0 && many / few <= 1.5 ? 0 : 1
    }' "$scratch/pages"
