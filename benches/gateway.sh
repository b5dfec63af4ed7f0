#!/usr/bin/env bash
# The gateway, deciding and writing two records for each call, against nginx with proxy_pass to the
# same upstream and no access log. One worker each. The upstream shares core 1 with the load, which
# may be what bounds the throughput; so what is judged is the CPU time of a request.
#
#   benches/gateway.sh           ROUNDS=7 SECONDS_PER_ROUND=3 CONNECTIONS=64

source "$(dirname "$0")/measure.sh"
need nginx
build

# nginx NAME CORE PORT LOCATION: one worker on that core; its process id goes to pid_NAME.
nginx_on() {
    local name=$1 core=$2 port=$3 location=$4
    mkdir "$scratch/$name.d"
    cat >"$scratch/$name.conf" <<CONF
daemon off; worker_processes 1; pid $scratch/$name.pid; error_log stderr crit;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path $scratch/$name.d/a; proxy_temp_path $scratch/$name.d/b;
    fastcgi_temp_path $scratch/$name.d/c; uwsgi_temp_path $scratch/$name.d/d; scgi_temp_path $scratch/$name.d/e;
    upstream api { server 127.0.0.1:$upstream_port; keepalive 128; keepalive_requests 1000000; }
    server { listen 127.0.0.1:$port; location / { $location } }
}
CONF
    taskset -c "$core" nginx -c "$scratch/$name.conf" 2>"$scratch/$name.err" &
    started+=($!)
    declare -g "pid_$name=$!"
    for _ in $(seq 50); do
        curl -s -o /dev/null "http://127.0.0.1:$port/" && return
        sleep 0.1
    done
    cat "$scratch/$name.err" >&2
    exit 1
}

upstream_port=${UPSTREAM_PORT:-18390}
nginx_port=${NGINX_PORT:-18391}
answer=$(printf 'x%.0s' $(seq 200))
nginx_on upstream 1 "$upstream_port" "default_type text/plain; return 200 '$answer';"
nginx_on proxy 0 "$nginx_port" \
    'proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection "";'
start gateway gateway "http://127.0.0.1:$upstream_port"
read -r gateway_url key _ <"$scratch/gateway"

path=/v1/documents
load_reference() { load "$pid_proxy" "http://127.0.0.1:$nginx_port$path" -H "x-api-key: $key"; }
load_ours() { load "$pid_gateway" "$gateway_url$path" -H "x-api-key: $key"; }
compare cpu 0.6 "nginx proxy_pass" gateway
