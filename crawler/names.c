#include "crawler/names.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

static char *plain_name(struct arena *arena, struct text location, const char *prefix)
{
	while (location.length && location.at[location.length - 1] == '/')
		location.length--;
	struct text last = text_from(location, text_find_last(location, '/') + 1);
	char *name = arena_printf(arena, "%s%.*s", prefix, TEXT_ARG(last));
	for (char *at = name; *at; at++) {
		*at = text_lower(*at);
		if ((*at < 'a' || *at > 'z') && (*at < '0' || *at > '9'))
			*at = '_';
	}
	if (!*name)
		return arena_text(arena, TEXT("table"));
	if (strlen(name) > TABLE_NAME_BYTES)
		name[TABLE_NAME_BYTES] = 0;
	return name;
}

struct named {
	char *name;
	size_t index;
};

static int by_name(const void *a, const void *b)
{
	const struct named *one = a;
	const struct named *other = b;
	int order = strcmp(one->name, other->name);
	return order ? order : (one->index > other->index) - (one->index < other->index);
}

char **names_of_groups(const struct groups *groups, const char *prefix, struct arena *arena)
{
	char **names = arena_array(arena, groups->count, sizeof *names);
	struct named *sorted = memory_new_array(groups->count + 1, sizeof *sorted);
	for (size_t i = 0; i < groups->count; i++) {
		names[i] = plain_name(arena, groups->at[i].root, prefix);
		sorted[i] = (struct named){names[i], i};
	}
	qsort(sorted, groups->count, sizeof *sorted, by_name);
	for (size_t i = 1; i < groups->count; i++) {
		if (strcmp(sorted[i].name, sorted[i - 1].name) != 0)
			continue;
		char hash[HASH_TEXT_BYTES];
		(void)hash_text(hash_of(groups->at[sorted[i].index].root), hash);
		struct text head =
			text_until(text_of(sorted[i].name), TABLE_NAME_BYTES - HASH_TEXT_BYTES);
		names[sorted[i].index] = arena_printf(arena, "%.*s_%s", TEXT_ARG(head), hash);
	}
	free(sorted);
	return names;
}
