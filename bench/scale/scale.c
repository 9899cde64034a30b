/* Many partitions and many columns on a tenond that runs; one JSON line for each figure.
 *   bench_scale load ADDRESS PARTITIONS    into one new table, 1,000 a call, 4 connections
 *   bench_scale partitions ADDRESS         what calls on that table cost
 *   bench_scale tables ADDRESS TABLES      of 20 columns with comments, 64 in flight
 *   bench_scale search ADDRESS QUERIES     of several kinds, one at a time */
#include "base/arena.h"
#include "bench/load.h"
#include "rpc/client.h"
#include "tenon/v1/catalog.pb-c.h"

#include <grpc/grpc.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 1000, LOADERS = 4, CUSTOMERS = 1000, COLUMNS = 20, PAGE = 100 };

static const char *address;
static struct rpc_channel *channel;

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

static void tell(const char *name, double *us, size_t count, double answers)
{
	qsort(us, count, sizeof *us, ascending);
	printf("{\"op\":\"%s\",\"n\":%zu,\"p50_us\":%.0f,\"p99_us\":%.0f,\"max_us\":%.0f,"
	       "\"answers\":%.1f}\n",
		name, count, us[count / 2], us[(size_t)((double)count * 0.99)], us[count - 1],
		answers / (double)count);
	fflush(stdout);
}

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

static void create_database(const char *name)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	database.name = (char *)name;
	Tenon__V1__CreateDatabaseRequest request = TENON__V1__CREATE_DATABASE_REQUEST__INIT;
	request.database = &database;
	request.if_not_exists = 1;
	call(channel, "CreateDatabase", &request.base, arena);
}

static Tenon__V1__Column *column_of(
	struct arena *arena, const char *name, const char *type, const char *comment)
{
	Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
	*column = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
	column->name = (char *)name;
	column->type = (char *)type;
	column->comment = (char *)comment;
	return column;
}

/* events | day int, customer int, region string: CUSTOMERS partitions a day. */
static void create_events(void)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Column *columns[] = {column_of(arena, "amount", "double", "")};
	Tenon__V1__Column *keys[] = {column_of(arena, "day", "int", ""),
		column_of(arena, "customer", "int", ""), column_of(arena, "region", "string", "")};
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	table.database = (char *)"scale";
	table.name = (char *)"events";
	table.storage = &storage;
	storage.location = (char *)"/lake/scale/events";
	storage.columns = columns;
	storage.n_columns = 1;
	table.partition_keys = keys;
	table.n_partition_keys = 3;
	request.table = &table;
	call(channel, "CreateTable", &request.base, arena);
}

static Tenon__V1__Partition **thousand(struct arena *arena, int day)
{
	Tenon__V1__Partition **all = arena_array(arena, BATCH, sizeof *all);
	for (int i = 0; i < BATCH; i++) {
		Tenon__V1__Partition *one = all[i] = arena_alloc(arena, sizeof *one);
		*one = (Tenon__V1__Partition)TENON__V1__PARTITION__INIT;
		one->n_values = 3;
		one->values = arena_array(arena, 3, sizeof *one->values);
		one->values[0] = arena_printf(arena, "%d", day);
		one->values[1] = arena_printf(arena, "%d", i);
		one->values[2] = arena_printf(arena, "r%d", i % 100);
		one->storage = arena_alloc(arena, sizeof *one->storage);
		*one->storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
		one->storage->location = arena_printf(
			arena, "/lake/scale/events/day=%d/customer=%d/region=r%d", day, i, i % 100);
	}
	return all;
}

static void add(struct rpc_channel *to, int day)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	request.database = (char *)"scale";
	request.table = (char *)"events";
	request.partitions = thousand(arena, day);
	request.n_partitions = BATCH;
	Tenon__V1__CreatePartitionsResponse *response =
		call(to, "CreatePartitions", &request.base, arena);
	if (response->n_errors) {
		fprintf(stderr, "%s\n", response->errors[0]->message);
		exit(1);
	}
}

static void drop(int day)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__DeletePartitionsRequest request = TENON__V1__DELETE_PARTITIONS_REQUEST__INIT;
	request.database = (char *)"scale";
	request.table = (char *)"events";
	request.partitions = thousand(arena, day);
	for (int i = 0; i < BATCH; i++)
		request.partitions[i]->storage = NULL;
	request.n_partitions = BATCH;
	Tenon__V1__DeletePartitionsResponse *response =
		call(channel, "DeletePartitions", &request.base, arena);
	if (response->n_errors) {
		fprintf(stderr, "%s\n", response->errors[0]->message);
		exit(1);
	}
}

