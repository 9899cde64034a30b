#include "base/memory.h"
#include "engine/engine.h"
#include "etl/run.h"
#include "rpc/settings.h"
#include "worker/command.h"
#include "worker/guard.h"
#include "worker/interrupt.h"
#include "worker/options.h"
#include "worker/rows.h"
#include "worker/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `tenon-worker sql`: a SELECT over catalog tables, written as rows come. */

struct output {
	struct rows rows;
	bool reader_gone; /* EPIPE: nothing to complain about */
};

static enum status not_written(struct output *output, struct error *err)
{
	output->reader_gone = errno == EPIPE;
	return fail(err, STATUS_UNAVAILABLE, "the output could not be written: %s",
		strerror(errno)); // NOLINT(concurrency-mt-unsafe)
}

static enum status flush(struct output *output, struct error *err)
{
	struct buffer *line = &output->rows.line;
	TRY(buffer_check(line, "a batch of rows", err));
	bool written = fwrite(line->at, 1, line->length, stdout) == line->length;
	/* On a terminal rows are seen as they come. */
	if (written && isatty(STDOUT_FILENO))
		written = fflush(stdout) == 0;
	buffer_clear(line);
	return written ? STATUS_OK : not_written(output, err);
}

static enum status on_batch(
	void *state, struct engine_result *result, size_t batch, struct error *err)
{
	struct output *output = state;
	rows_batch(&output->rows, result, batch);
	return flush(output, err);
}

static enum status host_table(void *channel, struct text database, struct text table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	return tables_get(channel, database, table, arena, table_out, err);
}

static enum status host_partitions(void *channel, struct text database, struct text table,
	struct text expression, struct arena *arena, Tenon__V1__Partition ***partitions_out,
	size_t *count_out, struct error *err)
{
	return tables_partitions(
		channel, database, table, expression, arena, partitions_out, count_out, err);
}

static bool host_report(void *state, const Tenon__V1__Progress *progress)
{
	(void)state;
	(void)progress;
	return !interrupt_asked();
}

static void host_log(void *state, const char *line)
{
	(void)state;
	(void)fprintf(stderr, "tenon-worker: %s\n", line);
}

struct question {
	const char *query;
	struct engine_limits limits;
	uint64_t width; /* as in struct rows */
	bool ascii;
};

/* What does not fit into memory goes there; the engine empties it, we remove it. */
static char *spill_folder(struct arena *arena)
{
	const char *place = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe)
	char *folder = arena_printf(arena, "%s/tenon-sql-XXXXXX", place && *place ? place : "/tmp");
	return mkdtemp(folder); /* NULL: a query over its limit fails */
}

static enum status ask(struct rpc_channel *channel, const struct question *question,
	struct output *output, struct error *err)
{
	const struct etl_host host = {
		.state = channel,
		.table = host_table,
		.partitions = host_partitions,
		.report = host_report,
		.log = host_log,
	};
	const struct sql_sink sink = {output, on_batch};
	TRY(etl_sql(
		text_of(question->query), &question->limits, &host, interrupt_flag(), &sink, err));
	rows_end(&output->rows);
	TRY(flush(output, err));
	return fflush(stdout) == 0 ? STATUS_OK : not_written(output, err);
}

static int answer(const struct rpc_settings *daemon, struct question *question,
	const struct rows_format *format)
{
	OWNED(arena) arena = arena_new();
	OWNED(rpc_channel) channel = NULL;
	struct output output = {.reader_gone = false};
	struct error err;
	if (rpc_settings_open(daemon, &channel, &err) != STATUS_OK)
		return command_complain(EXIT_USAGE, err.message);
	rows_init(&output.rows, format, arena);
	output.rows.width = question->width;
	output.rows.ascii = question->ascii;
	char *spill = spill_folder(arena);
	question->limits.spill_folder = spill;
	enum status status = ask(channel, question, &output, &err);
	if (spill)
		(void)rmdir(spill);
	rows_done(&output.rows);
	if (status == STATUS_OK || output.reader_gone)
		return EXIT_OK;
	(void)fflush(stdout);
	if (interrupt_asked())
		return EXIT_INTERRUPTED;
	return command_complain(EXIT_FAILED, err.message);
}

int command_sql(char **arguments, size_t count)
{
	struct option options[] = {{"--address", true, NULL}, {"--memory", true, NULL},
		{"--threads", true, NULL}, {"--format", true, NULL}, {"--token-file", true, NULL},
		{"--tls-ca", true, NULL}, {"--tls-cert", true, NULL}, {"--tls-key", true, NULL},
		{"--tls-server-name", true, NULL}, {"--tls", false, NULL},
		{"--insecure", false, NULL}, {"--width", true, NULL}, {"--ascii", false, NULL}};
	struct error err;
	size_t rest;
	uint64_t threads;
	struct question question = {0};
	guard_process();
	interrupt_start();
	if (options_parse(options, sizeof options / sizeof *options, arguments, count, &rest,
		    &err) != STATUS_OK ||
		option_number(&options[1], guard_usual_memory(), &question.limits.memory_bytes,
			&err) != STATUS_OK ||
		option_number(&options[2], 0, &threads, &err) != STATUS_OK ||
		option_number(&options[11], 0, &question.width, &err) != STATUS_OK)
		return command_complain(EXIT_USAGE, err.message);
	const char *address = options[0].value;
	if (!address)
		address = getenv("TENON_ADDRESS"); // NOLINT(concurrency-mt-unsafe)
	const struct rows_format *format =
		rows_format_named(options[3].value ? options[3].value : "table");
	if (!format)
		return command_complain(EXIT_USAGE, "--format is table, json, csv or jsonl");
	if (!address || rest != 1 || threads > 1024)
		return command_complain(EXIT_USAGE,
			"usage: tenon-worker sql --address ADDRESS [--memory BYTES] [--threads N] "
			"[--format table|json|csv|jsonl] [--width COLUMNS] [--ascii] QUERY");
	guard_memory(question.limits.memory_bytes);
	question.query = arguments[0];
	question.ascii = options[12].value;
	question.limits.threads = (unsigned)threads;
	const struct rpc_settings daemon = {
		.address = address,
		.token_file = options[4].value,
		.ca = options[5].value,
		.certificate = options[6].value,
		.key = options[7].value,
		.server_name = options[8].value,
		.tls = options[9].value,
		.token_in_the_clear = options[10].value,
	};
	return answer(&daemon, &question, format);
}
