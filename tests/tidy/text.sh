#!/bin/sh
# What a merge or an edit leaves behind: conflict markers and spaces at the ends of lines in
# any text, and in documents relative links that lead nowhere. Cases hold output to the
# letter, and drawings are made by programs: both keep their spaces.
marks=$(git grep -nIE '^(<{7}|>{7}|\|{7})( |$)|^={7}$')
spaces=$(git grep -nIE '[[:blank:]]+$' -- . ':!tests/cases' ':!tests/fuzz/corpus' ':!*.svg')
links=$(git ls-files '*.md' | xargs awk '
{
	rest = $0
	while (match(rest, /\]\([^)]*\)/)) {
		link = substr(rest, RSTART + 2, RLENGTH - 3)
		rest = substr(rest, RSTART + RLENGTH)
		sub(/#.*/, "", link)
		folder = FILENAME
		if (!sub(/\/[^\/]*$/, "", folder)) folder = "."
		if (link != "" && link !~ /^[a-z]+:/)
			print FILENAME ":" FNR ":" link "\t" folder "/" link
	}
}' | while IFS="$(printf '\t')" read -r place path; do
	[ -e "$path" ] || echo "$place"
done)
say() {
	[ -z "$2" ] || printf '%s\n' "$2" | sed "s|\$|: $1|"
	[ -z "$2" ]
}
bad=0
say 'a merge left this here' "$marks" || bad=1
say 'spaces end the line' "$spaces" || bad=1
say 'no such file to link to' "$links" || bad=1
exit $bad