static atomic_int next_day;
static int days;

static void *load_days(void *argument)
{
	struct rpc_channel *own = open_channel();
	(void)argument;
	for (int day; (day = atomic_fetch_add(&next_day, 1)) < days;)
		add(own, day);
	rpc_channel_free(own);
	return NULL;
}

static void load_partitions(int partitions)
{
	pthread_t threads[LOADERS];
	create_database("scale");
	create_events();
	days = partitions / BATCH;
	double began = now();
	for (int i = 0; i < LOADERS; i++)
		if (pthread_create(&threads[i], NULL, load_days, NULL))
			exit(1);
	for (int i = 0; i < LOADERS; i++)
		pthread_join(threads[i], NULL);
	double seconds = now() - began;
	printf("{\"op\":\"load\",\"n\":%d,\"seconds\":%.1f,\"per_s\":%.0f}\n", partitions, seconds,
		partitions / seconds);
}

static size_t list(const char *expression, bool bare, uint32_t segment, uint32_t segments)
{
	OWNED(arena) arena = arena_new();
	size_t count = 0;
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	request.database = (char *)"scale";
	request.table = (char *)"events";
	request.expression = (char *)expression;
	request.page_size = BATCH;
	request.exclude_columns = bare;
	request.segment = segment;
	request.segments = segments;
	do {
		Tenon__V1__ListPartitionsResponse *page =
			call(channel, "ListPartitions", &request.base, arena);
		count += page->n_partitions;
		request.page_token = page->next_page_token;
	} while (*request.page_token && !segments);
	return count;
}

/* `format` with its marks replaced: A, B and C between braces. */
static const char *expanded(
	struct arena *arena, const char *format, const char *a, const char *b, const char *c)
{
	const char *const texts[] = {a, b, c};
	char *text = arena_printf(arena, "%s", "");
	for (const char *at = format; *at; at++) {
		bool mark = *at == '{' && at[1] >= 'A' && at[1] <= 'C' && at[2] == '}';
		text = mark ? arena_printf(arena, "%s%s", text, texts[at[1] - 'A'])
			    : arena_printf(arena, "%s%c", text, *at);
		at += mark ? 2 : 0;
	}
	return text;
}

static void measure_list(const char *name, const char *format, int rounds, uint32_t segments)
{
	OWNED(arena) arena = arena_new();
	double us[1000];
	size_t answers = 0;
	for (int i = -rounds / 10; i < rounds; i++) {
		int day = (i + rounds) % days;
		const char *expression = expanded(arena, format, arena_printf(arena, "%d", day),
			arena_printf(arena, "%d", day % CUSTOMERS),
			arena_printf(arena, "%d", day % 100));
		double began = now();
		size_t count = list(expression, false, 0, segments);
		if (i >= 0)
			us[i] = (now() - began) * 1e6;
		if (i >= 0)
			answers += count;
	}
	tell(name, us, (size_t)rounds, (double)answers);
}

static void index_put(const char *name, const char *key)
{
	OWNED(arena) arena = arena_new();
	char *keys[] = {(char *)key};
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	Tenon__V1__CreatePartitionIndexRequest request =
		TENON__V1__CREATE_PARTITION_INDEX_REQUEST__INIT;
	Tenon__V1__ListPartitionIndexesRequest look =
		TENON__V1__LIST_PARTITION_INDEXES_REQUEST__INIT;
	look.database = request.database = (char *)"scale";
	look.table = request.table = (char *)"events";
	index.name = (char *)name;
	index.keys = keys;
	index.n_keys = 1;
	request.index = &index;
	double began = now();
	call(channel, "CreatePartitionIndex", &request.base, arena);
	for (;;) {
		Tenon__V1__ListPartitionIndexesResponse *found =
			call(channel, "ListPartitionIndexes", &look.base, arena);
		if (found->n_indexes &&
			found->indexes[0]->state ==
				TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_ACTIVE)
			break;
		nanosleep(&(struct timespec){0, 50000000}, NULL);
	}
	double seconds = now() - began;
	printf("{\"op\":\"index filled\",\"seconds\":%.2f,\"per_s\":%.0f}\n", seconds,
		days * (double)BATCH / seconds);
	fflush(stdout);
}

static uint64_t partition_count(void)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	request.database = (char *)"scale";
	request.name = (char *)"events";
	Tenon__V1__GetTableResponse *response = call(channel, "GetTable", &request.base, arena);
	return (uint64_t)response->table->partition_count;
}

