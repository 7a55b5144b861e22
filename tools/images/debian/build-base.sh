#!/bin/sh
# Lays out a stand-in for node:24-bookworm-slim: build-base.sh RUNTIME.tar NODE_BINARY NPM_VERSION OUT.tar
# It carries this machine's CA bundle and npm registry, so that `npm ci` in a Dockerfile reaches what npm reaches here:
# it is a base of build stages only, and no published image is made from it.
set -eu
runtime=$1 node=$2 npm=$3 out=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root" "$work/downloads"
tar --extract --file "$runtime" --directory "$root"

(cd "$work/downloads" && apt-get download -qq -o APT::Sandbox::User=root busybox-static &&
  dpkg-deb --extract busybox-static*.deb busybox && npm pack --silent "npm@$npm" > /dev/null)

mkdir -p "$root/bin" "$root/usr/bin" "$root/usr/local/bin" "$root/usr/local/etc" "$root/usr/local/lib/node_modules/npm"
cp "$work/downloads/busybox/bin/busybox" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do
  [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
done
ln -sf ../../bin/env "$root/usr/bin/env"
cp "$node" "$root/usr/local/bin/node"
tar --extract --file "$work"/downloads/npm-*.tgz --directory "$root/usr/local/lib/node_modules/npm" --strip-components=1
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"

cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
printf 'registry=%s\ncafile=/etc/ssl/certs/ca-certificates.crt\nupdate-notifier=false\n' \
  "$(npm config get registry)" > "$root/usr/local/etc/npmrc"

tar --create --file "$out" --directory "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 .
