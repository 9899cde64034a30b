/* The operations of the Hive Metastore micro-benchmark on a tenond that runs, one JSON
 * line each; and what they are compared with. Metastore.java does the same through
 * Hive's client. Usage:
 *   bench_catalog operations ADDRESS TABLES   on an empty catalog: makes TABLES, then measures
 *   bench_catalog fill ADDRESS FROM TO PARTITIONED  tables FROM..TO, 1,000 in a database; the
 *                                             first PARTITIONED get 1,000 partitions each
 *   bench_catalog probe ADDRESS TABLES PARTITIONED  reads of a filled one
 *   bench_catalog etcd ADDRESS                puts and gets of 2 KB
 *   bench_catalog disk FOLDER                 fdatasync of 4 KB appended
 * TENON_TOKEN, when set, is the bearer token of every call. */
#include "base/arena.h"
#include "bench/load.h"
#include "rpc/client.h"
#include "tenon/v1/catalog.pb-c.h"

#include <fcntl.h>
#include <grpc/grpc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COLUMNS = 24, PARTITIONS = 1000, PER_DAY = 10, ADDERS = 8, PER_DATABASE = 1000 };

static double now(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static void tell(const char *name, double *us, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += us[i];
	qsort(us, count, sizeof *us, ascending);
	printf("{\"op\":\"%s\",\"n\":%zu,\"mean_us\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", name,
		count, sum / (double)count, us[count / 2], us[(size_t)((double)count * 0.99)]);
	fflush(stdout);
}

static void tell_rate(const char *name, double count, double seconds)
{
	printf("{\"op\":\"%s\",\"n\":%.0f,\"seconds\":%.3f,\"per_s\":%.0f}\n", name, count, seconds,
		count / seconds);
	fflush(stdout);
}

static const char *address;
static struct rpc_channel *channel;

static struct rpc_channel *open_channel(void)
{
	struct error err;
	struct rpc_channel *opened = NULL;
	if (rpc_channel_open(address, getenv("TENON_TOKEN"), &opened, &err) != STATUS_OK) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	return opened;
}

/* The answer lives in `arena`. */
static void *call(struct rpc_channel *to, const char *method, const ProtobufCMessage *request,
	struct arena *arena)
{
	struct error err;
	void *response = NULL;
	if (rpc_invoke(to, &tenon__v1__catalog__descriptor, method, request, -1, arena, &response,
		    &err) != STATUS_OK) {
		fprintf(stderr, "%s: %s\n", method, err.message);
		exit(1);
	}
	return response;
}

static void expect(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "%s\n", what);
		exit(1);
	}
}

/* A storage descriptor of 24 columns, as Hive's client sends with tables and partitions. */
static Tenon__V1__StorageDescriptor *storage_at(struct arena *arena, const char *location)
{
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	*storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	storage->n_columns = COLUMNS;
	storage->columns = arena_alloc(arena, COLUMNS * sizeof(void *));
	for (int i = 0; i < COLUMNS; i++) {
		Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
		*column = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
		column->name = arena_printf(arena, "measure_of_thing_%02d", i);
		column->type = (char *)(i % 3 ? "decimal(18,4)" : "string");
		column->comment = (char *)"what was measured, in metres a second";
		storage->columns[i] = column;
	}
	storage->location = (char *)location;
	storage->input_format = (char *)"org.apache.hadoop.mapred.TextInputFormat";
	storage->output_format =
		(char *)"org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
	return storage;
}

static Tenon__V1__Table *table_of(
	struct arena *arena, const char *database, const char *name, bool partitioned)
{
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	*table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	table->database = (char *)database;
	table->name = (char *)name;
	table->storage = storage_at(arena, arena_printf(arena, "/bench/%s/%s", database, name));
	table->table_type = (char *)"EXTERNAL_TABLE";
	if (partitioned) {
		static const char *const keys[] = {"day", "hour"};
		table->n_partition_keys = 2;
		table->partition_keys = arena_alloc(arena, 2 * sizeof(void *));
		for (int i = 0; i < 2; i++) {
			Tenon__V1__Column *key = arena_alloc(arena, sizeof *key);
			*key = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
			key->name = (char *)keys[i];
			key->type = (char *)"string";
			table->partition_keys[i] = key;
		}
	}
	return table;
}

