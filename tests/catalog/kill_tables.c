#include "tests/catalog/kill_make.h"

#include "catalog/conflicts.h"
#include "catalog/dropped.h"
#include "catalog/functions.h"
#include "catalog/owners.h"
#include "catalog/partition_indexes.h"
#include "catalog/partitions.h"
#include "catalog/version_keep.h"

#include <inttypes.h>

/* ---- dropped tables: made with partitions, dropped, brought back, dropped ---- */

static enum status filled_table(struct catalog_txn *txn, const char *database, const char *name,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__Table *table = kill_table(arena, database, name, step, false);
	TRY(table_create(txn, table, arena, &table, err));
	return kill_fill(txn, database, name, step, arena, err);
}

/* Whether the chores have purged what was dropped. It is made again then. */
static enum status is_purged(struct catalog_txn *txn, const char *database, const char *name,
	struct arena *arena, bool *purged_out, struct error *err)
{
	struct text token = TEXT("");
	*purged_out = false;
	do {
		Tenon__V1__Dropped **dropped;
		size_t count;
		TRY(dropped_list(
			txn, text_of(database), token, 100, arena, &dropped, &count, &token, err));
		for (size_t i = 0; i < count; i++) {
			if (strcmp(dropped[i]->table, name) == 0)
				return STATUS_OK;
		}
	} while (token.length);
	*purged_out = true;
	return STATUS_OK;
}

static enum status dropped_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	Tenon__V1__Table *table;
	bool purged;
	bool changed;
	switch (step % 4) {
	case 1:
		return filled_table(txn, cell->database, "u", step, arena, err);
	case 3:
		TRY(is_purged(txn, cell->database, "u", arena, &purged, err));
		if (purged)
			TRY(filled_table(txn, cell->database, "u", step - 2, arena, err));
		else
			TRY(table_undrop(
				txn, database, TEXT("u"), 0, TEXT(""), arena, &table, err));
		table = kill_table(arena, cell->database, "u", step, true);
		return table_update(txn, table, NULL, arena, &table, &changed, err);
	default:
		return table_delete(txn, database, TEXT("u"), err);
	}
}

static bool dropped_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Table *table;
	bool there = kill_find(txn, cell->database, "u", arena, &table, err);
	if (step % 2 == 0 || !there)
		return step % 2 == 0 && !there;
	const char *described = kill_table(arena, cell->database, "u", step, false)->description;
	return strcmp(table->description, described) == 0 &&
	       kill_is_filled(txn, cell->database, "u", step % 4 == 1 ? step : step - 2, arena);
}

/* ---- dropped databases: with a table, its partitions and a function ---- */

static enum status filled_database(struct catalog_txn *txn, const char *name, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Function function = TENON__V1__FUNCTION__INIT;
	Tenon__V1__Function *made;
	TRY(kill_database(txn, name, step, arena, err));
	TRY(kill_fill(txn, name, "t", step, arena, err));
	function.database = arena_text(arena, text_of(name));
	function.name = arena_text(arena, TEXT("f"));
	function.class_name = kill_number(arena, step);
	return function_create(txn, &function, arena, &made, err);
}

static enum status dropped_database_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__Database described = TENON__V1__DATABASE__INIT;
	struct text name = text_of(cell->name);
	Tenon__V1__Database *database;
	uint64_t tables;
	bool purged;
	switch (step % 4) {
	case 1:
		return filled_database(txn, cell->name, step, arena, err);
	case 3:
		TRY(is_purged(txn, cell->name, "", arena, &purged, err));
		if (purged)
			TRY(filled_database(txn, cell->name, step - 2, arena, err));
		else
			TRY(database_undrop(
				txn, name, 0, TEXT(""), arena, &database, &tables, err));
		described.name = arena_text(arena, name);
		described.description = kill_number(arena, step);
		return database_update(txn, name, &described, arena, &database, err);
	default:
		return database_delete(txn, name, true, err);
	}
}

