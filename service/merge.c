#include "service/merge.h"

#include "catalog/field_diff.h"
#include "catalog/field_path.h"
#include "catalog/owners.h"
#include "schema/join.h"
#include "schema/notation.h"

#include <string.h>

/* What crawls set and may take back (reference: AWS Glue's crawler). */
static const char *const crawl_keys[] = {
	"classification",
	"compressionType",
	"delimiter",
	"quoteChar",
	"escapeChar",
	"skip.header.line.count",
	"header",
	"areColumnsQuoted",
	"encoding",
	"nullText",
	"jsonArray",
	/* of the serdes */
	"separatorChar",
	"field.delim",
	"paths",
	"commentCharacter",
	"columnsOrdered",
	"recordCount",
	"averageRecordSize",
	"exclusions",
	"DEPRECATED_BY_CRAWLER",
};

/* ---- maps: protobuf-c makes a type of its own for each, all of one shape ---- */

static const char *entry_key(const ProtobufCMessage *entry)
{
	const char *key;
	memcpy(&key, (const char *)entry + entry->descriptor->fields[0].offset, sizeof key);
	return key;
}

static size_t entry_find(ProtobufCMessage **entries, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(entry_key(entries[i]), key) == 0)
			return i;
	}
	return count;
}

static bool is_crawl_key(const char *key)
{
	for (size_t i = 0; i < sizeof crawl_keys / sizeof *crawl_keys; i++) {
		if (strcmp(key, crawl_keys[i]) == 0)
			return true;
	}
	return false;
}

/* The stored entries in their order, those of `found` in their place, then the new
 * ones: an unchanged map stays the same bytes. */
static void *map_merge(struct arena *arena, void *stored, size_t count, void *found,
	size_t found_count, size_t *out)
{
	ProtobufCMessage **old = stored;
	ProtobufCMessage **new = found;
	ProtobufCMessage **merged = arena_array(arena, count + found_count, sizeof *merged);
	size_t length = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = entry_find(new, found_count, entry_key(old[i]));
		if (at < found_count)
			merged[length++] = new[at];
		else if (!is_crawl_key(entry_key(old[i])))
			merged[length++] = old[i];
	}
	for (size_t i = 0; i < found_count; i++) {
		if (entry_find(old, count, entry_key(new[i])) == count)
			merged[length++] = new[i];
	}
	*out = length;
	return merged;
}

/* ---- columns ---- */

struct columns {
	Tenon__V1__Column **at;
	size_t count;
};

static Tenon__V1__Column *column_find(struct columns columns, const char *name)
{
	for (size_t i = 0; i < columns.count; i++) {
		if (text_equal_folded(text_of(columns.at[i]->name), text_of(name)))
			return columns.at[i];
	}
	return NULL;
}

static bool same_type(const Tenon__V1__Column *a, const Tenon__V1__Column *b)
{
	return text_equal_folded(text_of(a->type), text_of(b->type));
}

static Tenon__V1__Column *refreshed(
	struct arena *arena, const Tenon__V1__Column *stored, const Tenon__V1__Column *found)
{
	Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
	*column = *found;
	column->name = stored->name;
	if (*stored->comment)
		column->comment = stored->comment;
	column->parameters = map_merge(arena, stored->parameters, stored->n_parameters,
		found->parameters, found->n_parameters, &column->n_parameters);
	return column;
}

/* In the order found. */
static struct columns merge_columns(
	struct arena *arena, struct columns stored, struct columns found)
{
	struct columns out = {arena_array(arena, found.count, sizeof *out.at), 0};
	for (size_t i = 0; i < found.count; i++) {
		const Tenon__V1__Column *old = column_find(stored, found.at[i]->name);
		out.at[out.count++] = old ? refreshed(arena, old, found.at[i]) : found.at[i];
	}
	return out;
}

static struct columns columns_of(const Tenon__V1__Table *table)
{
	if (!table->storage)
		return (struct columns){NULL, 0};
	return (struct columns){table->storage->columns, table->storage->n_columns};
}