static void create_database(const char *name)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	database.name = (char *)name;
	Tenon__V1__CreateDatabaseRequest request = TENON__V1__CREATE_DATABASE_REQUEST__INIT;
	request.database = &database;
	call(channel, "CreateDatabase", &request.base, arena);
}

static void create_table(const char *database, const char *name, bool partitioned)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	request.table = table_of(arena, database, name, partitioned);
	call(channel, "CreateTable", &request.base, arena);
}

static void drop_table(const char *database, const char *name)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__DeleteTableRequest request = TENON__V1__DELETE_TABLE_REQUEST__INIT;
	request.database = (char *)database;
	request.name = (char *)name;
	call(channel, "DeleteTable", &request.base, arena);
}

static Tenon__V1__Partition *partition_of(
	struct arena *arena, const char *table, int number, bool whole)
{
	Tenon__V1__Partition *partition = arena_alloc(arena, sizeof *partition);
	*partition = (Tenon__V1__Partition)TENON__V1__PARTITION__INIT;
	partition->n_values = 2;
	partition->values = arena_alloc(arena, 2 * sizeof(void *));
	partition->values[0] = arena_printf(arena, "%03d", number / PER_DAY);
	partition->values[1] = arena_printf(arena, "%02d", number % PER_DAY);
	if (whole)
		partition->storage = storage_at(
			arena, arena_printf(arena, "/bench/bench/%s/day=%s/hour=%s", table,
				       partition->values[0], partition->values[1]));
	return partition;
}

static Tenon__V1__Partition **thousand(struct arena *arena, const char *table, bool whole)
{
	Tenon__V1__Partition **all = arena_alloc(arena, PARTITIONS * sizeof(void *));
	for (int i = 0; i < PARTITIONS; i++)
		all[i] = partition_of(arena, table, i, whole);
	return all;
}

static void add_partitions(struct rpc_channel *to, const char *database, const char *table,
	Tenon__V1__Partition **partitions, size_t count)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	request.database = (char *)database;
	request.table = (char *)table;
	request.partitions = partitions;
	request.n_partitions = count;
	Tenon__V1__CreatePartitionsResponse *response =
		call(to, "CreatePartitions", &request.base, arena);
	expect(response->n_errors == 0, "a partition was refused");
}

static void drop_partitions(const char *table, Tenon__V1__Partition **partitions, size_t count)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__DeletePartitionsRequest request = TENON__V1__DELETE_PARTITIONS_REQUEST__INIT;
	request.database = (char *)"bench";
	request.table = (char *)table;
	request.partitions = partitions;
	request.n_partitions = count;
	Tenon__V1__DeletePartitionsResponse *response =
		call(channel, "DeletePartitions", &request.base, arena);
	expect(response->n_errors == 0, "a partition was not dropped");
}

/* All pages. */
static size_t list_partitions(const char *database, const char *table, const char *expression)
{
	OWNED(arena) arena = arena_new();
	size_t count = 0;
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	request.database = (char *)database;
	request.table = (char *)table;
	request.expression = (char *)expression;
	request.page_size = PARTITIONS;
	do {
		Tenon__V1__ListPartitionsResponse *page =
			call(channel, "ListPartitions", &request.base, arena);
		count += page->n_partitions;
		request.page_token = page->next_page_token;
	} while (*request.page_token);
	return count;
}

static size_t list_tables(const char *database)
{
	OWNED(arena) arena = arena_new();
	size_t count = 0;
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	request.database = (char *)database;
	request.names_only = 1;
	request.page_size = PER_DATABASE;
	do {
		Tenon__V1__ListTablesResponse *page =
			call(channel, "ListTables", &request.base, arena);
		count += page->n_tables;
		request.page_token = page->next_page_token;
	} while (*request.page_token);
	return count;
}