static void measure_partitions(void)
{
	double us[100];
	days = (int)(partition_count() / BATCH);
	measure_list("filter 10 in 1000, key order", "day = {A} and customer between 10 and 19",
		1000, 0);
	measure_list("filter 10 in 1000, no order", "day = {A} and region = 'r{C}'", 1000, 0);
	measure_list(
		"filter IN 10", "day = {A} and customer in (1,3,5,7,9,11,13,15,17,19)", 1000, 0);
	measure_list("getPartitions.1000", "day = {A}", 100, 0);
	measure_list("first page of segment 0 of 10", "", 100, 10);
	for (int i = 0; i < 100; i++) {
		double began = now();
		add(channel, days + i);
		us[i] = (now() - began) * 1e6;
	}
	tell("addPartitions.1000", us, 100, 100 * BATCH);
	for (int i = 0; i < 100; i++) {
		double began = now();
		drop(days + i);
		us[i] = (now() - began) * 1e6;
	}
	tell("dropPartitions.1000", us, 100, 100 * BATCH);
	if (days <= 1000) {
		measure_list("customer = N, walked", "customer = {B}", 3, 0);
		index_put("by_customer", "customer");
		measure_list("customer = N, by index", "customer = {B}", 100, 0);
	}
}

/* Words: a few are in nearly every table, most in few. */
static uint64_t mixed(uint64_t seed)
{
	seed ^= seed >> 33;
	seed *= 0xFF51AFD7ED558CCDu;
	seed ^= seed >> 33;
	seed *= 0xC4CEB9FE1A85EC53u;
	return seed ^ seed >> 33;
}

enum { WORDS = 20000 };

static const char *word_text(struct arena *arena, uint64_t number)
{
	static const char *const syllables[] = {"ba", "co", "du", "fe", "gi", "ha", "lo", "mu",
		"ne", "pi", "ra", "so", "tu", "ve", "wi", "za"};
	uint64_t bits = mixed(number + 1);
	return arena_printf(arena, "%s%s%s%llu", syllables[bits & 15], syllables[bits >> 4 & 15],
		syllables[bits >> 8 & 15], (unsigned long long)(number % 10));
}

/* Zipf-like: the logarithm of a word's rank is even. */
static const char *some_word(struct arena *arena, uint64_t seed)
{
	double even = (double)(mixed(seed) >> 11) / 9007199254740992.0;
	double rank = exp(even * log(WORDS));
	return word_text(arena, (uint64_t)rank % WORDS);
}

static const void *table_request(void *state, uint64_t number, size_t *length_out)
{
	static uint8_t bytes[65536];
	static const char *const types[] = {"string", "bigint", "double", "timestamp"};
	static const char *const areas[] = {"customer", "order", "invoice", "shipment"};
	OWNED(arena) arena = arena_new();
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Column *columns[COLUMNS];
	uint64_t seed = number * 1000;
	(void)state;
	for (int i = 0; i < COLUMNS; i++, seed += 5)
		columns[i] = column_of(arena,
			arena_printf(arena, "%s_%s_%d", some_word(arena, seed),
				some_word(arena, seed + 1), i),
			types[i % 4],
			arena_printf(arena, "the %s of the %s in %s", some_word(arena, seed + 2),
				some_word(arena, seed + 3), some_word(arena, seed + 4)));
	table.database = arena_printf(arena, "wide%llu", (unsigned long long)(number % 50));
	table.name = arena_printf(arena, "%s_%s_%06llu", areas[number % 4], some_word(arena, seed),
		(unsigned long long)number);
	table.description =
		arena_printf(arena, "%s by %s", areas[number / 4 % 4], some_word(arena, seed + 1));
	table.owner = arena_printf(arena, "team%llu", (unsigned long long)(number % 200));
	table.table_type = (char *)"EXTERNAL_TABLE";
	table.storage = &storage;
	storage.columns = columns;
	storage.n_columns = COLUMNS;
	storage.location = arena_printf(arena, "/lake/%s/%s", table.database, table.name);
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	request.table = &table;
	*length_out = tenon__v1__create_table_request__pack(&request, bytes);
	return bytes;
}

static uint64_t tables_made, tables_asked;

static const void *next_table(void *state, uint64_t number, size_t *length_out)
{
	(void)number;
	return table_request(state, tables_made++, length_out);
}

