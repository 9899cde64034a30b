#include "crawler/group.h"

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"
#include "crawler/keys.h"
#include "crawler/unit.h"

#include <stdlib.h>

struct grouping {
	const struct found *found;
	const struct group_options *options;
	struct rows *rows;
	struct arena *arena;
};

/* Objects first .. end of `found`, which all lie under `path`. */
struct folder {
	struct text path;
	size_t first, end;
	unsigned depth; /* of the recursion */
};

/* What a reader must know once per table. Compression is not in it: every
 * reader tells it from the bytes. */
static uint64_t compatibility(const Tenon__V1__Inferred *inferred)
{
	const Tenon__V1__Dialect *dialect = inferred->dialect;
	struct buffer SCOPED_BUFFER text;
	buffer_init(&text, 4096);
	buffer_add_string(&text, inferred->classification);
	if (dialect)
		buffer_printf(&text, "\n%s\n%s\n%d\n%u\n%s\n%d", dialect->delimiter,
			dialect->escape, dialect->header, dialect->skip, dialect->encoding,
			dialect->array);
	return hash_of_64(buffer_text(&text));
}

static struct unit file_unit(const struct grouping *grouping, size_t index)
{
	const struct found *found = &grouping->found[index];
	size_t *member = arena_alloc(grouping->arena, sizeof *member);
	*member = index;
	return (struct unit){
		.root = found->object->path,
		.members = member,
		.count = 1,
		.depth = path_depth(found->object->path),
		.compatible = compatibility(found->entry->inferred),
		.row = found->row,
		.similarity = 1,
	};
}

/* Where the names of a folder's children start in paths. */
static size_t names_start(struct text folder)
{
	return folder.length + (folder.length == 0 || folder.at[folder.length - 1] != '/');
}

/* The child that `first` is, or lies in: *next_out is past its objects. */
static bool child_at(const struct grouping *grouping, const struct folder *folder, size_t first,
	struct folder *child_out)
{
	struct text path = grouping->found[first].object->path;
	size_t start = names_start(folder->path);
	size_t length = text_find(text_from(path, start), '/');
	bool is_folder = start + length < path.length;
	struct text child = text_until(path, start + length);
	size_t end = first + 1;
	if (is_folder) {
		struct text below = text_until(path, start + length + 1);
		while (end < folder->end && text_starts(grouping->found[end].object->path, below))
			end++;
	}
	*child_out = (struct folder){child, first, end, folder->depth + 1};
	return is_folder;
}

static void folder_units(
	const struct grouping *grouping, const struct folder *folder, struct units *out);

/* A folder's children, files and folders apart. */
struct children {
	struct units files;
	struct units folders; /* the units of all subfolders, one after the other */
	bool closed; /* a subfolder is more or less than one unit of its own */
	bool declared; /* all subfolders are key=value of one key */
	size_t folder_count;
	struct text key;
};

static void add_subfolder(
	const struct grouping *grouping, const struct folder *child, struct children *children)
{
	struct units units = {0};
	folder_units(grouping, child, &units);
	if (units.count == 0) /* nothing in it is a table's */
		return;
	struct text key;
	struct text name = text_from(child->path, text_find_last(child->path, '/') + 1);
	bool declared = key_of_folder(name, &key);
	if (children->folder_count++ == 0) {
		children->declared = declared;
		children->key = key;
	}
	children->declared &= declared && text_equal_folded(key, children->key);
	children->closed |= units.count != 1 || !units.at[0].whole;
	for (size_t i = 0; i < units.count; i++)
		units_add(&children->folders, grouping->arena, units.at[i]);
}

static void collect(
	const struct grouping *grouping, const struct folder *folder, struct children *children)
{
	struct folder child;
	for (size_t at = folder->first; at < folder->end; at = child.end) {
		if (child_at(grouping, folder, at, &child) && folder->depth < LIMIT_FOLDER_DEPTH) {
			add_subfolder(grouping, &child, children);
			continue;
		}
		for (size_t i = child.first; i < child.end; i++) {
			if (grouping->found[i].row)
				units_add(
					&children->files, grouping->arena, file_unit(grouping, i));
		}
	}
}

static void add_all(const struct grouping *grouping, const struct units *units, struct units *out)
{
	for (size_t i = 0; i < units->count; i++)
		units_add(out, grouping->arena, units->at[i]);
}

static void close_all(struct units *units)
{
	for (size_t i = 0; i < units->count; i++)
		units->at[i].whole = false;
}

/* Folders with no files beside them. A lone folder that is no key=value stays a
 * table of its own name, unless one more level above makes it a partition. */
static void combine_folders(const struct grouping *grouping, const struct folder *folder,
	struct children *children, struct units *out)
{
	struct units *units = &children->folders;
	double threshold = children->declared ? GROUP_SIMILAR_DECLARED : GROUP_SIMILAR;
	if (grouping->options->combine_compatible)
		threshold = 0;
	struct unit all;
	bool lone = children->folder_count == 1 && !children->declared;
	if (!children->closed && !lone &&
		units_combine(units->at, units->count, folder->path, threshold, grouping->rows,
			grouping->arena, &all)) {
		units_add(out, grouping->arena, all);
		return;
	}
	if (!lone)
		close_all(units);
	add_all(grouping, units, out);
}

