#include "tests/catalog/model.h"

#include "catalog/dropped.h"
#include "catalog/partition_indexes.h"
#include "catalog/search.h"
#include "catalog/statistics.h"
#include "catalog/tags.h"
#include "catalog/version_keep.h"

/* A table, or one of its versions, is as the model's version says. */
static void same_definition(struct fixture *f, const struct model_table *model,
	const struct model_version *version, const Tenon__V1__Table *table)
{
	const Tenon__V1__Table *made = definition(f, model, version, 0, 0);
	assert_string_equal(table->description, made->description);
	assert_string_equal(table->storage->location, made->storage->location);
	assert_int_equal(table->storage->n_columns, made->storage->n_columns);
	for (size_t i = 0; i < table->storage->n_columns; i++) {
		assert_string_equal(
			table->storage->columns[i]->name, made->storage->columns[i]->name);
		assert_string_equal(
			table->storage->columns[i]->type, made->storage->columns[i]->type);
	}
}

static void same_versions(struct fixture *f, struct catalog_txn *txn,
	const struct model_table *model, struct text database, struct text name)
{
	struct text token = TEXT("");
	uint64_t expected = model->version + 1;
	do {
		Tenon__V1__TableVersion **versions;
		size_t count;
		assert_ok(version_list(txn, database, name, token, 7, VERSIONS_WITH_TABLES,
				  f->arena, &versions, &count, &token, &f->err),
			&f->err);
		for (size_t i = 0; i < count; i++) {
			while (expected && !model->versions[expected - 1].kept)
				expected--;
			assert_true(expected > 0);
			const struct model_version *version = &model->versions[--expected];
			assert_int_equal(versions[i]->version, expected);
			assert_int_equal(versions[i]->time_us, version->time_us);
			assert_int_equal(versions[i]->pinned, version->pinned);
			assert_string_equal(versions[i]->label, label_text(version->label));
			same_definition(f, model, version, versions[i]->table);
		}
	} while (token.length);
	while (expected && !model->versions[expected - 1].kept)
		expected--;
	assert_int_equal(expected, 0);
}

/* The newest version that was made by `time_us`, unless one that is gone may be it. */
static const struct model_version *version_as_of(const struct model_table *model, int64_t time_us)
{
	const struct model_version *before = NULL;
	bool gap = false;
	for (uint64_t v = 0; v <= model->version; v++) {
		const struct model_version *version = &model->versions[v];
		if (!version->kept) {
			gap = true;
		} else if (version->time_us <= time_us) {
			before = version;
			gap = false;
		} else {
			break;
		}
	}
	return gap ? NULL : before;
}

static void same_at_times(struct fixture *f, struct catalog_txn *txn, struct model *model,
	const struct model_table *table, struct text database, struct text name)
{
	for (int i = 0; i < 5; i++) {
		uint64_t v = (uint64_t)chance(model, (int)table->version + 1);
		int64_t time_us = table->versions[v].time_us + chance(model, 3) - 1;
		const struct model_version *version =
			time_us < table->versions[0].time_us ? NULL : version_as_of(table, time_us);
		Tenon__V1__Table *then;
		Tenon__V1__TableVersion *read;
		enum status status =
			table_get_as_of(txn, database, name, time_us, f->arena, &then, &f->err);
		assert_int_equal(status, version ? STATUS_OK : STATUS_NOT_FOUND);
		if (version)
			same_definition(f, table, version, then);
		status = version_get(txn, database, name, v, f->arena, &read, &f->err);
		assert_int_equal(status, table->versions[v].kept ? STATUS_OK : STATUS_NOT_FOUND);
		if (status == STATUS_OK)
			same_definition(f, table, &table->versions[v], read->table);
	}
}

