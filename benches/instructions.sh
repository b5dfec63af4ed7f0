#!/usr/bin/env bash
# The instructions of one decision with limits, a plan and a grant, counted by callgrind: of 11,000
# decisions less those of 1,000, so that what the process does beside them falls out.
#
#   benches/instructions.sh

source "$(dirname "$0")/measure.sh"
need valgrind
build

instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$scratch/callgrind.$1" "$servers" decide "$1" 2>"$scratch/valgrind" || {
        cat "$scratch/valgrind" >&2
        exit 1
    }
    awk '/Collected/ { print $NF }' "$scratch/valgrind"
}
few=$(instructions 1000)
many=$(instructions 11000)
echo "$(((many - few) / 10000)) instructions a decision."
if [ "${SHOW:-0}" != 0 ]; then
    callgrind_annotate "$scratch/callgrind.11000" | head -60
fi
