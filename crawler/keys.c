#include "crawler/keys.h"

bool key_of_folder(struct text name, struct text *key_out)
{
	size_t equals = text_find(name, '=');
	*key_out = text_until(name, equals);
	return equals > 0 && equals < name.length && equals <= LIMIT_NAME_BYTES;
}

struct text folder_of(struct text path)
{
	size_t slash = text_find_last(path, '/');
	return slash == SIZE_MAX ? text_until(path, 0) : text_until(path, slash);
}

/* Folder number `level` below the root, which is no object itself. */
static struct text folder_name(const struct group *group, struct text path, size_t level)
{
	bool slash = group->root.length && group->root.at[group->root.length - 1] == '/';
	struct text rest = text_from(path, group->root.length + !slash);
	struct text name = {0};
	bool more = true;
	for (size_t i = 0; i <= level; i++)
		(void)text_split(&rest, &more, '/', &name);
	return name;
}

static int hex(char byte)
{
	char lower = text_lower(byte);
	if (lower >= '0' && lower <= '9')
		return lower - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Hive escapes what a folder name cannot hold as %XX. What does not decode to
 * clean text stays as it is. */
static struct text decoded(struct arena *arena, struct text text)
{
	char *out = arena_alloc(arena, text.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < text.length; i++) {
		int high = i + 2 < text.length && text.at[i] == '%' ? hex(text.at[i + 1]) : -1;
		int low = high >= 0 ? hex(text.at[i + 2]) : -1;
		if (low >= 0) {
			out[length++] = (char)(high * 16 + low);
			i += 2;
		} else {
			out[length++] = text.at[i];
		}
	}
	struct text result = {out, length};
	return text_is_utf8(result) && !memchr(out, 0, length) ? result : text;
}

static struct text folded(struct arena *arena, struct text text)
{
	char *out = arena_text(arena, text);
	for (size_t i = 0; i < text.length; i++)
		out[i] = text_lower(out[i]);
	return (struct text){out, text.length};
}

static bool is_taken(const struct text *keys, size_t count, struct text key)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(keys[i], key))
			return true;
	}
	return false;
}

/* The key on which all folders of the level agree, or an empty text. */
static struct text declared_key(const struct found *found, const struct group *group, size_t level)
{
	struct text key = {0};
	struct text folder = {0};
	for (size_t i = 0; i < group->count; i++) {
		struct text path = found[group->members[i]].object->path;
		if (i && text_equal(folder_of(path), folder))
			continue; /* the same folders as the object before */
		folder = folder_of(path);
		struct text own;
		if (!key_of_folder(folder_name(group, path, level), &own) ||
			(i && !text_equal_folded(own, key)))
			return (struct text){0};
		key = own;
	}
	return key;
}

struct text *keys_of_group(
	const struct found *found, const struct group *group, struct arena *arena)
{
	struct text *keys = arena_array(arena, group->levels, sizeof *keys);
	for (size_t level = 0; level < group->levels; level++) {
		struct text key = declared_key(found, group, level);
		keys[level] = folded(arena, decoded(arena, key));
		if (key.length == 0 || is_taken(keys, level, keys[level]))
			keys[level] = text_of(arena_printf(arena, "partition_%zu", level));
	}
	return keys;
}

struct text *key_values(
	const struct group *group, const struct text *keys, struct text path, struct arena *arena)
{
	struct text *values = arena_array(arena, group->levels, sizeof *values);
	for (size_t level = 0; level < group->levels; level++) {
		struct text name = folder_name(group, path, level);
		struct text own;
		if (key_of_folder(name, &own) &&
			text_equal_folded(decoded(arena, own), keys[level]))
			name = decoded(arena, text_from(name, own.length + 1));
		values[level] = name;
	}
	return values;
}