static void same_partitions(struct fixture *f, struct catalog_txn *txn,
	const struct model_table *model, struct text database, struct text name)
{
	static const struct {
		const char *expression;
		int first, last; /* of the values */
	} rows[] = {
		{"", 0, VALUES - 1},
		{"k >= 2", 5, VALUES - 1},
		{"k = 0", 2, 3},
		{"k in (1, 10) or k between 100 and 1000 and k <> 1000", -1, 0},
	};
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		Tenon__V1__Partition **partitions;
		size_t count;
		size_t at = 0;
		struct text next;
		assert_ok(partition_list(txn, database, name, text_of(rows[r].expression), TEXT(""),
				  0, f->arena, &partitions, &count, &next, &f->err),
			&f->err);
		for (int i = 0; i < VALUES; i++) {
			bool matches = rows[r].first < 0 ? i == 4 || i == 7 || i == 9
							 : i >= rows[r].first && i <= rows[r].last;
			if (!model->partitions[i] || !matches)
				continue;
			assert_true(at < count);
			assert_string_equal(partitions[at++]->values[0], values[i]);
		}
		assert_int_equal(at, count);
	}
}

static void same_statistics(struct fixture *f, struct catalog_txn *txn,
	const struct model_table *model, struct text database, struct text name)
{
	for (int i = -1; i < VALUES; i++) {
		char *value = (char *)(uintptr_t)values[i < 0 ? 0 : i];
		struct statistics_place place = {database, name, &value, i < 0 ? 0 : 1};
		Tenon__V1__ColumnStatistics *now = NULL;
		if (i >= 0 && !model->partitions[i])
			continue;
		uint64_t nulls = i < 0 ? model->nulls : model->partition_nulls[i];
		assert_ok(statistics_get(txn, &place, TEXT("a"), f->arena, &now, &f->err), &f->err);
		assert_int_equal(now ? now->nulls : 0, nulls);
	}
}

static void same_tag(struct fixture *f, struct catalog_txn *txn, const char *resource, int tag)
{
	Tenon__Store__V1__TagsRecord *now;
	assert_ok(tags_get(txn, text_of(resource), f->arena, &now, &f->err), &f->err);
	assert_int_equal(now->n_tags, tag ? 1 : 0);
	if (tag)
		assert_string_equal(now->tags[0]->value, tag_text(f, tag));
}

static void same_table(
	struct fixture *f, struct catalog_txn *txn, struct model *model, int d, int n)
{
	const struct model_table *is = &model->databases[d].tables[n];
	struct text database = text_of(database_names[d]);
	struct text name = text_of(table_names[n]);
	Tenon__V1__PartitionIndex **indexes;
	Tenon__V1__Retention *retention;
	Tenon__V1__Table *table;
	size_t count;
	bool own;
	enum status status = table_get(txn, database, name, f->arena, &table, &f->err);
	assert_int_equal(status, is->exists ? STATUS_OK : STATUS_NOT_FOUND);
	if (!is->exists)
		return;
	assert_string_equal(table->database, database_names[d]);
	assert_string_equal(table->name, table_names[n]);
	assert_int_equal(table->id, is->id);
	assert_int_equal(table->version, is->version);
	same_definition(f, is, &is->versions[is->version], table);
	same_versions(f, txn, is, database, name);
	same_at_times(f, txn, model, is, database, name);
	same_partitions(f, txn, is, database, name);
	same_statistics(f, txn, is, database, name);
	same_tag(f, txn, resource_of(f, d, n), is->tag);
	size_t partitions = 0;
	for (int i = 0; i < VALUES; i++)
		partitions += is->partitions[i];
	assert_int_equal(table->partition_count, partitions);
	assert_ok(retention_get(txn, database, name, f->arena, &retention, &own, &f->err), &f->err);
	assert_int_equal(own, is->retention > 0);
	assert_int_equal(retention->versions, own ? is->retention : model->retention);
	assert_ok(partition_indexes_list(txn, database, name, f->arena, &indexes, &count, &f->err),
		&f->err);
	assert_int_equal(count, is->indexed);
	status = table_by_location(txn, database, text_of(is->home), f->arena, &table, &f->err);
	assert_int_equal(status, is->versions[is->version].placed ? STATUS_OK : STATUS_NOT_FOUND);
	if (status == STATUS_OK)
		assert_int_equal(table->id, is->id);
}

/* What to search for: tables whose description, tag or name has it. */
struct sought {
	const char *query;
	int mark; /* -1: none */
	int tag; /* 0: none */
	int n; /* -1: no name */
};

static bool is_sought(const struct model_table *table, int n, const struct sought *sought)
{
	return table->exists &&
	       (table->versions[table->version].mark == sought->mark ||
		       (sought->tag && table->tag == sought->tag) || n == sought->n);
}