static bool dropped_database_is_at(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	struct text name = text_of(cell->name);
	Tenon__V1__Database *database;
	Tenon__V1__Function *function;
	Tenon__V1__Table *table;
	bool there = database_get(txn, name, arena, &database, err) == STATUS_OK;
	if (kill_find(txn, cell->name, "t", arena, &table, err) != there ||
		(function_get(txn, name, TEXT("f"), arena, &function, err) == STATUS_OK) != there)
		return false;
	if (step % 2 == 0)
		return !there;
	uint64_t made = step % 4 == 1 ? step : step - 2;
	return there && kill_says(database->description, step) &&
	       kill_says(function->class_name, made) && database->table_count == 1 &&
	       kill_is_filled(txn, cell->name, "t", made, arena);
}

/* ---- versions: made and pinned, kept for so long, the next one pinned, deleted; the
 * chores remove what retention does not hold meanwhile ---- */

static enum status version_make(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	Tenon__V1__Table *table = kill_table(arena, cell->database, "t", step, false);
	Tenon__V1__TableVersion *pinned;
	bool changed;
	TRY(table_update(txn, table, NULL, arena, &table, &changed, err));
	if (step % 4 == 3)
		TRY(version_unpin(
			txn, database, TEXT("t"), table->version - 1, arena, &pinned, err));
	return version_pin(txn, database, TEXT("t"), table->version,
		text_of(kill_number(arena, step)), arena, &pinned, err);
}

static enum status versions_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	Tenon__V1__Retention retention = TENON__V1__RETENTION__INIT;
	Tenon__V1__TableVersion *version;
	Tenon__V1__Table *table;
	switch (step % 4) {
	case 1:
	case 3:
		return version_make(txn, cell, step, arena, err);
	case 2:
		retention.versions = 1 + step % 3;
		retention.versions_s = 1000000 + (int64_t)step;
		return retention_put(txn, database, TEXT("t"), &retention, arena, err);
	default:
		TRY(table_get(txn, database, TEXT("t"), arena, &table, err));
		TRY(version_unpin(txn, database, TEXT("t"), table->version, arena, &version, err));
		enum status status = version_get(
			txn, database, TEXT("t"), table->version - 1, arena, &version, err);
		return status == STATUS_NOT_FOUND
			       ? STATUS_OK
			       : version_delete(txn, database, TEXT("t"), table->version - 1, err);
	}
}

/* Whether version `number` is pinned by step `by`; 0: not there, or not pinned. */
static bool is_pinned_by(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t number,
	uint64_t by, struct arena *arena)
{
	struct error err;
	Tenon__V1__TableVersion *version;
	enum status status =
		version_get(txn, text_of(cell->database), TEXT("t"), number, arena, &version, &err);
	if (by == 0)
		return status == STATUS_NOT_FOUND || (status == STATUS_OK && !version->pinned);
	return status == STATUS_OK && version->pinned && kill_says(version->label, by);
}

static bool versions_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Retention *retention;
	Tenon__V1__TableVersion *gone;
	Tenon__V1__Table *table;
	bool own;
	if (retention_get(txn, text_of(cell->database), TEXT("t"), arena, &retention, &own, err) !=
			STATUS_OK ||
		!kill_find(txn, cell->database, "t", arena, &table, err))
		return false;
	if (step == 0)
		return table->version == 0 && !own;
	uint64_t begun = (step - 1) / 4 * 4 + 1; /* the first step of the cycle */
	uint64_t first = (begun - 1) / 2 + 1; /* its first version */
	uint64_t phase = step - begun;
	uint64_t kept_since = phase ? begun + 1 : begun > 4 ? begun - 3 : 0;
	if (own != (kept_since > 0) ||
		(own && retention->versions_s != 1000000 + (int64_t)kept_since))
		return false;
	if (phase == 3 && version_get(txn, text_of(cell->database), TEXT("t"), first, arena, &gone,
				  err) != STATUS_NOT_FOUND)
		return false;
	return table->version == (phase < 2 ? first : first + 1) &&
	       is_pinned_by(txn, cell, first, phase < 2 ? begun : 0, arena) &&
	       is_pinned_by(txn, cell, first + 1, phase == 2 ? step : 0, arena);
}

