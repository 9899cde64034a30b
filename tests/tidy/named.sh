#!/bin/sh
# What docs/status.md says shows a thing is a test of this build (its folder is the first
# argument), or of a room that this build has no tests of.
ctest --test-dir "$1" -N | sed -n 's/^ *Test *#[0-9]*: //p' | awk '
FNR == NR {
	tests[$1]
	rooms[substr($1, 1, index($1, ".") - 1)]
	next
}
{
	rest = $0
	while (match(rest, /`[a-z0-9]+\.[a-z0-9_.*]+`/)) {
		name = substr(rest, RSTART + 1, RLENGTH - 2)
		rest = substr(rest, RSTART + RLENGTH)
		if (!(substr(name, 1, index(name, ".") - 1) in rooms)) continue
		pattern = name
		gsub(/\./, "[.]", pattern)
		gsub(/\*/, ".*", pattern)
		found = 0
		for (test in tests) found += test ~ "^" pattern "$"
		if (!found) { printf "docs/status.md:%d: there is no test %s\n", FNR, name; bad = 1 }
	}
}
END { exit bad }' - docs/status.md
