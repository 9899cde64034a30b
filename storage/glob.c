#include "storage/glob.h"

#include "base/limits.h"

/* One position in pattern and path. */
struct cursor {
	struct text pattern;
	size_t p;
	struct text path;
	size_t t;
};

static bool in_set(struct text set, char byte)
{
	for (size_t i = 0; i < set.length; i++) {
		bool range = i + 2 < set.length && set.at[i + 1] == '-';
		if (range ? byte >= set.at[i] && byte <= set.at[i + 2] : byte == set.at[i])
			return true;
		i += range ? 2 : 0;
	}
	return false;
}

/* The set's text without brackets and '!'; *after_out is past the ']'. */
static struct text set_at(struct text pattern, size_t at, bool *negated_out, size_t *after_out)
{
	size_t from = at + 1;
	*negated_out = from < pattern.length && pattern.at[from] == '!';
	from += *negated_out;
	/* A ']' that comes first stands for itself. */
	size_t end = from + 1;
	while (end < pattern.length && pattern.at[end] != ']')
		end++;
	*after_out = end + 1;
	return text_until(text_from(pattern, from), end - from);
}

/* One byte of the path against one pattern element that is not a run. */
static bool step(struct cursor *cursor)
{
	char byte = cursor->path.at[cursor->t];
	char wanted = cursor->pattern.at[cursor->p];
	size_t after = cursor->p + 1;
	bool same = wanted == byte;
	if (wanted == '?') {
		same = byte != '/';
	} else if (wanted == '[') {
		bool negated;
		struct text set = set_at(cursor->pattern, cursor->p, &negated, &after);
		same = byte != '/' && in_set(set, byte) != negated;
	} else if (wanted == '\\' && after < cursor->pattern.length) {
		same = cursor->pattern.at[after++] == byte;
	}
	if (!same)
		return false;
	cursor->p = after;
	cursor->t++;
	return true;
}

/* Where to go on after a mismatch: the last run takes one byte more. */
struct retry {
	size_t p, t;
	bool set;
};

/* Without braces. Two places to go back to are enough: the last `*` of this
 * level, and the last `**`. */
static bool matches_plain(struct text pattern, struct text path)
{
	struct cursor cursor = {.pattern = pattern, .path = path};
	struct retry level = {0};
	struct retry deep = {0};
	while (cursor.t < path.length || cursor.p < pattern.length) {
		bool run = cursor.p < pattern.length && pattern.at[cursor.p] == '*';
		if (run && cursor.p + 1 < pattern.length && pattern.at[cursor.p + 1] == '*') {
			cursor.p += 2;
			deep = (struct retry){cursor.p, cursor.t, true};
			level.set = false;
		} else if (run) {
			cursor.p++;
			level = (struct retry){cursor.p, cursor.t, true};
		} else if (cursor.t < path.length && cursor.p < pattern.length && step(&cursor)) {
			continue;
		} else if (level.set && level.t < path.length && path.at[level.t] != '/') {
			cursor.p = level.p;
			cursor.t = ++level.t;
		} else if (deep.set && deep.t < path.length) {
			cursor.p = deep.p;
			cursor.t = ++deep.t;
			level.set = false;
		} else {
			return false;
		}
	}
	return true;
}

/* First byte of `set` at or after `from` that is neither escaped nor in brackets. */
static size_t find_bare(struct text pattern, size_t from, const char *set)
{
	size_t at = from;
	while (at < pattern.length) {
		if (strchr(set, pattern.at[at]))
			return at;
		if (pattern.at[at] == '\\') {
			at += 2;
		} else if (pattern.at[at] == '[') {
			bool negated;
			(void)set_at(pattern, at, &negated, &at);
		} else {
			at++;
		}
	}
	return pattern.length;
}

/* The first braces are tried with each of their alternatives. Each level of the
 * recursion removes one pair, and a pattern has few: see glob_check. */
bool glob_matches(struct text pattern, struct text path)
{
	size_t open = find_bare(pattern, 0, "{");
	if (open >= pattern.length)
		return matches_plain(pattern, path);
	size_t close = find_bare(pattern, open + 1, "}");
	for (size_t from = open + 1; from <= close;) {
		size_t end = find_bare(pattern, from, ",}");
		char expanded[LIMIT_GLOB_BYTES];
		struct text tail = text_from(pattern, close + 1);
		if (open + (end - from) + tail.length > sizeof expanded)
			return false;
		memcpy(expanded, pattern.at, open);
		memcpy(expanded + open, pattern.at + from, end - from);
		memcpy(expanded + open + (end - from), tail.at, tail.length);
		struct text one = {expanded, open + (end - from) + tail.length};
		if (glob_matches(one, path))
			return true;
		from = end + 1;
	}
	return false;
}

enum status glob_check(struct text pattern, struct error *err)
{
	enum { BRACES_MAX = 4 };
	if (pattern.length > LIMIT_GLOB_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"exclusion of %zu bytes is longer than %d", pattern.length,
			LIMIT_GLOB_BYTES);
	unsigned braces = 0;
	for (size_t open = 0; (open = find_bare(pattern, open, "{")) < pattern.length;) {
		size_t end = find_bare(pattern, open + 1, "{}");
		if (end >= pattern.length || pattern.at[end] == '{' || ++braces > BRACES_MAX)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"exclusion '%.*s': braces must close, may not be nested, and at "
				"most %d pairs are taken",
				TEXT_ARG(pattern), BRACES_MAX);
		open = end + 1;
	}
	for (size_t at = 0; at < pattern.length; at++) {
		bool negated;
		if (pattern.at[at] == '\\') {
			at++;
		} else if (pattern.at[at] == '[') {
			(void)set_at(pattern, at, &negated, &at);
			if (at > pattern.length)
				return fail(err, STATUS_INVALID_ARGUMENT,
					"exclusion '%.*s': a bracket is not closed",
					TEXT_ARG(pattern));
			at--;
		}
	}
	return STATUS_OK;
}