/* ---- conflicts: a person's field that a crawl finds otherwise, taken; another one, beside
 * what the crawl did change, kept ---- */

static enum status found_otherwise(struct catalog_txn *txn, const Tenon__V1__Table *table,
	uint64_t step, struct arena *arena, struct error *err)
{
	const struct conflict conflict = {
		.path = "description",
		.kept = table->description,
		.found = arena_printf(arena, "found%" PRIu64, step),
		.owner = owner_of(table, TEXT("description"), true),
	};
	if (!conflict.owner)
		return fail(err, STATUS_INTERNAL, "nobody owns the description");
	return conflicts_found(txn, table, kill_number(arena, step), &conflict, 1, err);
}

static enum status parameter_found(struct catalog_txn *txn, Tenon__V1__Table **table, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Table__ParametersEntry entry = TENON__V1__TABLE__PARAMETERS_ENTRY__INIT;
	Tenon__V1__Table__ParametersEntry *entries[] = {&entry};
	Tenon__V1__Table after = **table;
	entry.key = arena_text(arena, TEXT("crawled"));
	entry.value = kill_number(arena, step);
	after.parameters = entries;
	after.n_parameters = 1;
	return table_update_inferred(txn, &after, arena, table, err);
}

static enum status conflict_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__ResolveConflictRequest request = TENON__V1__RESOLVE_CONFLICT_REQUEST__INIT;
	Tenon__V1__Table *table;
	uint32_t resolved;
	bool changed;
	if (step % 2) {
		TRY(table_get(txn, text_of(cell->database), TEXT("t"), arena, &table, err));
		table->description = kill_number(arena, step);
		TRY(table_update(txn, table, NULL, arena, &table, &changed, err));
		if (step % 4 == 3)
			TRY(parameter_found(txn, &table, step, arena, err));
		return found_otherwise(txn, table, step, arena, err);
	}
	request.database = arena_text(arena, text_of(cell->database));
	request.table = arena_text(arena, TEXT("t"));
	request.path = arena_text(arena, TEXT("description"));
	request.take = step % 4 == 2;
	return conflict_resolve(txn, &request, arena, &table, &resolved, err);
}

static bool conflict_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__ListConflictsRequest request = TENON__V1__LIST_CONFLICTS_REQUEST__INIT;
	Tenon__V1__Conflict **conflicts;
	Tenon__V1__Table *table;
	struct text next;
	size_t count;
	request.database = arena_text(arena, text_of(cell->database));
	request.table = arena_text(arena, TEXT("t"));
	if (!kill_find(txn, cell->database, "t", arena, &table, err) ||
		conflicts_list(txn, &request, 10, arena, &conflicts, &count, &next, err) !=
			STATUS_OK)
		return false;
	if (step == 0)
		return table->version == 0 && count == 0;
	uint64_t said = step % 2 ? step : step - 1;
	const char *found = arena_printf(arena, "found%" PRIu64, said);
	uint64_t crawled = (step + 1) / 4 * 4; /* the last of the third steps, and one */
	bool marked = crawled ? table->n_parameters == 1 &&
					kill_says(table->parameters[0]->value, crawled - 1)
			      : table->n_parameters == 0;
	if (!marked || count != step % 2)
		return false;
	if (step % 4 == 2)
		return strcmp(table->description, found) == 0;
	return kill_says(table->description, said) &&
	       (count == 0 || (strcmp(conflicts[0]->found, found) == 0 &&
				      kill_says(conflicts[0]->kept, said)));
}

/* ---- keys of another type: every partition moves, in one write ---- */

static const char *const key_types[] = {NULL, "int", "string", "bigint"};