static void make_tables(uint64_t count)
{
	for (int i = 0; i < 50; i++) {
		char name[16];
		snprintf(name, sizeof name, "wide%d", i);
		create_database(name);
	}
	tables_asked = count;
	double began = now();
	while (tables_made < tables_asked) {
		struct load load = {.address = address,
			.method = "/tenon.v1.Catalog/CreateTable",
			.request = next_table,
			.in_flight = 64,
			.seconds = 1};
		struct load_result result;
		load_run(&load, &result);
		if (result.failures) {
			fprintf(stderr, "%llu creates failed\n",
				(unsigned long long)result.failures);
			exit(1);
		}
	}
	printf("{\"op\":\"tables\",\"n\":%llu,\"per_s\":%.0f}\n", (unsigned long long)tables_made,
		(double)tables_made / (now() - began));
}

struct query {
	const char *name;
	const char *format; /* {A}: a common word, {B}: a rare one, {C}: a number */
	const char *key, *value; /* of a filter */
	int sort;
	bool descending;
};

static const struct query queries[] = {
	{"rare word", "{B}", NULL, NULL, 0, false},
	{"common word", "{A}", NULL, NULL, 0, false},
	{"word of every table", "external_table", NULL, NULL, 0, false},
	{"two common words", "{A} customer", NULL, NULL, 0, false},
	{"common and rare", "customer {B}", NULL, NULL, 0, false},
	{"beginning", "cust*", NULL, NULL, 0, false},
	{"beginning of a rare word", "baco*", NULL, NULL, 0, false},
	{"short beginning", "b*", NULL, NULL, 0, false},
	{"phrase", "\"the {A}\"", NULL, NULL, 0, false},
	{"phrase of common words", "\"of the\"", NULL, NULL, 0, false},
	{"filter", "", "owner", "team{C}", 0, false},
	{"word and filter", "customer", "database", "wide{C}", 0, false},
	{"column filter", "", "column", "{A}", 0, false},
	{"common word by name", "{A}", NULL, NULL, 1, false},
	{"word of every table by name", "external_table", NULL, NULL, 1, false},
	{"common word, newest first", "{A}", NULL, NULL, 2, true},
	{"word of every table, newest first", "external_table", NULL, NULL, 2, true},
	{"rare word by name", "{B}", NULL, NULL, 1, false},
	{"filter by name", "", "owner", "team{C}", 1, false},
	{"no such word", "{B} nosuchword", NULL, NULL, 0, false},
};
enum { KINDS = sizeof queries / sizeof *queries };

static size_t search(const struct query *query, uint64_t number)
{
	OWNED(arena) arena = arena_new();
	const char *common = word_text(arena, mixed(number) % 20 + 1);
	const char *rare = word_text(arena, 1000 + mixed(number) % 15000);
	const char *some = arena_printf(arena, "%d", (int)(mixed(number) % 50));
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchFilter filter = TENON__V1__SEARCH_FILTER__INIT;
	Tenon__V1__SearchFilter *filters[] = {&filter};
	request.query = (char *)expanded(arena, query->format, common, rare, some);
	request.page_size = PAGE;
	request.sort = (Tenon__V1__SearchSort)query->sort;
	request.descending = query->descending;
	if (query->key) {
		filter.key = (char *)query->key;
		filter.value = (char *)expanded(arena, query->value, common, rare, some);
		request.filters = filters;
		request.n_filters = 1;
	}
	Tenon__V1__SearchTablesResponse *response =
		call(channel, "SearchTables", &request.base, arena);
	return response->n_hits;
}

static void measure_search(int count)
{
	int rounds = count / KINDS;
	double *all = calloc((size_t)(rounds * KINDS), sizeof *all);
	size_t kept = 0, hits = 0;
	for (int kind = 0; kind < KINDS; kind++) {
		double *us = calloc((size_t)rounds, sizeof *us);
		size_t own = 0;
		for (int i = 0; i < rounds; i++) {
			double began = now();
			own += search(&queries[kind], (uint64_t)(i * KINDS + kind));
			us[i] = all[kept++] = (now() - began) * 1e6;
		}
		tell(queries[kind].name, us, (size_t)rounds, (double)own);
		hits += own;
		free(us);
	}
	tell("all searches", all, kept, (double)hits);
	free(all);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: bench_scale load|partitions|tables|search ADDRESS [N]\n");
		return 2;
	}
	const char *what = argv[1];
	int number = argc > 3 ? atoi(argv[3]) : 1000;
	address = argv[2];
	grpc_init();
	channel = open_channel();
	if (strcmp(what, "load") == 0)
		load_partitions(number);
	else if (strcmp(what, "partitions") == 0)
		measure_partitions();
	else if (strcmp(what, "tables") == 0)
		make_tables((uint64_t)number);
	else if (strcmp(what, "search") == 0)
		measure_search(number);
	rpc_channel_free(channel);
	grpc_shutdown();
	return 0;
}
