#!/usr/bin/env bash
# The log's pages over few rows and over many, in thirty daily partitions of a private PostgreSQL:
# first page, deep page by cursor, each filter with rows and without, chips and chart; and how much
# longer each takes over many. `~` is a search that stopped after its two seconds and says how far it
# came.
#
#   benches/log.sh               ROWS="1000000 50000000"    50,000,000 take 12 GB and half an hour

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
profile=${PROFILE:-release}
flags=()
[ "$profile" = debug ] || flags=("--$profile")
cargo build --quiet "${flags[@]}" --manifest-path "$here/../Cargo.toml" --example bench-servers
target=$(cargo metadata --no-deps --format-version 1 --manifest-path "$here/../Cargo.toml" |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
read -ra sizes <<<"${ROWS:-1000000 50000000}"
"$target/$profile/examples/bench-servers" log "${sizes[@]}" >"$scratch/log"
awk -F'\t' -v few="${sizes[0]}" -v many="${sizes[-1]}" '
    BEGIN { printf "%-18s %22s %22s %7s\n", "", few " rows", many " rows", "ratio" }
    {
        split($2, a, " "); split($NF, b, " ")
        ratio = b[1] / a[1]
        printf "%-18s %12.2f ms %6s %12.2f ms %6s %7.2f\n", $1, a[1], a[2], b[1], b[2], ratio
        if ($1 ~ /^(key-)?(first|deep)$/ && ratio > worst) worst = ratio
        if (($1 == "chart" || $1 == "chips") && ratio > sums) sums = ratio
        if (b[1] > slowest) slowest = b[1]
    }
    END {
        printf "\nFirst and deep pages take at most %.2f times as long over many (wanted: 1.5), chart and chips %.2f.\n", worst, sums
        printf "The slowest question takes %.0f ms (wanted: 2,100; a search stops after 2,000).\n", slowest
        exit NR > 0 && worst <= 1.5 && slowest <= 2100 ? 0 : 1
    }' "$scratch/log"