static void get_table(const char *database, const char *name)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	request.database = (char *)database;
	request.name = (char *)name;
	Tenon__V1__GetTableResponse *response = call(channel, "GetTable", &request.base, arena);
	expect(response->table->storage->n_columns == COLUMNS, "a table lost its columns");
}

/* What one operation needs. `before` and `after` each round are not timed. */
struct round {
	int number, tables;
	Tenon__V1__Partition **partitions;
	Tenon__V1__Partition **bare; /* values alone */
};
struct operation {
	const char *name;
	int rounds;
	void (*before)(struct round *round);
	void (*run)(struct round *round);
	void (*after)(struct round *round);
};

static void measure(const struct operation *operation, struct round *round)
{
	int warm = operation->rounds / 10 > 0 ? operation->rounds / 10 : 1;
	double *us = calloc((size_t)operation->rounds, sizeof *us);
	for (int i = -warm; i < operation->rounds; i++) {
		round->number = i + warm;
		if (operation->before)
			operation->before(round);
		double began = now();
		operation->run(round);
		if (i >= 0)
			us[i] = (now() - began) * 1e6;
		if (operation->after)
			operation->after(round);
	}
	tell(operation->name, us, (size_t)operation->rounds);
	free(us);
}

static void run_get_table(struct round *round)
{
	char name[16];
	snprintf(name, sizeof name, "t%07d", (int)((long)round->number * 7919 % round->tables));
	get_table("bench", name);
}

static void run_list_tables(struct round *round)
{
	expect(list_tables("bench") >= (size_t)round->tables, "tables are missing");
}

static void run_add(struct round *round)
{
	add_partitions(channel, "bench", "parts", round->partitions, PARTITIONS);
}

static void run_add_bare(struct round *round)
{
	add_partitions(channel, "bench", "parts", round->bare, PARTITIONS);
}

static void run_drop(struct round *round)
{
	drop_partitions("parts", round->bare, PARTITIONS);
}

static void run_get_partitions(struct round *round)
{
	(void)round;
	expect(list_partitions("bench", "parts", "") == PARTITIONS, "partitions are missing");
}

static void run_filter(struct round *round)
{
	char expression[32];
	snprintf(expression, sizeof expression, "day = '%03d'", round->number % 100);
	expect(list_partitions("bench", "parts", expression) == PER_DAY, "partitions are missing");
}

static void run_rename(struct round *round)
{
	static const char *const names[] = {"parts", "parts2"};
	OWNED(arena) arena = arena_new();
	Tenon__V1__RenameTableRequest request = TENON__V1__RENAME_TABLE_REQUEST__INIT;
	request.database = (char *)"bench";
	request.name = (char *)names[round->number % 2];
	request.new_name = (char *)names[(round->number + 1) % 2];
	call(channel, "RenameTable", &request.base, arena);
}

static void make_together(struct round *round)
{
	(void)round;
	create_table("bench", "together", true);
}

static void drop_together(struct round *round)
{
	(void)round;
	drop_table("bench", "together");
}

struct adder {
	pthread_t thread;
	struct rpc_channel *channel;
	int number;
};

static void *add_singly(void *argument)
{
	struct adder *adder = argument;
	OWNED(arena) arena = arena_new();
	for (int i = adder->number; i < PARTITIONS; i += ADDERS) {
		Tenon__V1__Partition *one = partition_of(arena, "together", i, true);
		add_partitions(adder->channel, "bench", "together", &one, 1);
	}
	return NULL;
}

static void run_together(struct round *round)
{
	static struct adder adders[ADDERS];
	(void)round;
	for (int i = 0; i < ADDERS; i++) {
		adders[i].number = i;
		if (!adders[i].channel)
			adders[i].channel = open_channel();
		expect(pthread_create(&adders[i].thread, NULL, add_singly, &adders[i]) == 0,
			"no thread");
	}
	for (int i = 0; i < ADDERS; i++)
		pthread_join(adders[i].thread, NULL);
}

