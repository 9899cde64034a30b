#include "catalog/definition.h"

#include "catalog/maps.h"
#include "catalog/names.h"
#include "proto/wire.h"
#include "schema/notation.h"

/* What crawlers and engines keep in parameters about the data, not about its
 * shape: Glue's crawler (recordCount … CRAWL_RUN_ID), Hive's and Spark's
 * statistics, and any key that ends as a time does. */
bool definition_measures(struct text key)
{
	static const char *const keys[] = {
		"recordCount",
		"objectCount",
		"sizeKey",
		"averageRecordSize",
		"CRAWL_RUN_ID",
		"numRows",
		"numFiles",
		"totalSize",
		"rawDataSize",
		"numPartitions",
		"transient_lastDdlTime",
		"spark.sql.statistics.numRows",
		"spark.sql.statistics.totalSize",
	};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (text_equal(key, text_of(keys[i])))
			return true;
	}
	return text_ends(key, TEXT("_time")) || text_ends(key, TEXT("_time_us"));
}

static void server_fields_clear(Tenon__V1__Table *table)
{
	static char empty[] = "";
	table->id = 0;
	table->version = 0;
	table->fingerprint = empty;
	table->create_time_us = 0;
	table->update_time_us = 0;
	table->updated_by = empty;
	table->partition_count = 0;
	table->n_owners = 0;
}

static struct text definition_pack(struct arena *arena, const Tenon__V1__Table *table)
{
	Tenon__V1__Table bare = *table;
	server_fields_clear(&bare);
	return wire_pack(arena, &bare.base);
}

/* A list of its own, from which entries may be taken. */
#define OWN_PARAMETERS(of)                                                          \
	((of)->parameters = arena_grow(arena, (of)->parameters, (of)->n_parameters, \
		 (of)->n_parameters, sizeof *(of)->parameters))

/* Without what only measures; whether there was any is in *measured_out, which is only
 * ever set. The rest is shared with `table`. */
static Tenon__V1__Table *without_counts(
	struct arena *arena, const Tenon__V1__Table *table, bool *measured_out)
{
	Tenon__V1__Table *bare = arena_alloc(arena, sizeof *bare);
	*bare = *table;
	bare->n_evidence = 0;
	OWN_PARAMETERS(bare);
	maps_remove(&bare->base, definition_measures);
	*measured_out =
		*measured_out || table->n_evidence || bare->n_parameters != table->n_parameters;
	if (!table->storage)
		return bare;
	bare->storage = arena_alloc(arena, sizeof *bare->storage);
	*bare->storage = *table->storage;
	OWN_PARAMETERS(bare->storage);
	maps_remove(&bare->storage->base, definition_measures);
	*measured_out =
		*measured_out || bare->storage->n_parameters != table->storage->n_parameters;
	return bare;
}

enum definition_change definition_compare(
	struct arena *arena, const Tenon__V1__Table *before, const Tenon__V1__Table *after)
{
	bool measured = false;
	if (text_equal(definition_pack(arena, before), definition_pack(arena, after)))
		return DEFINITION_SAME;
	const Tenon__V1__Table *a = without_counts(arena, before, &measured);
	const Tenon__V1__Table *b = without_counts(arena, after, &measured);
	bool same = measured && text_equal(definition_pack(arena, a), definition_pack(arena, b));
	return same ? DEFINITION_COUNTS : DEFINITION_CHANGED;
}

#define KEEP_COUNTS(to, from)                                                                    \
	do {                                                                                     \
		size_t kept_ = (to)->n_parameters;                                               \
		(to)->parameters = arena_grow(arena, (to)->parameters, kept_,                    \
			kept_ + (from)->n_parameters, sizeof *(to)->parameters);                 \
		for (size_t i_ = 0; i_ < (from)->n_parameters; i_++) {                           \
			if (definition_measures(text_of((from)->parameters[i_]->key)))           \
				(to)->parameters[(to)->n_parameters++] = (from)->parameters[i_]; \
		}                                                                                \
	} while (0)