static int place_of(const Tenon__V1__Table *table)
{
	for (int at = 0; at < DATABASES * NAMES; at++) {
		if (strcmp(table->database, database_names[at / NAMES]) == 0 &&
			strcmp(table->name, table_names[at % NAMES]) == 0)
			return at;
	}
	fail_msg("no table '%s.%s' was made", table->database, table->name);
	return 0;
}

/* Page by page, the tables that a search finds are those whose model has it. */
static void same_hits(struct fixture *f, struct catalog_txn *txn, const struct model *model,
	const struct sought *sought, size_t limit)
{
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	int hits[DATABASES * NAMES] = {0};
	request.query = arena_text(f->arena, text_of(sought->query));
	request.page_token = arena_text(f->arena, TEXT(""));
	do {
		Tenon__V1__SearchTablesResponse response = TENON__V1__SEARCH_TABLES_RESPONSE__INIT;
		assert_ok(
			table_search(txn, &request, limit, f->arena, &response, &f->err), &f->err);
		for (size_t i = 0; i < response.n_hits; i++)
			hits[place_of(response.hits[i]->table)]++;
		request.page_token = response.next_page_token;
	} while (*request.page_token);
	for (int at = 0; at < DATABASES * NAMES; at++) {
		const struct model_table *table = &model->databases[at / NAMES].tables[at % NAMES];
		int expected = is_sought(table, at % NAMES, sought);
		if (hits[at] != expected)
			fail_msg("'%s', %d a page, is found %d times in %s.%s", sought->query,
				(int)limit, hits[at], database_names[at / NAMES],
				table_names[at % NAMES]);
	}
}

static void same_drops(struct fixture *f, struct catalog_txn *txn, const struct model *model)
{
	struct text token = TEXT("");
	size_t listed = 0;
	size_t expected = 0;
	do {
		Tenon__V1__Dropped **dropped;
		size_t count;
		assert_ok(dropped_list(txn, TEXT(""), token, 5, f->arena, &dropped, &count, &token,
				  &f->err),
			&f->err);
		listed += count;
	} while (token.length);
	for (int i = 0; i < DROPS; i++)
		expected += model->drops[i].order > 0;
	assert_int_equal(listed, expected);
}

static void same_databases(struct fixture *f, struct catalog_txn *txn, const struct model *model)
{
	Tenon__V1__Database **databases;
	Tenon__V1__Table **tables;
	size_t count;
	size_t at = 0;
	struct text next;
	assert_ok(database_list(txn, TEXT(""), 0, f->arena, &databases, &count, &next, &f->err),
		&f->err);
	for (int d = 0; d < DATABASES; d++) {
		const struct model_database *is = &model->databases[d];
		size_t expected = 0;
		size_t listed;
		if (!is->exists)
			continue;
		for (int n = 0; n < NAMES; n++)
			expected += is->tables[n].exists;
		assert_true(at < count);
		assert_string_equal(databases[at]->name, database_names[d]);
		assert_int_equal(databases[at++]->table_count, expected);
		assert_ok(table_list(txn, text_of(database_names[d]), TEXT(""), 0, true, f->arena,
				  &tables, &listed, &next, &f->err),
			&f->err);
		assert_int_equal(listed, expected);
		same_tag(f, txn, resource_of(f, d, -1), is->tag);
	}
	assert_int_equal(at, count);
}

void same_everything(struct fixture *f, struct model *model)
{
	static const struct sought rows[] = {
		{"mark0", 0, 0, -1},
		{"mark1", 1, 0, -1},
		{"mark3", 3, 0, -1},
		{"tagged1", -1, 1, -1},
		{"tagged3", -1, 3, -1},
		/* In a name, and in what is described so: other ranks. */
		{"u", 1, 0, 2},
		{"zz", 2, 0, 3},
	};
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	same_databases(f, txn, model);
	for (int d = 0; d < DATABASES; d++) {
		for (int n = 0; n < NAMES; n++)
			same_table(f, txn, model, d, n);
	}
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		same_hits(f, txn, model, &rows[i], 1 + (size_t)chance(model, 5));
	same_drops(f, txn, model);
}
