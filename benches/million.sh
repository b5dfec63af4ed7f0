#!/usr/bin/env bash
# A mirror of 1,000,000 keys: how long it takes to load against a binary COPY of the same rows, the
# bytes that a key takes and how many of them its core entry, and what a request with a key drawn at random from them costs against one
# key among 100,000.
#
#   benches/million.sh           KEYS=1000000 LOADS=3 ROUNDS=7 SECONDS_PER_ROUND=3 CONNECTIONS=64

# A million rows take minutes to be made.
: "${START_SECONDS:=600}"
source "$(dirname "$0")/measure.sh"
build
keys=${KEYS:-1000000}

"$servers" load "$keys" "${LOADS:-3}" 2>"$scratch/load.err" | tee "$scratch/loads" |
    awk '{ printf "COPY %.2f s, load %.2f s: %.2f times; %d bytes a key, %d of them its core entry\n", $1, $2, $2 / $1, $3, $4 }' ||
    { cat "$scratch/load.err" >&2; exit 1; }
awk '{ time[NR] = $2 / $1; if ($3 > bytes) bytes = $3; if ($4 > core) core = $4 }
    END {
        for (i = 1; i <= NR; i++) if (time[i] > most) most = time[i]
        printf "At most %.2f times the COPY (wanted: 2); %d bytes a key, of them %d its core entry (wanted: 250).\n\n", most, bytes, core
        exit most <= 2 && core <= 250 && NR > 0 ? 0 : 1
    }' "$scratch/loads" || failed=1

start few verify 100000 "$scratch/few.keys"
read -r few_url _ few_service <"$scratch/few"
head -1 "$scratch/few.keys" >"$scratch/one.keys"
start many verify "$keys" "$scratch/many.keys"
read -r many_url _ many_service <"$scratch/many"
shuf -n 200000 --random-source=<(yes) "$scratch/many.keys" >"$scratch/random.keys"
load_reference() {
    KEYS=$scratch/one.keys CREDENTIAL="Bearer $few_service" load "$pid_few" "$few_url/v1/keys/verify" -s "$here/keys.lua"
}
load_ours() {
    KEYS=$scratch/random.keys CREDENTIAL="Bearer $many_service" load "$pid_many" "$many_url/v1/keys/verify" -s "$here/keys.lua"
}
compare cpu 0.926 "one of 100,000" "any of $keys" || failed=1
exit "${failed:-0}"
