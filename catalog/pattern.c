#include "catalog/pattern.h"

/* On a mismatch the last '*' takes one byte more: earlier ones need never grow. */
static bool one_matches(struct text pattern, struct text name)
{
	size_t at = 0;
	size_t star = pattern.length; /* of the last '*' met; the length: none */
	size_t taken = 0; /* of the name, where that star's bytes end */
	for (size_t i = 0; i < name.length;) {
		if (at < pattern.length && pattern.at[at] == '*') {
			star = at++;
			taken = i;
		} else if (at < pattern.length &&
			   text_lower(pattern.at[at]) == text_lower(name.at[i])) {
			at++;
			i++;
		} else if (star < pattern.length) {
			at = star + 1;
			i = ++taken;
		} else {
			return false;
		}
	}
	while (at < pattern.length && pattern.at[at] == '*')
		at++;
	return at == pattern.length;
}

bool pattern_matches(struct text pattern, struct text name)
{
	struct text rest = pattern;
	struct text one;
	bool more = true;
	if (pattern.length == 0)
		return true;
	while (text_split(&rest, &more, '|', &one)) {
		if (one_matches(one, name))
			return true;
	}
	return false;
}
