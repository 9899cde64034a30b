#include "etl/path.h"

#include "base/limits.h"

/* The next name of `rest`, which is advanced past it and its dot. */
static enum status next_name(
	struct text *rest, struct text *name_out, bool *elements_out, struct error *err)
{
	struct text all = *rest;
	size_t end;
	if (rest->length && rest->at[0] == '`') {
		end = text_find(text_from(all, 1), '`');
		if (end + 1 >= all.length)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"path '%.*s' lacks a closing backtick", TEXT_ARG(all));
		*name_out = (struct text){all.at + 1, end};
		*rest = text_from(all, end + 2);
	} else {
		end = text_find(all, '.');
		size_t bracket = text_find(all, '[');
		end = bracket < end ? bracket : end;
		*name_out = text_until(all, end);
		*rest = text_from(all, end);
	}
	*elements_out = text_starts(*rest, TEXT("[]"));
	while (text_starts(*rest, TEXT("[]")))
		*rest = text_from(*rest, 2);
	if (!name_out->length || (rest->length && rest->at[0] != '.'))
		return fail(err, STATUS_INVALID_ARGUMENT, "'%.*s' is not a field's path",
			TEXT_ARG(all));
	*rest = text_from(*rest, 1);
	return STATUS_OK;
}

static size_t brackets_before(const char *at, const char *start)
{
	size_t count = 0;
	if (at > start && at[-1] == '.')
		at--;
	while (at - start >= 2 && at[-1] == ']' && at[-2] == '[') {
		count++;
		at -= 2;
	}
	return count;
}

enum status path_parse(
	struct arena *arena, const char *written, struct text *path_out, struct error *err)
{
	struct text rest = text_of(written), path = TEXT(""), name;
	size_t parts = 0;
	do {
		bool elements;
		TRY(next_name(&rest, &name, &elements, err));
		path = path_field(arena, path, name);
		for (size_t i = brackets_before(rest.at, written); elements && i > 0; i--)
			path = path_elements(arena, path);
		if (++parts > LIMIT_TYPE_DEPTH)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"path '%s' is deeper than %d fields", written, LIMIT_TYPE_DEPTH);
	} while (rest.length);
	*path_out = path;
	return STATUS_OK;
}

struct text path_field(struct arena *arena, struct text parent, struct text name)
{
	bool plain = text_find(name, '.') == name.length && text_find(name, '[') == name.length &&
		     text_find(name, '{') == name.length;
	char *path = arena_printf(arena, "%.*s%s%s%.*s%s", TEXT_ARG(parent),
		parent.length ? "." : "", plain ? "" : "`", TEXT_ARG(name), plain ? "" : "`");
	for (char *at = path + parent.length; *at; at++)
		*at = text_lower(*at);
	return text_of(path);
}

struct text path_elements(struct arena *arena, struct text parent)
{
	return text_of(arena_printf(arena, "%.*s[]", TEXT_ARG(parent)));
}

struct text path_values(struct arena *arena, struct text parent)
{
	return text_of(arena_printf(arena, "%.*s{}", TEXT_ARG(parent)));
}

bool path_within(struct text path, struct text ancestor)
{
	if (!text_starts(path, ancestor))
		return false;
	return path.length == ancestor.length || strchr(".[{", path.at[ancestor.length]);
}

enum status path_names(struct arena *arena, const char *written, struct text **names_out,
	size_t *count_out, struct error *err)
{
	struct text rest = text_of(written), *names = NULL;
	size_t count = 0;
	do {
		bool elements;
		names = arena_grow(arena, names, count, count + 1, sizeof *names);
		TRY(next_name(&rest, &names[count], &elements, err));
		if (elements)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"path '%s' leads into an array, which cannot be mapped here: use "
				"a sql node",
				written);
		if (++count > LIMIT_TYPE_DEPTH)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"path '%s' is deeper than %d fields", written, LIMIT_TYPE_DEPTH);
	} while (rest.length);
	*names_out = names;
	*count_out = count;
	return STATUS_OK;
}
