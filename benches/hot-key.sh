#!/usr/bin/env bash
# One key with limits, hit by 64 connections, against keys without limits of their own, drawn at random
# from 100,000: what it costs that all requests are charged to one account of numbers.
#
#   benches/hot-key.sh           KEYS=100000 ROUNDS=7 SECONDS_PER_ROUND=3 CONNECTIONS=64

source "$(dirname "$0")/measure.sh"
build

start verify verify "${KEYS:-100000}" "$scratch/keys"
read -r url key service <"$scratch/verify"
echo "$key" >"$scratch/hot"
shuf -n 20000 --random-source=<(yes) "$scratch/keys" >"$scratch/some"

load_keys() { KEYS=$1 CREDENTIAL="Bearer $service" load "$pid_verify" "$url/v1/keys/verify" -s "$here/keys.lua"; }
load_reference() { load_keys "$scratch/some"; }
load_ours() { load_keys "$scratch/hot"; }
compare rate 0.7 "many keys" "one key"