void definition_keep_counts(
	struct arena *arena, Tenon__V1__Table *definition, const Tenon__V1__Table *from)
{
	definition->evidence = from->evidence;
	definition->n_evidence = from->n_evidence;
	maps_remove(&definition->base, definition_measures);
	KEEP_COUNTS(definition, from);
	if (!definition->storage)
		return;
	maps_remove(&definition->storage->base, definition_measures);
	if (from->storage)
		KEEP_COUNTS(definition->storage, from->storage);
}

enum status database_check(const Tenon__V1__Database *database, struct error *err)
{
	TRY(length_check(text_of(database->description), LIMIT_DESCRIPTION_BYTES,
		"the database's description", err));
	return length_check(
		text_of(database->location), LIMIT_LOCATION_BYTES, "the database's location", err);
}

/* As length_check, of what holds no NUL but its last. */
static inline enum status fits(
	const char *string, size_t bytes_max, const char *what, struct error *err)
{
	struct text text = text_of(string);
	return text.length <= bytes_max ? STATUS_OK : length_check(text, bytes_max, what, err);
}

static enum status column_check(const Tenon__V1__Column *column, struct error *err)
{
	TRY(name_check(text_of(column->name), "column name", err));
	enum status status = fits(column->type, LIMIT_TYPE_TEXT_BYTES, "its type", err);
	if (status == STATUS_OK)
		status = fits(column->comment, LIMIT_COMMENT_BYTES, "its comment", err);
	return status == STATUS_OK ? STATUS_OK : fail_within(err, "column '%s'", column->name);
}

enum status storage_check(const Tenon__V1__StorageDescriptor *storage, struct error *err)
{
	TRY(length_check(
		text_of(storage->location), LIMIT_LOCATION_BYTES, "the storage location", err));
	if (storage->n_columns > LIMIT_COLUMNS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "%zu columns, at most %d are allowed",
			storage->n_columns, LIMIT_COLUMNS);
	for (size_t i = 0; i < storage->n_columns; i++)
		TRY(column_check(storage->columns[i], err));
	return STATUS_OK;
}

/* The names met so far, by the hash of their letters in small. */
struct name_set {
	const char **slots;
	size_t slot_count; /* a power of two, four times the names or more */
};

static enum status name_add(struct name_set *set, const char *name, struct error *err)
{
	char small[LIMIT_NAME_BYTES];
	struct text folded = {small, 0};
	for (; folded.length < sizeof small && name[folded.length]; folded.length++)
		small[folded.length] = text_lower(name[folded.length]);
	for (size_t at = (size_t)hash_of_64(folded);; at++) {
		const char **slot = &set->slots[at & (set->slot_count - 1)];
		if (*slot && !text_equal_folded(text_of(*slot), folded))
			continue;
		if (*slot)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"two columns are called '%s' (letters' case and partition keys "
				"count "
				"too): rename one",
				name);
		*slot = name;
		return STATUS_OK;
	}
}

/* Two columns, or a column and a key, of one name but for its letters' case. All names
 * have been checked. */
static enum status names_differ(
	const Tenon__V1__Table *table, struct arena *arena, struct error *err)
{
	size_t columns = table->storage ? table->storage->n_columns : 0;
	struct name_set set = {.slot_count = 1};
	while (set.slot_count < 4 * (columns + table->n_partition_keys))
		set.slot_count *= 2;
	set.slots = arena_array(arena, set.slot_count, sizeof *set.slots);
	for (size_t i = 0; i < columns; i++)
		TRY(name_add(&set, table->storage->columns[i]->name, err));
	for (size_t i = 0; i < table->n_partition_keys; i++)
		TRY(name_add(&set, table->partition_keys[i]->name, err));
	return STATUS_OK;
}

