#!/bin/sh
# clang-tidy 14 over our own sources, two at a time: ./dev tidy [FILE...]
# Needs a configured build folder for the compile commands (first argument).
build=$1
shift
command -v clang-tidy-14 >/dev/null || {
	echo "SKIPPED: clang-tidy-14 is not installed"
	exit 77
}
[ $# -gt 0 ] || set -- $(git ls-files '*.c' | grep -v '^tests/\|^bench/')
# gcc's own warning flags mean nothing to clang.
mkdir -p "$build/tidy"
sed -E 's/ -W(no-error=maybe-uninitialized|logical-op|duplicated-cond|duplicated-branches)//g; s/-fsanitize=[a-z,]+//g; s/-fno-sanitize-recover=[a-z]+//g' \
	"$build/compile_commands.json" >"$build/tidy/compile_commands.json"
printf '%s\n' "$@" | xargs -P 2 -n 4 clang-tidy-14 -p "$build/tidy" --quiet 2>/dev/null