/* The same table each time but for its name, packed once: what is measured is the server. */
static const void *create_request(void *state, uint64_t number, size_t *length_out)
{
	enum { DIGITS = 9 };
	static uint8_t bytes[16384];
	static size_t length;
	static uint8_t *digits;
	char name[DIGITS + 1];
	(void)state;
	if (!digits) {
		OWNED(arena) arena = arena_new();
		Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
		request.table = table_of(arena, "many", "c?????????", false);
		length = tenon__v1__create_table_request__pack(&request, bytes);
		uint8_t *found = memmem(bytes, length, "c?????????", DIGITS + 1);
		expect(found != NULL, "the packed request has no name");
		digits = found + 1;
	}
	snprintf(name, sizeof name, "%09llu", (unsigned long long)(number % 1000000000));
	memcpy(digits, name, DIGITS);
	*length_out = length;
	return bytes;
}

static void tell_load(const char *name, const struct load_result *result)
{
	expect(result->failures == 0, "calls failed");
	printf("{\"op\":\"%s\",\"n\":%llu,\"per_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n", name,
		(unsigned long long)result->calls, (double)result->calls / result->seconds,
		result->p50_us, result->p99_us);
	fflush(stdout);
}

static void creates(void)
{
	struct load_result result;
	load_run(&(struct load){.address = address,
			 .method = "/tenon.v1.Catalog/CreateTable",
			 .request = create_request,
			 .in_flight = 64,
			 .seconds = 5,
			 .token = getenv("TENON_TOKEN")},
		&result);
	tell_load("createTable#64", &result);
}

static void operations(int tables)
{
	OWNED(arena) arena = arena_new();
	struct round round = {.tables = tables,
		.partitions = thousand(arena, "parts", true),
		.bare = thousand(arena, "parts", false)};
	create_database("bench");
	create_database("many");
	double *us = calloc((size_t)tables, sizeof *us);
	for (int i = 0; i < tables; i++) {
		char name[16];
		snprintf(name, sizeof name, "t%07d", i);
		double began = now();
		create_table("bench", name, false);
		us[i] = (now() - began) * 1e6;
	}
	tell("createTable", us, (size_t)tables);
	free(us);
	static const struct operation
		early[] =
			{
				{"getTable", 3000, NULL, run_get_table, NULL},
				{"listTables.1000", 100, NULL, run_list_tables, NULL},
			},
		late[] =
			{
				{"addPartitions.1000", 20, NULL, run_add, run_drop},
				{"addPartitions.1000 (values alone)", 20, NULL, run_add_bare,
					run_drop},
				{"dropPartitions.1000", 20, run_add, run_drop, NULL},
			},
		full[] = {
			{"getPartitions.1000", 50, NULL, run_get_partitions, NULL},
			{"getPartitionsByFilter", 1000, NULL, run_filter, NULL},
			{"renameTable.1000", 50, NULL, run_rename, NULL},
			{"concurrentPartitionAdd#8", 3, make_together, run_together, drop_together},
		};
	for (size_t i = 0; i < sizeof early / sizeof *early; i++)
		measure(&early[i], &round);
	create_table("bench", "parts", true);
	for (size_t i = 0; i < sizeof late / sizeof *late; i++)
		measure(&late[i], &round);
	run_add(&round);
	for (size_t i = 0; i < sizeof full / sizeof *full; i++)
		measure(&full[i], &round);
	creates();
}

static void place_of(int number, char database[16], char name[16])
{
	snprintf(database, 16, "d%04d", number / PER_DATABASE);
	snprintf(name, 16, "t%07d", number);
}

enum { FILL_IN_FLIGHT = 64 };

struct filler {
	int next, to;
	pthread_mutex_t lock;
	int partitioned;
};

static int take(struct filler *filler)
{
	pthread_mutex_lock(&filler->lock);
	int number = filler->next < filler->to ? filler->next++ : -1;
	pthread_mutex_unlock(&filler->lock);
	return number;
}

static void *fill_tables(void *argument)
{
	struct filler *filler = argument;
	char database[16], name[16];
	for (int number; (number = take(filler)) >= 0;) {
		place_of(number, database, name);
		create_table(database, name, number < filler->partitioned);
	}
	return NULL;
}

