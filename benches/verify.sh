#!/usr/bin/env bash
# Verify, each decision written to the spool before its answer, against a bare handler of actix-web
# that takes the same JSON and answers JSON of the same shape and size. One worker each, 64
# connections. The key has a daily and a monthly limit, its plan caps two rates and three meters, its
# grant names permissions that routes need; its limits come from a PostgreSQL on the same core.
#
#   benches/verify.sh            KEYS=100000 ROUNDS=7 SECONDS_PER_ROUND=3 CONNECTIONS=64

source "$(dirname "$0")/measure.sh"
build

start verify verify "${KEYS:-100000}"
read -r verify_url key service <"$scratch/verify"
question="{\"key\":\"$key\",\"method\":\"POST\",\"path\":\"/v1/documents\",\"ip\":\"203.0.113.9\"}"
start bare bare
read -r bare_url <"$scratch/bare"

# The two must answer alike: the same number of bytes, but for the digits of what is used.
answer_of() {
    curl -sSf "$1/v1/keys/verify" -H "Authorization: Bearer $service" -H "Content-Type: application/json" -d "$question"
}
more=$(($(answer_of "$verify_url" | wc -c) - $(answer_of "$bare_url" | wc -c)))
[ "${more#-}" -le 24 ] || {
    echo "the answers differ in length by $more bytes" >&2
    exit 1
}

cat >"$scratch/question.lua" <<LUA
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer $service"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '$question'
LUA

load_reference() { load "$pid_bare" "$bare_url/v1/keys/verify" -s "$scratch/question.lua"; }
load_ours() { load "$pid_verify" "$verify_url/v1/keys/verify" -s "$scratch/question.lua"; }
compare rate 0.85 "bare actix-web" verify
