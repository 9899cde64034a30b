#include "clients/cli/field_words.h"

#include "base/text.h"

#include <string.h>

/* A proto's own names: "class_name" is "class name". */
static const char *plain(struct arena *arena, const char *path)
{
	char *words = arena_text(arena, text_of(path));
	for (char *byte = words; *byte; byte++)
		*byte = *byte == '_' || *byte == '.' ? ' ' : *byte;
	return words;
}

static const char *keyed(struct arena *arena, const char *what, const char *rest)
{
	return arena_printf(arena, "%s %s", what, rest);
}

static const char *field_of(struct arena *arena, const char *what, const char *rest)
{
	return arena_printf(arena, "%s%s%s", what, *what ? " " : "", plain(arena, rest));
}

/* NAME.comment or NAME.parameters.KEY, where NAME may have points of its own. */
static const char *column(struct arena *arena, const char *what, const char *rest)
{
	static const struct text comment = {".comment", sizeof ".comment" - 1};
	static const char parameters[] = ".parameters.";
	struct text all = text_of(rest);
	const char *key = strstr(rest, parameters);
	if (text_ends(all, comment))
		return arena_printf(arena, "comment of %s %.*s", what,
			TEXT_ARG(text_until(all, all.length - comment.length)));
	if (key)
		return arena_printf(arena, "parameter %s of %s %.*s", key + strlen(parameters),
			what, TEXT_ARG(text_until(all, (size_t)(key - rest))));
	return keyed(arena, what, rest);
}

/* NAME.FIELD of what has a name; and of a column's statistics NAME.KIND_values.FIELD. */
static const char *named(struct arena *arena, const char *what, const char *rest)
{
	const char *point = strchr(rest, '.');
	if (!point)
		return keyed(arena, what, rest);
	const char *values = strstr(point, "_values.");
	const char *field = values ? values + strlen("_values.") : point + 1;
	return arena_printf(
		arena, "%s %.*s: %s", what, (int)(point - rest), rest, plain(arena, field));
}

static const struct {
	const char *begins;
	const char *what;
	const char *(*say)(struct arena *arena, const char *what, const char *rest);
} rows[] = {
	{"storage.serde.parameters.", "serde parameter", keyed},
	{"storage.serde.", "serde", field_of},
	{"storage.parameters.", "storage parameter", keyed},
	{"storage.columns.", "column", column},
	{"storage.", "", field_of},
	{"partition_keys.", "partition key", column},
	{"parameters.", "parameter", keyed},
	{"default_args.", "argument", keyed},
	{"properties.", "property", keyed},
	{"tags.", "tag", keyed},
	{"plan.nodes.", "node", named},
	{"plan.", "plan", field_of},
	{"versions.", "version", named},
};

const char *field_words(struct arena *arena, const char *path)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (text_starts(text_of(path), text_of(rows[i].begins)))
			return rows[i].say(arena, rows[i].what, path + strlen(rows[i].begins));
	}
	if (strstr(path, "_values."))
		return named(arena, "column", path);
	return strchr(path, '.') ? path : plain(arena, path);
}
