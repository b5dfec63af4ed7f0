# Two servers under the same load in turns, for the scripts beside this file. Sourced, not run.
#
# The servers share core 0 and are never loaded together; the load comes from core 1. Each round
# loads both, and its ratio is of these two, so that what slows the whole machine slows both.

set -euo pipefail

rounds=${ROUNDS:-7}
seconds=${SECONDS_PER_ROUND:-3}
connections=${CONNECTIONS:-64}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scratch=$(mktemp -d)
# A server fills its tables before it listens.
start_seconds=${START_SECONDS:-30}
started=()

finish() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

need() {
    command -v "$1" >/dev/null || { echo "$0 needs $1" >&2; exit 2; }
}

build() {
    need wrk
    [ "$(nproc)" -ge 2 ] || { echo "$0 needs two cores" >&2; exit 2; }
    cargo build --quiet --release --manifest-path "$here/../Cargo.toml" --example bench-servers
    servers=$(cargo metadata --no-deps --format-version 1 --manifest-path "$here/../Cargo.toml" |
        sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples/bench-servers
}

# start NAME ARGUMENTS…: a server of ours on core 0. Its first line goes to $scratch/NAME, its
# process id to pid_NAME.
start() {
    local name=$1
    shift
    taskset -c 0 "$servers" "$@" >"$scratch/$name" 2>"$scratch/$name.err" &
    started+=($!)
    declare -g "pid_$name=$!"
    for _ in $(seq "$((10 * start_seconds))"); do
        [ -s "$scratch/$name" ] && return
        sleep 0.1
    done
    cat "$scratch/$name.err" >&2
    echo "$name has not said in $start_seconds s where it listens" >&2
    exit 1
}

# Ticks (10 ms) that processes and their children have run.
ticks() {
    local pid total=0
    for pid in $1 $(for pid in $1; do pgrep -P "$pid" || true; done); do
        total=$((total + $(awk '{print $14 + $15}' "/proc/$pid/stat" 2>/dev/null || echo 0)))
    done
    echo "$total"
}

# load PIDS URL WRK-ARGUMENTS…: prints requests a second and CPU microseconds a request.
load() {
    local pids=$1 url=$2 before after
    shift 2
    before=$(ticks "$pids")
    taskset -c 1 wrk -t1 -c"$connections" -d"${seconds}s" "$@" "$url" >"$scratch/wrk"
    after=$(ticks "$pids")
    if grep -E 'Non-2xx|Socket errors' "$scratch/wrk" >&2; then
        echo "not every answer was a 2xx: these figures are worth nothing" >&2
        exit 1
    fi
    awk -v ticks=$((after - before)) '
        /requests in/ { requests = $1 }
        /Requests\/sec/ { rate = $2 }
        END { printf "%.0f %.2f\n", rate, ticks * 10000 / requests }' "$scratch/wrk"
}

# compare rate|cpu THRESHOLD NAME-OF-REFERENCE NAME-OF-OURS: runs load_reference and load_ours in
# turns, and judges by the ratio of their throughput, or of their CPU time for a request.
compare() {
    local by=$1 threshold=$2 reference=$3 ours=$4 round
    load_reference >/dev/null
    load_ours >/dev/null
    printf '%-6s %22s %22s %7s %7s\n' round "$reference" "$ours" ratio cpu
    for round in $(seq "$rounds"); do
        echo "$(load_reference) $(load_ours)"
    done | tee "$scratch/rounds" | awk '{
        printf "%-6d %10d/s %7.2f us %10d/s %7.2f us %7.3f %7.3f\n", NR, $1, $2, $3, $4, $3 / $1, $2 / $4
    }'
    awk -v by="$by" -v threshold="$threshold" -v ours="$ours" -v reference="$reference" '
        function sort(a, n,   i, j, t) {
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
        }
        { rate[NR] = $3 / $1; cpu[NR] = $2 / $4 }
        END {
            sort(rate, NR); sort(cpu, NR); middle = int((NR + 1) / 2)
            printf "\n%s has %.3f of the throughput of %s (median; %.3f to %.3f); ", ours, rate[middle], reference, rate[1], rate[NR]
            printf "by CPU per request %.3f (%.3f to %.3f). Wanted by %s: %s.\n", cpu[middle], cpu[1], cpu[NR], by == "cpu" ? "CPU" : "throughput", threshold
            exit (by == "cpu" ? cpu[middle] : rate[middle]) >= threshold ? 0 : 1
        }' "$scratch/rounds"
}