static void combine_files(const struct grouping *grouping, const struct folder *folder,
	struct units *files, struct units *out)
{
	struct unit all;
	double threshold = grouping->options->combine_compatible ? 0 : GROUP_SIMILAR;
	if (units_combine(files->at, files->count, folder->path, threshold, grouping->rows,
		    grouping->arena, &all))
		units_add(out, grouping->arena, all);
	else
		add_all(grouping, files, out);
}

/* Levels as AWS Glue counts them: a bucket, or the first folder, is level 1. */
static size_t level_of(struct text path)
{
	char *scheme = memmem(path.at, path.length, "://", 3);
	if (scheme)
		return path_depth(text_from(path, (size_t)(scheme - path.at) + 3)) + 1;
	return path.length > 1 ? path_depth(path) : 0;
}

static bool fit_together(const struct unit *a, const struct unit *b)
{
	return a->compatible == b->compatible && a->depth == b->depth;
}

/* The unit whose like are most; of the first KINDS_MAX kinds that come. */
static const struct unit *most_common(const struct units *units)
{
	enum { KINDS_MAX = 64 };
	const struct unit *kinds[KINDS_MAX];
	size_t counts[KINDS_MAX] = {0};
	size_t kind_count = 0;
	size_t best = 0;
	for (size_t i = 0; i < units->count; i++) {
		size_t kind = 0;
		while (kind < kind_count && !fit_together(kinds[kind], &units->at[i]))
			kind++;
		if (kind == KINDS_MAX)
			continue;
		if (kind == kind_count)
			kinds[kind_count++] = &units->at[i];
		counts[kind]++;
	}
	for (size_t kind = 1; kind < kind_count; kind++)
		best = counts[kind] > counts[best] ? kind : best;
	return kind_count ? kinds[best] : NULL;
}

/* The folder is a table because the user said so: the most common compatible
 * objects of one depth. What cannot be in it stays apart. */
static void force_table(
	const struct grouping *grouping, const struct folder *folder, struct units *out)
{
	struct units left = {0};
	for (size_t i = folder->first; i < folder->end; i++) {
		if (grouping->found[i].row)
			units_add(&left, grouping->arena, file_unit(grouping, i));
	}
	const struct unit *best = most_common(&left);
	struct units chosen = {0};
	for (size_t i = 0; best && i < left.count; i++) {
		bool fits = fit_together(best, &left.at[i]);
		units_add(fits ? &chosen : out, grouping->arena, left.at[i]);
	}
	struct unit all;
	if (units_combine(chosen.at, chosen.count, folder->path, 0, grouping->rows, grouping->arena,
		    &all))
		units_add(out, grouping->arena, all);
	else
		add_all(grouping, &chosen, out);
}

static void folder_units(
	const struct grouping *grouping, const struct folder *folder, struct units *out)
{
	size_t forced = grouping->options->table_level;
	size_t level = level_of(folder->path);
	if (forced && level == forced) {
		force_table(grouping, folder, out);
		return;
	}
	struct children children = {0};
	collect(grouping, folder, &children);
	if (forced && level < forced) {
		close_all(&children.folders);
		add_all(grouping, &children.files, out);
		add_all(grouping, &children.folders, out);
	} else if (children.folder_count == 0) {
		combine_files(grouping, folder, &children.files, out);
	} else {
		/* A file beside folders is a table of its own: a table at this folder
		 * would claim the folders too. It parts them, unless they say by
		 * key=value that they belong together. */
		children.closed |= children.files.count && !children.declared;
		add_all(grouping, &children.files, out);
		combine_folders(grouping, folder, &children, out);
	}
}

static int by_root(const void *a, const void *b)
{
	const struct group *one = a;
	const struct group *other = b;
	return text_compare(one->root, other->root);
}

void groups_find(const struct found *found, size_t count, struct text target,
	const struct group_options *options, struct rows *rows, struct arena *arena,
	struct groups *groups_out)
{
	struct grouping grouping = {found, options, rows, arena};
	struct units units = {0};
	if (count == 1 && text_equal(found[0].object->path, target)) {
		if (found[0].row)
			units_add(&units, arena, file_unit(&grouping, 0));
	} else {
		struct folder folder = {target, 0, count, 0};
		folder_units(&grouping, &folder, &units);
	}
	struct group *groups = arena_array(arena, units.count, sizeof *groups);
	for (size_t i = 0; i < units.count; i++) {
		const struct unit *unit = &units.at[i];
		bool is_file = text_equal(found[unit->members[0]].object->path, unit->root);
		groups[i] = (struct group){
			.root = unit->root,
			.members = unit->members,
			.count = unit->count,
			.levels = is_file ? 0 : unit->depth - path_depth(unit->root) - 1,
			.row = unit->row,
			.similarity = unit->similarity,
		};
	}
	qsort(groups, units.count, sizeof *groups, by_root);
	*groups_out = (struct groups){groups, units.count};
}