static Tenon__V1__Table *rekeyed(struct arena *arena, const struct kill_cell *cell, uint64_t step)
{
	Tenon__V1__Table *table = kill_table(arena, cell->database, "r", step, false);
	table->partition_keys[0]->type = arena_text(arena, text_of(key_types[step % 4]));
	return table;
}

static enum status rekey_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__Table *table;
	bool changed;
	switch (step % 4) {
	case 0:
		return table_delete(txn, text_of(cell->database), TEXT("r"), err);
	case 1:
		TRY(table_create(txn, rekeyed(arena, cell, step), arena, &table, err));
		return kill_fill(txn, cell->database, "r", step, arena, err);
	default:
		return table_update(
			txn, rekeyed(arena, cell, step), NULL, arena, &table, &changed, err);
	}
}

static bool rekey_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	uint64_t phase = step % 4;
	Tenon__V1__Partition **some;
	Tenon__V1__Table *table;
	struct text next;
	size_t count;
	bool there = kill_find(txn, cell->database, "r", arena, &table, err);
	if (phase == 0 || !there)
		return phase == 0 && !there;
	if (strcmp(table->partition_keys[0]->type, key_types[phase]) != 0 ||
		strcmp(table->description, rekeyed(arena, cell, step)->description) != 0 ||
		!kill_is_filled(txn, cell->database, "r", step - phase + 1, arena) ||
		partition_list(txn, text_of(cell->database), TEXT("r"),
			phase == 2 ? TEXT("k >= '9'") : TEXT("k >= 9"), TEXT(""), 100, arena, &some,
			&count, &next, err) != STATUS_OK)
		return false;
	return count == (phase == 2 ? 1 : KILL_BATCH - 9);
}

/* ---- partition indexes: more partitions than are indexed at once, in a few steps; an
 * index of them; some of them replaced while the chores fill it; another index instead;
 * all of it dropped ---- */

enum { PORTION = 210, PORTIONS = 5, GROUPS = 10, REPLACED = 10, INDEX_STEPS = PORTIONS + 4 };

static Tenon__V1__Partition *indexed(struct arena *arena, uint64_t key, uint64_t group)
{
	Tenon__V1__Partition *partition = kill_partition(arena, key, key);
	char *first = partition->values[0];
	partition->values = arena_array(arena, 2, sizeof *partition->values);
	partition->values[0] = first;
	partition->values[1] = kill_number(arena, group);
	partition->n_values = 2;
	return partition;
}

static enum status indexed_table(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__Table *table = kill_table(arena, cell->database, "p", step, false);
	table->partition_keys = arena_array(arena, 2, sizeof *table->partition_keys);
	table->partition_keys[0] = kill_column(arena, "k", "int");
	table->partition_keys[1] = kill_column(arena, "l", "int");
	table->n_partition_keys = 2;
	return table_create(txn, table, arena, &table, err);
}

static enum status indexed_add(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t portion, struct arena *arena, struct error *err)
{
	bool created;
	for (uint64_t key = portion * PORTION; key < (portion + 1) * PORTION; key++)
		TRY(partition_create(txn, text_of(cell->database), TEXT("p"),
			indexed(arena, key, key % GROUPS), false, &created, err));
	return STATUS_OK;
}

static enum status indexed_replace(struct catalog_txn *txn, const struct kill_cell *cell,
	struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	bool created;
	for (uint64_t key = 0; key < REPLACED; key++) {
		Tenon__V1__Partition *one = indexed(arena, key * GROUPS, 0);
		TRY(partition_delete(txn, database, TEXT("p"), one->values, 2, err));
		one = indexed(arena, PORTION * PORTIONS + key, GROUPS);
		TRY(partition_create(txn, database, TEXT("p"), one, false, &created, err));
	}
	return STATUS_OK;
}

static enum status index_make(struct catalog_txn *txn, const struct kill_cell *cell,
	const char *name, struct arena *arena, struct error *err)
{
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	Tenon__V1__PartitionIndex *made;
	char *keys[] = {arena_text(arena, TEXT("l"))};
	index.name = arena_text(arena, text_of(name));
	index.keys = keys;
	index.n_keys = 1;
	return partition_index_create(
		txn, text_of(cell->database), TEXT("p"), &index, arena, &made, err);
}

