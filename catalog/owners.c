#include "catalog/owners.h"

#include "catalog/field_diff.h"
#include "catalog/field_grade.h"
#include "catalog/field_path.h"

#include <stdlib.h>
#include <string.h>

bool author_is_person(struct text author)
{
	return !text_starts(author, TEXT("crawl ")) && !text_starts(author, TEXT("run "));
}

static int compare_owners(const void *a, const void *b)
{
	return strcmp((*(Tenon__V1__FieldOwner *const *)a)->path,
		(*(Tenon__V1__FieldOwner *const *)b)->path);
}

static Tenon__V1__FieldOwner *find(const Tenon__V1__Table *table, const char *path)
{
	Tenon__V1__FieldOwner key = TENON__V1__FIELD_OWNER__INIT;
	Tenon__V1__FieldOwner *wanted = &key;
	key.path = (char *)(uintptr_t)path;
	if (table->n_owners == 0)
		return NULL;
	Tenon__V1__FieldOwner **found = bsearch(
		&wanted, table->owners, table->n_owners, sizeof *table->owners, compare_owners);
	return found ? *found : NULL;
}

static Tenon__V1__FieldOwner *made(struct arena *arena, const char *path,
	Tenon__V1__Ownership ownership, const struct ownership *by)
{
	Tenon__V1__FieldOwner *entry = arena_alloc(arena, sizeof *entry);
	tenon__v1__field_owner__init(entry);
	entry->path = arena_text(arena, text_of(path));
	entry->ownership = ownership;
	entry->author = arena_text(arena, text_of(by->author));
	entry->time_us = by->time_us;
	return entry;
}

/* The name of a column says that it came or went; its type is what somebody set. */
static bool is_name(struct text path)
{
	return (text_starts(path, TEXT("columns.")) ||
		       text_starts(path, TEXT("partition_keys."))) &&
	       text_ends(path, TEXT(".name")) && !text_ends(path, TEXT(".parameters.name"));
}

/* What becomes of one path; no entry: it has none any more. */
struct decision {
	const char *path;
	Tenon__V1__FieldOwner *entry;
};

struct following {
	struct arena *arena;
	const struct ownership *by;
	bool inferred;
	bool has_default; /* what is inferred must be said then */
	struct decision *decisions;
	size_t count;
	const char **gone; /* "columns.mag." */
	size_t gone_count;
};

static int compare_decisions(const void *a, const void *b)
{
	return strcmp(((const struct decision *)a)->path, ((const struct decision *)b)->path);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void decide(struct following *following, const Tenon__V1__FieldChange *change)
{
	struct text path = field_path_short(text_of(change->path));
	const char *name = arena_text(following->arena, path);
	if (is_name(path)) {
		if (!*change->after)
			following->gone[following->gone_count++] = arena_text(
				following->arena, text_until(path, path.length - strlen("name")));
		return;
	}
	if (field_measures(path))
		return;
	Tenon__V1__FieldOwner *entry = NULL;
	if (!following->inferred)
		entry = made(following->arena, name, TENON__V1__OWNERSHIP__OWNERSHIP_HUMAN,
			following->by);
	else if (following->has_default)
		entry = made(following->arena, name, TENON__V1__OWNERSHIP__OWNERSHIP_INFERRED,
			following->by);
	following->decisions[following->count++] = (struct decision){name, entry};
}

/* Whether its column went. */
static bool is_gone(const struct following *following, const char *path)
{
	size_t low = 0;
	size_t high = following->gone_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (strcmp(following->gone[middle], path) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && text_starts(text_of(path), text_of(following->gone[low - 1]));
}

static void keep(
	const struct following *following, Tenon__V1__Table *after, Tenon__V1__FieldOwner *entry)
{
	if (entry && !is_gone(following, entry->path))
		after->owners[after->n_owners++] = entry;
}

/* Both are sorted; where they meet the decision holds. */
static void merge_owners(
	const struct following *following, const Tenon__V1__Table *before, Tenon__V1__Table *after)
{
	size_t b = 0;
	size_t d = 0;
	while (b < before->n_owners || d < following->count) {
		int order = b == before->n_owners ? 1
			    : d == following->count
				    ? -1
				    : strcmp(before->owners[b]->path, following->decisions[d].path);
		keep(following, after,
			order < 0 ? before->owners[b] : following->decisions[d].entry);
		b += order <= 0;
		d += order >= 0;
	}
}

void owners_follow(struct arena *arena, const Tenon__V1__Table *before, Tenon__V1__Table *after,
	const struct ownership *by)
{
	struct following following = {.arena = arena, .by = by};
	Tenon__V1__FieldChange **changes;
	size_t count;
	following.inferred = by->inferred || !author_is_person(text_of(by->author));
	after->owners = NULL;
	after->n_owners = 0;
	if (!before) {
		if (following.inferred)
			return;
		after->owners = arena_array(arena, 1, sizeof *after->owners);
		after->owners[after->n_owners++] =
			made(arena, "", TENON__V1__OWNERSHIP__OWNERSHIP_DECLARED, by);
		return;
	}
	struct field_pair pair = {
		.before = &before->base, .after = &after->base, .columns = true, .whole = true};
	field_diff_any(arena, &pair, &changes, &count);
	following.has_default = find(before, "") != NULL;
	following.decisions = arena_array(arena, count + 1, sizeof *following.decisions);
	following.gone = arena_array(arena, count + 1, sizeof *following.gone);
	for (size_t i = 0; i < count; i++)
		decide(&following, changes[i]);
	if (following.count)
		qsort(following.decisions, following.count, sizeof *following.decisions,
			compare_decisions);
	if (following.gone_count)
		qsort(following.gone, following.gone_count, sizeof *following.gone, compare_texts);
	after->owners = arena_array(arena, before->n_owners + count + 1, sizeof *after->owners);
	merge_owners(&following, before, after);
}

/* Before owners were kept, what a person set was marked on its column. */
static bool is_marked(const Tenon__V1__Table *table, struct text path)
{
	struct text name;
	if (!table->storage || !field_path_column_type(path, &name))
		return false;
	for (size_t i = 0; i < table->storage->n_columns; i++) {
		const Tenon__V1__Column *column = table->storage->columns[i];
		if (!text_equal_folded(text_of(column->name), name))
			continue;
		for (size_t k = 0; k < column->n_parameters; k++) {
			if (strcmp(column->parameters[k]->key, "tenon.set_by") == 0)
				return true;
		}
	}
	return false;
}

const Tenon__V1__FieldOwner *owner_of(
	const Tenon__V1__Table *table, struct text path, bool has_value)
{
	static char nobody[] = "";
	static const Tenon__V1__FieldOwner marked = {
		.base = PROTOBUF_C_MESSAGE_INIT(&tenon__v1__field_owner__descriptor),
		.path = nobody,
		.author = nobody,
		.ownership = TENON__V1__OWNERSHIP__OWNERSHIP_HUMAN};
	OWNED(arena) arena = arena_new();
	if (field_measures(path) || is_name(path))
		return NULL;
	const Tenon__V1__FieldOwner *own = find(table, arena_text(arena, path));
	if (own)
		return own->ownership == TENON__V1__OWNERSHIP__OWNERSHIP_INFERRED ? NULL : own;
	if (is_marked(table, path))
		return &marked;
	return has_value ? find(table, "") : NULL;
}