static struct columns keys_of(const Tenon__V1__Table *table)
{
	return (struct columns){table->partition_keys, table->n_partition_keys};
}

static bool same_keys(struct columns a, struct columns b)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count; i++) {
		if (!text_equal_folded(text_of(a.at[i]->name), text_of(b.at[i]->name)) ||
			!same_type(a.at[i], b.at[i]))
			return false;
	}
	return true;
}

/* ---- tables ---- */

static Tenon__V1__SerDe *merge_serde(
	struct arena *arena, Tenon__V1__SerDe *stored, Tenon__V1__SerDe *found)
{
	if (!stored || !found || strcmp(stored->library, found->library) != 0)
		return found ? found : stored;
	Tenon__V1__SerDe *serde = arena_alloc(arena, sizeof *serde);
	*serde = *found;
	if (*stored->name)
		serde->name = stored->name;
	serde->parameters = map_merge(arena, stored->parameters, stored->n_parameters,
		found->parameters, found->n_parameters, &serde->n_parameters);
	return serde;
}

static Tenon__V1__StorageDescriptor *merge_storage(struct arena *arena,
	const Tenon__V1__StorageDescriptor *stored, const Tenon__V1__StorageDescriptor *found)
{
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	*storage = *found;
	if (!stored)
		return storage;
	storage->serde = merge_serde(arena, stored->serde, found->serde);
	storage->parameters = map_merge(arena, stored->parameters, stored->n_parameters,
		found->parameters, found->n_parameters, &storage->n_parameters);
	return storage;
}

static char *either(char *stored, char *found)
{
	return *stored ? stored : found;
}

/* All but columns and keys. */
static Tenon__V1__Table *merge_frame(
	struct arena *arena, const Tenon__V1__Table *stored, const Tenon__V1__Table *found)
{
	static const Tenon__V1__StorageDescriptor none = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	*table = *found;
	table->database = stored->database;
	table->name = stored->name;
	table->description = either(stored->description, found->description);
	table->owner = either(stored->owner, found->owner);
	table->table_type = either(found->table_type, stored->table_type);
	table->view_original_text = stored->view_original_text;
	table->view_expanded_text = stored->view_expanded_text;
	table->retention = stored->retention;
	table->parameters = map_merge(arena, stored->parameters, stored->n_parameters,
		found->parameters, found->n_parameters, &table->n_parameters);
	table->storage =
		merge_storage(arena, stored->storage, found->storage ? found->storage : &none);
	return table;
}

static void set_columns(Tenon__V1__Table *table, struct columns columns)
{
	table->storage->columns = columns.at;
	table->storage->n_columns = columns.count;
}

/* What a crawl alone would make of the table. */
static Tenon__V1__Table *as_found(
	struct arena *arena, const Tenon__V1__Table *stored, const Tenon__V1__Table *found)
{
	Tenon__V1__Table *table = merge_frame(arena, stored, found);
	struct columns keys = merge_columns(arena, keys_of(stored), keys_of(found));
	set_columns(table, merge_columns(arena, columns_of(stored), columns_of(found)));
	table->partition_keys = keys.at;
	table->n_partition_keys = keys.count;
	return table;
}

/* The columns and keys that the data do not have (any more), as "columns.mag.". */
struct gone {
	struct text *prefixes;
	size_t count;
};

static struct gone gone_of(
	struct arena *arena, Tenon__V1__FieldChange *const *changes, size_t count)
{
	struct gone gone = {arena_array(arena, count + 1, sizeof *gone.prefixes), 0};
	for (size_t i = 0; i < count; i++) {
		struct text path = field_path_short(text_of(changes[i]->path));
		bool of_column = text_starts(path, TEXT("columns.")) ||
				 text_starts(path, TEXT("partition_keys."));
		if (of_column && text_ends(path, TEXT(".name")) && !*changes[i]->after &&
			!text_ends(path, TEXT(".parameters.name")))
			gone.prefixes[gone.count++] = text_until(path, path.length - 4);
	}
	return gone;
}