static enum status index_write(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	struct text database = text_of(cell->database);
	uint64_t phase = step % INDEX_STEPS;
	switch (phase) {
	case 0:
		return table_delete(txn, database, TEXT("p"), err);
	case PORTIONS + 1:
		return index_make(txn, cell, "x", arena, err);
	case PORTIONS + 2:
		return indexed_replace(txn, cell, arena, err);
	case PORTIONS + 3:
		TRY(partition_index_delete(txn, database, TEXT("p"), TEXT("x"), err));
		return index_make(txn, cell, "y", arena, err);
	default:
		if (phase == 1)
			TRY(indexed_table(txn, cell, step, arena, err));
		return indexed_add(txn, cell, phase - 1, arena, err);
	}
}

/* Which index there is that is not about to go, and no other. */
static bool index_is(struct catalog_txn *txn, const struct kill_cell *cell, const char *name,
	struct arena *arena)
{
	struct error err;
	Tenon__V1__PartitionIndex **indexes;
	size_t count;
	size_t found = 0;
	if (partition_indexes_list(txn, text_of(cell->database), TEXT("p"), arena, &indexes, &count,
		    &err) != STATUS_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (indexes[i]->state ==
			TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_DELETING)
			continue;
		if (!name || strcmp(indexes[i]->name, name) != 0 ||
			indexes[i]->state ==
				TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_FAILED)
			return false;
		found++;
	}
	return found == (name ? 1 : 0);
}

static size_t group_size(
	struct catalog_txn *txn, const struct kill_cell *cell, uint64_t group, struct arena *arena)
{
	struct error err;
	Tenon__V1__Partition **all;
	struct text next;
	size_t count;
	const char *expression = arena_printf(arena, "l = %" PRIu64, group);
	if (partition_list(txn, text_of(cell->database), TEXT("p"), text_of(expression), TEXT(""),
		    1000, arena, &all, &count, &next, &err) != STATUS_OK)
		return SIZE_MAX;
	for (size_t i = 0; i < count; i++) {
		if (!all[i]->storage || !kill_says(all[i]->values[1], group) ||
			strcmp(all[i]->storage->location, all[i]->values[0]) != 0)
			return SIZE_MAX;
	}
	return next.length ? SIZE_MAX : count;
}

static bool index_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	uint64_t phase = step % INDEX_STEPS;
	Tenon__V1__Table *table;
	bool there = kill_find(txn, cell->database, "p", arena, &table, err);
	if (phase == 0 || !there)
		return phase == 0 && !there;
	const char *described =
		kill_table(arena, cell->database, "p", step - phase + 1, false)->description;
	const char *index = phase <= PORTIONS ? NULL : phase <= PORTIONS + 2 ? "x" : "y";
	uint64_t portions = phase < PORTIONS ? phase : PORTIONS;
	uint64_t replaced = phase >= PORTIONS + 2 ? REPLACED : 0;
	uint64_t of_each = portions * PORTION / GROUPS;
	return strcmp(table->description, described) == 0 &&
	       table->partition_count == portions * PORTION && index_is(txn, cell, index, arena) &&
	       group_size(txn, cell, 0, arena) == of_each - replaced &&
	       group_size(txn, cell, 3, arena) == of_each &&
	       group_size(txn, cell, GROUPS, arena) == replaced;
}

static const struct kill_kind rows[] = {
	{"dropped table", dropped_write, dropped_is_at},
	{"dropped database", dropped_database_write, dropped_database_is_at},
	{"versions", versions_write, versions_is_at},
	{"conflict", conflict_write, conflict_is_at},
	{"keys of another type", rekey_write, rekey_is_at},
	{"partition index", index_write, index_is_at},
};

const struct kill_family kill_tables = KILL_FAMILY(rows);
