#!/bin/sh
# Lays out a runtime base like distroless/cc from a handful of Debian packages: runtime-base.sh OUT.tar
# Everything belongs to root and nothing in it can be executed but what an image adds.
set -eu
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root" "$work/packages"

(cd "$work/packages" && apt-get download -qq -o APT::Sandbox::User=root \
  base-files ca-certificates libc6 libgcc-s1 libstdc++6 netbase tzdata)
for package in "$work"/packages/*.deb; do dpkg-deb --extract "$package" "$root"; done

# What ca-certificates' install script would do.
mkdir -p "$root/etc/ssl/certs"
find "$root/usr/share/ca-certificates/mozilla" -name '*.crt' | LC_ALL=C sort | xargs cat > "$root/etc/ssl/certs/ca-certificates.crt"

(cd "$root" && rm -rf usr/share/doc usr/share/man usr/share/info usr/share/lintian usr/share/locale usr/share/bug \
  usr/share/base-files usr/share/ca-certificates usr/share/gcc usr/share/gdb usr/share/zoneinfo/right \
  usr/sbin/update-ca-certificates usr/lib/*-linux-gnu/gconv usr/lib/*-linux-gnu/audit \
  etc/update-motd.d etc/kernel etc/default etc/issue* etc/motd)

cat > "$root/etc/passwd" <<'EOF'
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/:/sbin/nologin
EOF
printf 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n' > "$root/etc/group"
printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"
mkdir -p "$root/tmp"
chmod 1777 "$root/tmp"

tar --create --file "$out" --directory "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 .