static void *fill_partitions(void *argument)
{
	struct filler *filler = argument;
	OWNED(arena) arena = arena_new();
	Tenon__V1__Partition **bare = thousand(arena, "", false);
	char database[16], name[16];
	for (int number; (number = take(filler)) >= 0;) {
		place_of(number, database, name);
		add_partitions(channel, database, name, bare, PARTITIONS);
	}
	return NULL;
}

static double in_threads(void *(*work)(void *), struct filler *filler, int threads)
{
	pthread_t running[FILL_IN_FLIGHT];
	double began = now();
	for (int i = 0; i < threads; i++)
		expect(pthread_create(&running[i], NULL, work, filler) == 0, "no thread");
	for (int i = 0; i < threads; i++)
		pthread_join(running[i], NULL);
	return now() - began;
}

static void fill(int from, int to, int partitioned)
{
	char database[16];
	for (int i = from; i < to; i += PER_DATABASE) {
		snprintf(database, sizeof database, "d%04d", i / PER_DATABASE);
		create_database(database);
	}
	struct filler filler = {from, to, PTHREAD_MUTEX_INITIALIZER, partitioned};
	tell_rate("fill tables", to - from, in_threads(fill_tables, &filler, FILL_IN_FLIGHT));
	int last = partitioned < to ? partitioned : to;
	if (last > from) {
		filler = (struct filler){from, last, PTHREAD_MUTEX_INITIALIZER, partitioned};
		tell_rate("fill partitions", (double)(last - from) * PARTITIONS,
			in_threads(fill_partitions, &filler, ADDERS));
	}
}

static int partitioned_tables;

static void probe_get(struct round *round)
{
	char database[16], name[16];
	place_of((int)((long)round->number * 7919 % round->tables), database, name);
	get_table(database, name);
}

static void probe_list(struct round *round)
{
	char database[16], name[16];
	place_of((int)((long)round->number * 7919 % round->tables), database, name);
	expect(list_tables(database) == PER_DATABASE, "tables are missing");
}

static void probe_partitions(struct round *round)
{
	char database[16], name[16];
	place_of((int)((long)round->number * 7919 % partitioned_tables), database, name);
	expect(list_partitions(database, name, "") == PARTITIONS, "partitions are missing");
}

static void probe_filter(struct round *round)
{
	char database[16], name[16], expression[32];
	place_of((int)((long)round->number * 7919 % partitioned_tables), database, name);
	snprintf(expression, sizeof expression, "day = '%03d'", round->number % 100);
	expect(list_partitions(database, name, expression) == PER_DAY, "partitions are missing");
}

static void probe_create(struct round *round)
{
	char name[16];
	snprintf(name, sizeof name, "new%05d", round->number);
	create_table("d0000", name, false);
}

static void probe_drop(struct round *round)
{
	char name[16];
	snprintf(name, sizeof name, "new%05d", round->number);
	drop_table("d0000", name);
}

static void probe(int tables, int partitioned)
{
	struct round round = {.tables = tables};
	partitioned_tables = partitioned;
	static const struct operation reads[] = {
		{"getTable", 5000, NULL, probe_get, NULL},
		{"listTables.1000", 100, NULL, probe_list, NULL},
		{"getPartitions.1000", 50, NULL, probe_partitions, NULL},
		{"getPartitionsByFilter", 1000, NULL, probe_filter, NULL},
		{"createTable", 300, NULL, probe_create, probe_drop},
	};
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
		measure(&reads[i], &round);
}

/* etcdserverpb.PutRequest {key = 1, value = 2} and RangeRequest {key = 1}, etcd 3.4's rpc.proto. */
enum { VALUE_BYTES = 2048, KEYS = 1000 };

static size_t put_bytes(uint8_t *out, uint8_t tag, const void *bytes, size_t length)
{
	size_t used = 0;
	out[used++] = tag;
	for (size_t rest = length;; rest >>= 7) {
		if (rest < 0x80) {
			out[used++] = (uint8_t)rest;
			break;
		}
		out[used++] = (uint8_t)(rest | 0x80);
	}
	memcpy(out + used, bytes, length);
	return used + length;
}

