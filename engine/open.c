#include "base/memory.h"
#include "engine/internal.h"
#include "engine/table.h"

#include <stdio.h>
#include <stdlib.h>

/* Everything that is not set here could be reached by a user's query: installing
 * extensions, other databases, the configuration itself. Reading files stays
 * possible, because Parquet is read by the engine; user queries are held to
 * catalog tables by engine_tables_of. */
static const char *const fixed[][2] = {
	{"autoinstall_known_extensions", "false"},
	{"autoload_known_extensions", "false"},
	{"allow_community_extensions", "false"},
	/* Our tables have no order across threads; with order kept they would be read
	 * by one thread. COPY asks for order where it is wanted. */
	{"preserve_insertion_order", "false"},
};

static const char *const settings[] = {
	/* The catalog's name for people who come from Athena: awsdatacatalog.db.table. */
	"ATTACH ':memory:' AS awsdatacatalog",
	"USE awsdatacatalog",
	"SET TimeZone = 'UTC'",
	"SET enable_progress_bar = true",
	"SET enable_progress_bar_print = false",
	"SET progress_bar_time = 0",
	"SET lock_configuration = true",
};

static duckdb_config configured(const struct engine_limits *limits)
{
	duckdb_config config = NULL;
	if (duckdb_create_config(&config) != DuckDBSuccess)
		return NULL;
	char number[32];
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		duckdb_set_config(config, fixed[i][0], fixed[i][1]);
	if (limits->memory_bytes) {
		(void)snprintf(
			number, sizeof number, "%lluB", (unsigned long long)limits->memory_bytes);
		duckdb_set_config(config, "memory_limit", number);
	}
	if (limits->threads) {
		(void)snprintf(number, sizeof number, "%u", limits->threads);
		duckdb_set_config(config, "threads", number);
	}
	duckdb_set_config(
		config, "temp_directory", limits->spill_folder ? limits->spill_folder : "");
	return config;
}

static enum status apply_settings(struct engine *engine, struct error *err)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		TRY(engine_run(engine, text_of(settings[i]), err));
	return STATUS_OK;
}

enum status engine_open(
	const struct engine_limits *limits, struct engine **engine_out, struct error *err)
{
	OWNED(engine) engine = memory_new(sizeof *engine);
	pthread_mutex_init(&engine->lock, NULL);
	engine->threads = limits->threads;
	engine->copy_strings = limits->copy_strings;
#ifdef ENGINE_COPY_STRINGS
	engine->copy_strings = true;
#endif
	duckdb_config config = configured(limits);
	char *why = NULL;
	duckdb_state state = duckdb_open_ext(NULL, &engine->database, config, &why);
	duckdb_destroy_config(&config);
	if (state != DuckDBSuccess) {
		enum status status = engine_failure(engine, DUCKDB_ERROR_INVALID_INPUT, why, err);
		duckdb_free(why);
		return status;
	}
	if (duckdb_connect(engine->database, &engine->connection) != DuckDBSuccess)
		return fail(err, STATUS_INTERNAL, "the engine refused a connection");
	TRY(apply_settings(engine, err));
	*engine_out = TAKE(engine);
	return STATUS_OK;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	if (engine->connection)
		statement_settle(engine);
	duckdb_disconnect(&engine->connection);
	duckdb_close(&engine->database);
	tables_free(engine->tables);
	pthread_mutex_destroy(&engine->lock);
	free(engine);
}

enum status engine_run(struct engine *engine, struct text sql, struct error *err)
{
	struct statement SCOPED_STATEMENT statement = {0};
	TRY(statement_prepare(engine, sql, &statement, err));
	return statement_execute(engine, &statement, false, err);
}

void engine_cancel(struct engine *engine)
{
	atomic_store(&engine->cancelled, true);
	duckdb_interrupt(engine->connection);
}

double engine_progress(struct engine *engine)
{
	double own = scans_progress(engine);
	if (own >= 0)
		return own;
	double percent = duckdb_query_progress(engine->connection).percentage;
	return percent < 0 ? -1 : percent / 100;
}
