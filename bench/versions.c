#include "base/text.h"
#include "catalog/figures.h"
#include "catalog/tables.h"
#include "catalog/txn.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* bench_versions FOLDER COLUMNS VERSIONS [KIND]: what one more version of a table costs, in
 * bytes of the store and in CPU time. FOLDER must not be a catalog yet. KIND is what each
 * update changes: "comment" (of one column after the other), "parameter" (one and the
 * same), "type" (of one column after the other). */

enum { BATCH = 100 };

struct work {
	Tenon__V1__Table *table;
	const char *kind;
	uint64_t next;
	uint64_t end;
	struct arena *arena;
};

static char *own(struct arena *arena, const char *text)
{
	return arena_text(arena, text_of(text));
}

static Tenon__V1__Table *table_new(struct arena *arena, size_t columns)
{
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	table->database = own(arena, "bench");
	table->name = own(arena, "table");
	table->description = own(arena, "what the shop writes, one row per order");
	table->storage = arena_alloc(arena, sizeof *table->storage);
	tenon__v1__storage_descriptor__init(table->storage);
	Tenon__V1__StorageDescriptor *storage = table->storage;
	storage->location = own(arena, "s3://lake/bench/table/");
	storage->input_format = own(arena, "org.apache.hadoop.mapred.TextInputFormat");
	storage->output_format =
		own(arena, "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat");
	storage->columns = arena_array(arena, columns, sizeof *storage->columns);
	storage->n_columns = columns;
	for (size_t i = 0; i < columns; i++) {
		Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
		tenon__v1__column__init(column);
		column->name = arena_printf(arena, "column_%zu", i);
		column->type = own(arena, i % 3 == 0 ? "bigint" : i % 3 == 1 ? "string" : "double");
		column->comment = own(arena, "as the source says");
		storage->columns[i] = column;
	}
	table->n_parameters = 1;
	table->parameters = arena_array(arena, 1, sizeof *table->parameters);
	table->parameters[0] = arena_alloc(arena, sizeof **table->parameters);
	tenon__v1__table__parameters_entry__init(table->parameters[0]);
	table->parameters[0]->key = own(arena, "metadata_location");
	table->parameters[0]->value = own(arena, "");
	return table;
}

static enum status update(struct catalog_txn *txn, void *state, struct error *err)
{
	struct work *work = state;
	Tenon__V1__StorageDescriptor *storage = work->table->storage;
	OWNED(arena) arena = arena_new();
	for (uint64_t i = work->next; i < work->end; i++) {
		arena_reset(arena);
		Tenon__V1__Column *column = storage->columns[i % storage->n_columns];
		char *mark = arena_printf(arena, "s3://lake/metadata/%08" PRIu64 ".json", i);
		Tenon__V1__Table *after;
		bool changed;
		if (*work->kind == 'p')
			work->table->parameters[0]->value = own(work->arena, mark);
		else if (*work->kind == 'c')
			column->comment = own(work->arena, mark);
		else
			column->type = own(work->arena,
				arena_printf(arena, "decimal(%u,%u)", (unsigned)(i % 19 + 19),
					(unsigned)(i / 19 % 19)));
		if (i == 0)
			TRY(table_create(txn, work->table, arena, &after, err));
		else
			TRY(table_update(txn, work->table, NULL, arena, &after, &changed, err));
	}
	return STATUS_OK;
}

static enum status make_database(struct catalog_txn *txn, void *state, struct error *err)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database *made;
	database.name = (char *)(uintptr_t) "bench";
	return database_put(txn, &database, false, state, &made, err);
}

static double cpu_s(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum status bytes_of(
	struct catalog *catalog, uint64_t *versions_out, uint64_t *all_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	struct catalog_figures figures;
	MDB_stat stat;
	TRY(catalog_read(catalog, &txn, err));
	TRY(catalog_figures(txn, &figures, err));
	if (mdb_stat(txn->mdb, catalog->dbis[DB_VERSIONS], &stat) != 0)
		return fail(err, STATUS_INTERNAL, "mdb_stat");
	*versions_out = (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) *
			stat.ms_psize;
	*all_out = figures.used_bytes;
	return STATUS_OK;
}

static enum status reads(struct catalog *catalog, uint64_t versions, struct error *err)
{
	enum { READS = 2000 };
	OWNED(arena) arena = arena_new();
	double before = cpu_s();
	for (uint64_t i = 0; i < READS; i++) {
		OWNED(catalog_txn) txn = NULL;
		Tenon__V1__TableVersion *version;
		arena_reset(arena);
		TRY(catalog_read(catalog, &txn, err));
		TRY(version_get(txn, TEXT("bench"), TEXT("table"), i * UINT64_C(7919) % versions,
			arena, &version, err));
	}
	printf("one version read:     %9.1f us of CPU\n", (cpu_s() - before) * 1e6 / READS);
	return STATUS_OK;
}

static enum status bench(
	const char *folder, size_t columns, uint64_t versions, const char *kind, struct error *err)
{
	OWNED(catalog) catalog = NULL;
	OWNED(arena) arena = arena_new();
	struct catalog_options options = {.folder = folder, .no_sync = true};
	TRY(catalog_open(&options, &catalog, err));
	TRY(catalog_write_now(catalog, make_database, arena, err));
	struct work work = {.table = table_new(arena, columns), .kind = kind, .arena = arena};
	double before = cpu_s();
	for (; work.next < versions; work.next = work.end) {
		work.end = work.next + BATCH < versions ? work.next + BATCH : versions;
		TRY(catalog_write_now(catalog, update, &work, err));
	}
	double spent = cpu_s() - before;
	uint64_t of_versions;
	uint64_t all;
	TRY(bytes_of(catalog, &of_versions, &all, err));
	printf("%zu columns, %" PRIu64 " versions, each another %s\n", columns, versions, kind);
	printf("one update:           %9.1f us of CPU\n", spent * 1e6 / (double)versions);
	printf("one version:          %9.1f bytes\n", (double)of_versions / (double)versions);
	printf("all, the feed too:    %9.1f bytes a version, %.1f MB\n",
		(double)all / (double)versions, (double)all / 1e6);
	return reads(catalog, versions, err);
}

int main(int argc, char **argv)
{
	uint64_t columns;
	uint64_t versions;
	struct error err;
	if (argc < 4 || !text_uint64(text_of(argv[2]), &columns) ||
		!text_uint64(text_of(argv[3]), &versions) || columns == 0 || versions == 0) {
		(void)fprintf(stderr,
			"usage: bench_versions FOLDER COLUMNS VERSIONS [comment|parameter|type]\n");
		return 2;
	}
	if (bench(argv[1], columns, versions, argc > 4 ? argv[4] : "comment", &err) != STATUS_OK) {
		(void)fprintf(stderr, "bench_versions: %s\n", err.message);
		return 1;
	}
	return 0;
}
