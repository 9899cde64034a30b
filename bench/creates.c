#include "base/text.h"
#include "catalog/tables.h"
#include "proto/wire.h"
#include "tenon/v1/catalog.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* bench_creates FOLDER TABLES [update]: what the creates of `bench_catalog creates` cost
 * inside the daemon without gRPC, disk and other threads, so that instructions can be
 * counted; then, when asked, an update of one comment of each. FOLDER must not be a
 * catalog yet. Requests are read by the first thread, the writer is another:
 *
 *   valgrind --tool=callgrind --separate-threads=yes bench_creates FOLDER 4096 */

enum { BATCH = 64, COLUMNS = 24 };
enum { MAP_BYTES = 1 << 30 }; /* valgrind has no room for the usual one */

struct work {
	struct arena *arena; /* of the batch */
	uint64_t next;
	size_t count;
	Tenon__V1__CreateTableRequest *requests[BATCH];
	Tenon__V1__Table *made[BATCH];
	bool updates;
};

static char *own(struct arena *arena, const char *text)
{
	return arena_text(arena, text_of(text));
}

/* As bench_catalog's. */
static struct text request_new(struct arena *arena, bool update, uint64_t number)
{
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Column columns[COLUMNS];
	Tenon__V1__Column *at[COLUMNS];
	request.table = &table;
	table.storage = &storage;
	table.database = own(arena, "many");
	table.name = arena_printf(arena, "c%09" PRIu64, number);
	table.table_type = own(arena, "EXTERNAL_TABLE");
	storage.location = own(arena, "/bench/many/c?????????");
	storage.input_format = own(arena, "org.apache.hadoop.mapred.TextInputFormat");
	storage.output_format =
		own(arena, "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat");
	storage.columns = at;
	storage.n_columns = COLUMNS;
	for (size_t i = 0; i < COLUMNS; i++) {
		tenon__v1__column__init(&columns[i]);
		at[i] = &columns[i];
		columns[i].name = arena_printf(arena, "measure_of_thing_%02zu", i);
		columns[i].type = own(arena, i % 3 ? "decimal(18,4)" : "string");
		columns[i].comment = own(arena, "what was measured, in metres a second");
	}
	if (update)
		columns[number % COLUMNS].comment = own(arena, "what was measured, in feet");
	return wire_pack(arena, &request.base);
}

static enum status make_database(struct catalog_txn *txn, void *state, struct error *err)
{
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database *made;
	database.name = own(state, "many");
	return database_put(txn, &database, false, state, &made, err);
}

static enum status write_all(struct catalog_txn *txn, void *state, struct error *err)
{
	struct work *work = state;
	struct author author = {"bench", ""};
	bool changed;
	catalog_act_as(txn, &author);
	for (size_t i = 0; i < work->count; i++) {
		Tenon__V1__Table *table = work->requests[i]->table;
		Tenon__V1__Table **made = &work->made[i];
		if (work->updates)
			TRY(table_update(txn, table, NULL, work->arena, made, &changed, err));
		else
			TRY(table_create(txn, table, work->arena, made, err));
	}
	return STATUS_OK;
}

static __attribute__((noinline)) enum status read_requests(
	struct work *work, const struct text *packed, struct error *err)
{
	for (size_t i = 0; i < work->count; i++)
		TRY(wire_unpack(&tenon__v1__create_table_request__descriptor, packed[i],
			work->arena, &work->requests[i], err));
	return STATUS_OK;
}

static double cpu_s(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum status write_tables(
	struct catalog *catalog, bool updates, uint64_t tables, struct error *err)
{
	OWNED(arena) scratch = arena_new();
	OWNED(arena) arena = arena_new();
	struct work work = {.arena = arena, .updates = updates};
	double spent = 0;
	double front = 0;
	for (; work.next < tables; work.next += work.count) {
		struct text packed[BATCH];
		arena_reset(scratch);
		arena_reset(arena);
		work.count = tables - work.next < BATCH ? tables - work.next : BATCH;
		for (size_t i = 0; i < work.count; i++)
			packed[i] = request_new(scratch, updates, work.next + i);
		double all = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
		double own_thread = cpu_s(CLOCK_THREAD_CPUTIME_ID);
		TRY(read_requests(&work, packed, err));
		front += cpu_s(CLOCK_THREAD_CPUTIME_ID) - own_thread;
		TRY(catalog_write_now(catalog, write_all, &work, err));
		spent += cpu_s(CLOCK_PROCESS_CPUTIME_ID) - all;
	}
	printf("%s: %.1f us of CPU each, %.1f of it to read the request\n",
		updates ? "updates" : "creates", spent * 1e6 / (double)tables,
		front * 1e6 / (double)tables);
	return STATUS_OK;
}

static enum status bench(const char *folder, uint64_t tables, bool updates, struct error *err)
{
	OWNED(catalog) catalog = NULL;
	OWNED(arena) arena = arena_new();
	struct catalog_options options = {
		.folder = folder, .map_bytes = MAP_BYTES, .no_sync = true};
	TRY(catalog_open(&options, &catalog, err));
	TRY(catalog_write_now(catalog, make_database, arena, err));
	TRY(write_tables(catalog, false, tables, err));
	return updates ? write_tables(catalog, true, tables, err) : STATUS_OK;
}

int main(int argc, char **argv)
{
	uint64_t tables;
	struct error err;
	bool updates = argc == 4 && strcmp(argv[3], "update") == 0;
	if ((argc != 3 && !updates) || !text_uint64(text_of(argv[2]), &tables) || tables == 0) {
		(void)fprintf(stderr, "usage: bench_creates FOLDER TABLES [update]\n");
		return 2;
	}
	if (bench(argv[1], tables, updates, &err) != STATUS_OK) {
		(void)fprintf(stderr, "bench_creates: %s\n", err.message);
		return 1;
	}
	return 0;
}
