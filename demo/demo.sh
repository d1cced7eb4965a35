#!/usr/bin/env bash
# Prove the NAT, then run it on packets of real clients. `make demo` calls this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

capture=demo/clients.pcapng
output=build/demo.pcapng

say() { printf '\n\033[1m%s\033[0m\n' "$1"; }
[ -t 1 ] || say() { printf '\n%s\n' "$1"; }

say "1. Is it right? pyvigor verify nat: every packet, every state, every time"
pyvigor verify nat

say "2. Does it work? pyvigor run nat -r $capture -w $output --config demo/nat.toml"
mkdir -p "$(dirname "$output")"
pyvigor run nat -r "$capture" -w "$output" --config demo/nat.toml

cat <<'E2'

The capture holds three clients behind the NAT, which fetch a page, ask an echo service, are
refused a connection, ping, and send fragments; a server that answers, once too late; a stranger
who answers in its stead; and probes that no one asked for. It was recorded with real programs
(demo/record.py). The proof, the compiler and the interpreter all read the same text, nfs/nat.py.
E2
printf 'Look at what left the NAT: tshark -r %s\n' "$output"
