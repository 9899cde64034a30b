#!/bin/sh
# Every C file is as clang-format 14 writes it; the fix is ./dev format.
command -v clang-format-14 >/dev/null || {
	echo "SKIPPED: clang-format-14 is not installed"
	exit 77
}
git ls-files '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror 2>&1 | grep -E 'error' | cut -d: -f1 | sort | uniq -c |
	sed 's/$/: run .\/dev format/' | { ! grep .; }
