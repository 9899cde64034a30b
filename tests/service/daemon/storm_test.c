#include "tests/service/daemon/daemon_process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A write that was acknowledged survives SIGKILL: writers note every answer, the
 * daemon is killed among them, and the next one must know all that was answered. */

enum { WRITERS = 8, ROUNDS = 3, STORM_US = 400000, TABLES_MAX = 20000 };

struct writer {
	pthread_t thread;
	const char *address;
	int round;
	int number;
	/* How often each table's change was acknowledged: table i was created, then
	 * updated to have i % 3 versions more. */
	unsigned acknowledged;
	unsigned versions[TABLES_MAX];
};

static atomic_bool over;

static enum status write_table(struct rpc_channel *channel, struct arena *arena,
	const struct writer *writer, unsigned table, unsigned version)
{
	static char database[] = "storm";
	static char column_name[] = "amount";
	struct error err;
	Tenon__V1__Column column = TENON__V1__COLUMN__INIT;
	Tenon__V1__Column *columns[] = {&column};
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Table definition = TENON__V1__TABLE__INIT;
	Tenon__V1__UpdateTableRequest request = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *response;
	column.name = column_name;
	column.type = arena_printf(arena, "decimal(38,%u)", version);
	storage.columns = columns;
	storage.n_columns = 1;
	definition.database = database;
	definition.name = arena_printf(arena, "r%dw%dt%u", writer->round, writer->number, table);
	definition.storage = &storage;
	request.table = &definition;
	request.create_if_missing = true;
	return rpc_invoke(channel, &tenon__v1__catalog__descriptor, "UpdateTable", &request.base,
		5000, arena, &response, &err);
}

static void *write_until_over(void *state)
{
	struct writer *writer = state;
	struct error err;
	OWNED(arena) arena = arena_new();
	OWNED(rpc_channel) channel = NULL;
	if (rpc_channel_open(writer->address, NULL, &channel, &err) != STATUS_OK)
		return NULL;
	for (unsigned table = 0; table < TABLES_MAX && !atomic_load(&over); table++) {
		for (unsigned version = 0; version <= table % 3; version++) {
			arena_reset(arena);
			if (write_table(channel, arena, writer, table, version) != STATUS_OK)
				return NULL;
			writer->versions[table] = version;
			writer->acknowledged = table + 1;
		}
	}
	return NULL;
}

/* A later, unanswered write may be there too; none that was answered may be missing. */
static void check(struct daemon_process *daemon, const struct writer *writer)
{
	for (unsigned table = 0; table < writer->acknowledged; table++) {
		arena_reset(daemon->arena);
		Tenon__V1__Table *stored = get_table(daemon, "storm",
			arena_printf(
				daemon->arena, "r%dw%dt%u", writer->round, writer->number, table));
		struct text type = text_of(stored->storage->columns[0]->type);
		uint64_t scale = 0;
		assert_true(text_starts(type, TEXT("decimal(38,")));
		(void)text_uint64(text_from(type, strlen("decimal(38,")), &scale);
		if (stored->version < writer->versions[table] || stored->version != scale)
			fail_msg("%s was acknowledged at version %u and is at %u, %s", stored->name,
				writer->versions[table], (unsigned)stored->version,
				stored->storage->columns[0]->type);
	}
}

static void every_acknowledged_write_survives_a_kill_in_a_write_storm(void **state)
{
	(void)state;
	static struct writer writers[ROUNDS][WRITERS];
	struct daemon_process daemon;
	size_t acknowledged = 0;
	daemon_init(&daemon);
	for (int round = 0; round < ROUNDS; round++) {
		daemon_start(&daemon, NULL, NULL);
		put_database(&daemon, "storm");
		atomic_store(&over, false);
		for (int i = 0; i < WRITERS; i++) {
			struct writer *writer = &writers[round][i];
			writer->address = daemon.address;
			writer->round = round;
			writer->number = i;
			assert_int_equal(
				pthread_create(&writer->thread, NULL, write_until_over, writer), 0);
		}
		(void)usleep(STORM_US + 50000 * (unsigned)round);
		daemon_kill(&daemon);
		atomic_store(&over, true);
		for (int i = 0; i < WRITERS; i++) {
			(void)pthread_join(writers[round][i].thread, NULL);
			acknowledged += writers[round][i].acknowledged;
		}
	}
	daemon_start(&daemon, NULL, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < WRITERS; i++)
			check(&daemon, &writers[round][i]);
	}
	print_message("%zu tables were acknowledged and are there\n", acknowledged);
	assert_true(acknowledged > WRITERS);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_acknowledged_write_survives_a_kill_in_a_write_storm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