static enum status keys_check(
	const Tenon__V1__Table *table, const struct schema *schema, struct error *err)
{
	for (size_t i = 0; i < table->n_partition_keys; i++) {
		TRY(column_check(table->partition_keys[i], err));
		if (!type_is_scalar(schema->keys[i].type))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"partition key '%s' is '%s': only scalar types can be keys",
				table->partition_keys[i]->name, table->partition_keys[i]->type);
	}
	return STATUS_OK;
}

static enum status table_check(const Tenon__V1__Table *table, struct error *err)
{
	TRY(length_check(text_of(table->description), LIMIT_DESCRIPTION_BYTES,
		"the table's description", err));
	TRY(length_check(text_of(table->owner), LIMIT_NAME_BYTES, "the table's owner", err));
	TRY(length_check(text_of(table->table_type), LIMIT_NAME_BYTES, "the table's type", err));
	TRY(length_check(text_of(table->view_original_text), LIMIT_VIEW_TEXT_BYTES,
		"the view's original text", err));
	TRY(length_check(text_of(table->view_expanded_text), LIMIT_VIEW_TEXT_BYTES,
		"the view's expanded text", err));
	if (table->retention < 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "retention is %lld: use 0 or more",
			(long long)table->retention);
	if (table->n_partition_keys > LIMIT_PARTITION_KEYS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu partition keys, at most %d are allowed", table->n_partition_keys,
			LIMIT_PARTITION_KEYS);
	return table->storage ? storage_check(table->storage, err) : STATUS_OK;
}

enum status definition_new(Tenon__V1__Table *table, struct arena *arena,
	Tenon__V1__Table **definition_out, struct schema *schema_out, struct error *err)
{
	struct text database;
	struct text name;
	TRY(name_fold(arena, text_of(table->database), "database name", &database, err));
	TRY(name_fold(arena, text_of(table->name), "table name", &name, err));
	TRY(table_check(table, err));
	struct schema schema;
	TRY(table_schema(table, arena, &schema, err));
	TRY(keys_check(table, &schema, err));
	TRY(names_differ(table, arena, err));
	TRY(maps_normalise(&table->base, err));
	Tenon__V1__Table *made = arena_alloc(arena, sizeof *made);
	*made = *table;
	server_fields_clear(made);
	made->database = arena_text(arena, database);
	made->name = arena_text(arena, name);
	*definition_out = made;
	*schema_out = schema;
	return STATUS_OK;
}

static enum status columns_parse(Tenon__V1__Column *const *at, size_t count, struct arena *arena,
	struct column **columns_out, struct error *err)
{
	struct column *columns = arena_array(arena, count, sizeof *columns);
	/* Most tables have few types, and columns next to each other share them. */
	enum { KNOWN = 4 };
	size_t known[KNOWN] = {0};
	for (size_t i = 0; i < count; i++) {
		const char *type = at[i]->type;
		columns[i].name = text_of(at[i]->name);
		columns[i].comment = text_of(at[i]->comment);
		for (size_t k = 0; k < KNOWN && !columns[i].type && known[k] < i; k++) {
			if (strcmp(at[known[k]]->type, type) == 0)
				columns[i].type = columns[known[k]].type;
		}
		if (columns[i].type)
			continue;
		if (type_parse(arena, text_of(type), &columns[i].type, err) != STATUS_OK)
			return fail_within(err, "column '%s'", at[i]->name);
		known[i % KNOWN] = i;
	}
	*columns_out = columns;
	return STATUS_OK;
}

enum status table_schema(const Tenon__V1__Table *table, struct arena *arena,
	struct schema *schema_out, struct error *err)
{
	struct column *columns = NULL;
	struct column *keys = NULL;
	size_t count = table->storage ? table->storage->n_columns : 0;
	if (count)
		TRY(columns_parse(table->storage->columns, count, arena, &columns, err));
	TRY(columns_parse(table->partition_keys, table->n_partition_keys, arena, &keys, err));
	*schema_out = (struct schema){columns, count, keys, table->n_partition_keys};
	return STATUS_OK;
}