/* A column that left the data stays when its type is somebody's, and whole; a key that
 * left them cannot. */
static bool goes_with_its_column(const struct gone *gone, struct text path)
{
	for (size_t i = 0; i < gone->count; i++) {
		if (!text_starts(path, gone->prefixes[i]))
			continue;
		return text_starts(path, TEXT("partition_keys.")) ||
		       !text_equal(text_from(path, gone->prefixes[i].length), TEXT("type"));
	}
	return false;
}

void merge_crawl(struct arena *arena, const Tenon__V1__Table *stored, const Tenon__V1__Table *found,
	struct merged *merged_out)
{
	struct merged merged = {.table = as_found(arena, stored, found)};
	struct field_pair pair = {.before = &stored->base,
		.after = &merged.table->base,
		.columns = true,
		.whole = true};
	Tenon__V1__FieldChange **changes;
	size_t count;
	field_diff_any(arena, &pair, &changes, &count);
	struct gone gone = gone_of(arena, changes, count);
	merged.conflicts = arena_array(arena, count + 1, sizeof *merged.conflicts);
	for (size_t i = 0; i < count; i++) {
		struct text path = field_path_short(text_of(changes[i]->path));
		const Tenon__V1__FieldOwner *owner = owner_of(stored, path, *changes[i]->before);
		if (!owner || goes_with_its_column(&gone, path))
			continue;
		if (!field_copy(arena, merged.table, stored, path))
			continue;
		merged.conflicts[merged.conflict_count++] = (struct conflict){
			.path = arena_text(arena, path),
			.kept = changes[i]->before,
			.found = changes[i]->after,
			.owner = owner,
		};
	}
	merged.keys_differ = !same_keys(keys_of(merged.table), keys_of(stored));
	*merged_out = merged;
}

static enum status widened(struct arena *arena, const Tenon__V1__Column *stored,
	const Tenon__V1__Column *written, Tenon__V1__Column **column_out, struct error *err)
{
	const struct type *old;
	const struct type *new;
	TRY(type_parse(arena, text_of(stored->type), &old, err));
	TRY(type_parse(arena, text_of(written->type), &new, err));
	const struct type *both = type_join(arena, old, new);
	if (both->kind == TYPE_CHOICE && old->kind != TYPE_CHOICE)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"column '%s' is %s and the run wrote %s; cast it in the job, or change the "
			"table first",
			stored->name, stored->type, written->type);
	Tenon__V1__Column *column = refreshed(arena, stored, written);
	/* As it is written when nothing changes: the same bytes, no new version. */
	column->type = type_equal(both, old) ? stored->type
					     : arena_text(arena, text_of(type_text(arena, both)));
	*column_out = column;
	return STATUS_OK;
}

enum status merge_output(struct arena *arena, const Tenon__V1__Table *stored,
	const Tenon__V1__Table *written, Tenon__V1__Table **table_out, struct error *err)
{
	Tenon__V1__Table *table = merge_frame(arena, stored, written);
	struct columns old = columns_of(stored);
	struct columns new = columns_of(written);
	struct columns out = {arena_array(arena, old.count + new.count, sizeof *out.at), 0};
	if (!same_keys(keys_of(stored), keys_of(written)))
		return fail(err, STATUS_FAILED_PRECONDITION,
			"its partition keys are not those that the run wrote by; name the table's "
			"own in the target");
	table->partition_keys = stored->partition_keys;
	for (size_t i = 0; i < old.count; i++) {
		const Tenon__V1__Column *again = column_find(new, old.at[i]->name);
		out.at[out.count] = old.at[i];
		if (again)
			TRY(widened(arena, old.at[i], again, &out.at[out.count], err));
		out.count++;
	}
	for (size_t i = 0; i < new.count; i++) {
		if (!column_find(old, new.at[i]->name))
			out.at[out.count++] = new.at[i];
	}
	set_columns(table, out);
	if (!*table->storage->location && stored->storage)
		table->storage->location = stored->storage->location;
	*table_out = table;
	return STATUS_OK;
}