static const void *etcd_put(void *state, uint64_t number, size_t *length_out)
{
	static uint8_t bytes[VALUE_BYTES + 64], value[VALUE_BYTES];
	char key[32];
	(void)state;
	int length = snprintf(key, sizeof key, "bench/t%06d", (int)(number % KEYS));
	memset(value, 'v', sizeof value);
	memcpy(value, &number, sizeof number);
	size_t used = put_bytes(bytes, 0x0A, key, (size_t)length);
	*length_out = used + put_bytes(bytes + used, 0x12, value, sizeof value);
	return bytes;
}

static const void *etcd_range(void *state, uint64_t number, size_t *length_out)
{
	static uint8_t bytes[64];
	char key[32];
	(void)state;
	int length = snprintf(key, sizeof key, "bench/t%06d", (int)(number * 7919 % KEYS));
	*length_out = put_bytes(bytes, 0x0A, key, (size_t)length);
	return bytes;
}

/* As long as creates() takes. */
static void puts_of_etcd(void)
{
	struct load_result result;
	load_run(&(struct load){.address = address,
			 .method = "/etcdserverpb.KV/Put",
			 .request = etcd_put,
			 .in_flight = 64,
			 .seconds = 5},
		&result);
	tell_load("put#64", &result);
}

static void etcd(void)
{
	static const struct {
		const char *name, *method;
		const void *(*request)(void *state, uint64_t number, size_t *length_out);
		unsigned in_flight;
	} rows[] = {
		{"put", "/etcdserverpb.KV/Put", etcd_put, 1},
		{"put#64", "/etcdserverpb.KV/Put", etcd_put, 64},
		{"get", "/etcdserverpb.KV/Range", etcd_range, 1},
		{"get#64", "/etcdserverpb.KV/Range", etcd_range, 64},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct load_result result;
		load_run(&(struct load){.address = address,
				 .method = rows[i].method,
				 .request = rows[i].request,
				 .in_flight = rows[i].in_flight,
				 .seconds = 3},
			&result);
		tell_load(rows[i].name, &result);
	}
}

static void disk(const char *folder)
{
	enum { SYNCS = 200, PAGE = 4096 };
	char path[4096], page[PAGE] = {1};
	double us[SYNCS];
	snprintf(path, sizeof path, "%s/fdatasync", folder);
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	expect(fd >= 0, "no file to sync");
	for (int i = 0; i < SYNCS; i++) {
		double began = now();
		expect(write(fd, page, PAGE) == PAGE && fdatasync(fd) == 0, "no sync");
		us[i] = (now() - began) * 1e6;
	}
	close(fd);
	unlink(path);
	tell("fdatasync", us, SYNCS);
}

static int number_of(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: bench_catalog operations ADDRESS TABLES | creates ADDRESS | fill ADDRESS "
		"FROM TO PARTITIONED | probe ADDRESS TABLES PARTITIONED | puts ADDRESS | etcd "
		"ADDRESS | disk FOLDER\n");
	return 2;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return usage();
	const char *what = argv[1];
	address = argv[2];
	if (strcmp(what, "disk") == 0)
		return disk(argv[2]), 0;
	grpc_init();
	channel = open_channel();
	if (strcmp(what, "operations") == 0 && argc == 4)
		operations(number_of(argv[3]));
	else if (strcmp(what, "fill") == 0 && argc == 6)
		fill(number_of(argv[3]), number_of(argv[4]), number_of(argv[5]));
	else if (strcmp(what, "probe") == 0 && argc == 5)
		probe(number_of(argv[3]), number_of(argv[4]));
	else if (strcmp(what, "creates") == 0)
		create_database("many"), creates();
	else if (strcmp(what, "puts") == 0)
		puts_of_etcd();
	else if (strcmp(what, "etcd") == 0)
		etcd();
	else
		return usage();
	rpc_channel_free(channel);
	return 0;
}
