#!/bin/sh
# Compiles the orchestrator (a second, then from Go's cache) and hands it the command. README.md says what it can do.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=$(sed -n 's/^go 1\.\([0-9]*\).*/\1/p' "$here/kubernetes/go.mod")

no_go() {
  echo "cluster: $1: install Go 1.$wanted or newer (https://go.dev/dl/)," \
    "or use a cluster that you have with --context NAME" >&2
  exit 1
}

command -v go >/dev/null 2>&1 || no_go "Go is not installed"
# With GOTOOLCHAIN=auto an older Go fetches the right one itself; this asks for the Go that would really be used.
version=$(cd "$here/kubernetes" && go env GOVERSION 2>/dev/null) || no_go "$(go version) is too old"
minor=$(echo "$version" | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
[ "${minor:-0}" -ge "$wanted" ] || no_go "$version is too old"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/migration-gate/cluster
mkdir -p "$cache"
# Under a name of its own first: two calls at once must not write into one another's program.
(cd "$here" && CGO_ENABLED=0 GOWORK=off go build -trimpath -buildvcs=false -o "$cache/orchestrator.$$" ./orchestrator)
mv -f "$cache/orchestrator.$$" "$cache/orchestrator"
export MIGRATION_GATE_CLUSTER_SOURCES="$here" MIGRATION_GATE_CLUSTER_CACHE="$cache"
exec "$cache/orchestrator" "$@"
