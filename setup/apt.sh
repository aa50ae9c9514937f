#!/bin/sh
# apt.sh PACKAGE...: make sure that Debian packages are there.
# Installs the missing ones as root or by a sudo that asks nothing; else prints the line to run and ends with 2.
set -eu

is_installed() {
    dpkg-query --show --showformat='${Status}\n' "$1" 2>/dev/null | grep -q 'ok installed'
}

missing=""
for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "Missing Debian packages. Run this line, then the same command again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y$missing" >&2
    exit 2
fi

echo "Installing Debian packages:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086 # the list is words on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
