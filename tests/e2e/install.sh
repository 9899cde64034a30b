#!/bin/sh
# install.sh CMAKE BUILD: what is installed works from where it was put.
set -eu
place=$(mktemp -d "${TMPDIR:-/tmp}/tenon-install.XXXXXX")
trap 'rm -rf "$place"' EXIT
"$1" --install "$2" --prefix "$place" >"$place/log" || { cat "$place/log" >&2; exit 1; }
"$place/bin/tenond" --version
"$place/bin/tenon" --json infer demo/lake/nyc_dims | grep -q '"ok"'
test -f "$place/share/man/man1/tenon.1"
grep -q _tenon "$place/share/bash-completion/completions/tenon"
grep -q compdef "$place/share/zsh/site-functions/_tenon"
grep -q complete "$place/share/fish/vendor_completions.d/tenon.fish"
