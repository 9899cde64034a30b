#include "service/merge.h"

#include "schema/join.h"
#include "schema/notation.h"

#include <string.h>

/* On a column that a person set: it outlives the versions that would tell. */
static char kept_key[] = "tenon.set_by";

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

bool author_is_person(struct text author)
{
	return !text_starts(author, TEXT("crawl ")) && !text_starts(author, TEXT("run "));
}

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

static bool is_marked(const Tenon__V1__Column *column)
{
	for (size_t i = 0; i < column->n_parameters; i++) {
		if (strcmp(column->parameters[i]->key, kept_key) == 0)
			return true;
	}
	return false;
}

/* Nothing was changed by a person when there is no base to differ from. */
static bool set_by_person(const Tenon__V1__Column *stored, const struct columns *base)
{
	if (is_marked(stored))
		return true;
	if (!base)
		return false;
	const Tenon__V1__Column *before = column_find(*base, stored->name);
	return !before || !same_type(stored, before);
}

static Tenon__V1__Column *marked(
	struct arena *arena, const Tenon__V1__Column *column, const char *who)
{
	Tenon__V1__Column *copy = arena_alloc(arena, sizeof *copy);
	*copy = *column;
	if (is_marked(column))
		return copy;
	Tenon__V1__Column__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
	*entry = (Tenon__V1__Column__ParametersEntry)TENON__V1__COLUMN__PARAMETERS_ENTRY__INIT;
	entry->key = kept_key;
	entry->value = arena_text(arena, text_of(who));
	copy->parameters = arena_grow(arena, column->parameters, column->n_parameters,
		column->n_parameters + 1, sizeof *copy->parameters);
	copy->parameters[copy->n_parameters++] = entry;
	return copy;
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

static void disagree(struct merged *merged, const Tenon__V1__Column *stored,
	const Tenon__V1__Column *found, bool is_key)
{
	merged->disagreements[merged->disagreement_count++] = (struct disagreement){
		.column = stored->name,
		.stored = stored->type,
		.found = found ? found->type : "",
		.is_key = is_key,
	};
}

struct owners {
	const char *who; /* changed the stored definition last */
	const struct columns *base;
	bool is_key;
};

/* In the order found, then the stored ones that only a person knows of. */
static struct columns merge_columns(struct arena *arena, struct columns stored,
	struct columns found, const struct owners *owners, struct merged *merged)
{
	struct columns out = {arena_array(arena, stored.count + found.count, sizeof *out.at), 0};
	for (size_t i = 0; i < found.count; i++) {
		const Tenon__V1__Column *old = column_find(stored, found.at[i]->name);
		if (!old) {
			out.at[out.count++] = found.at[i];
			continue;
		}
		Tenon__V1__Column *column = refreshed(arena, old, found.at[i]);
		if (!same_type(old, found.at[i]) && set_by_person(old, owners->base)) {
			disagree(merged, old, found.at[i], owners->is_key);
			column->type = old->type;
			column = marked(arena, column, owners->who);
		}
		out.at[out.count++] = column;
	}
	for (size_t i = 0; i < stored.count && !owners->is_key; i++) {
		if (column_find(found, stored.at[i]->name) ||
			!set_by_person(stored.at[i], owners->base))
			continue;
		disagree(merged, stored.at[i], NULL, false);
		out.at[out.count++] = marked(arena, stored.at[i], owners->who);
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

void merge_crawl(struct arena *arena, const Tenon__V1__Table *stored, const Tenon__V1__Table *base,
	const Tenon__V1__Table *found, struct merged *merged_out)
{
	size_t most = columns_of(stored).count + columns_of(found).count + keys_of(found).count;
	struct merged merged = {.table = merge_frame(arena, stored, found)};
	merged.disagreements = arena_array(arena, most, sizeof *merged.disagreements);
	struct columns before = base ? columns_of(base) : (struct columns){NULL, 0};
	struct columns keys_before = base ? keys_of(base) : (struct columns){NULL, 0};
	struct owners of_columns = {stored->updated_by, base ? &before : NULL, false};
	struct owners of_keys = {stored->updated_by, base ? &keys_before : NULL, true};
	set_columns(merged.table,
		merge_columns(arena, columns_of(stored), columns_of(found), &of_columns, &merged));
	struct columns keys =
		merge_columns(arena, keys_of(stored), keys_of(found), &of_keys, &merged);
	merged.table->partition_keys = keys.at;
	merged.table->n_partition_keys = keys.count;
	merged.keys_differ = !same_keys(keys, keys_of(stored));
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
