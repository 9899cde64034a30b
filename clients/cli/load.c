#include "clients/cli/load_calls.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

#define CATALOG &tenon__v1__catalog__descriptor

enum { BATCH_BYTES = 16 * 1024 * 1024, SLOTS = 32768 };
_Static_assert(SLOTS > 2 * LIMIT_IMPORT_ROWS, "rows find a slot soon");
static const uint64_t progress_every_ns = 100000000;

void load_init(struct load *load, struct cli *cli, const struct load_options *options)
{
	*load = (struct load){.cli = cli, .options = *options, .arena = arena_new()};
	load->notes.arena = cli->arena;
	load->rows_found = arena_array(cli->arena, SLOTS, sizeof *load->rows_found);
	load->keys_arena = arena_new();
	load->keys_of = "";
	load->batch = arena_array(cli->arena, LIMIT_PAGE, sizeof *load->batch);
	progress_start(&load->progress, cli->err, cli->err_is_terminal, cli->err_color);
}

void load_done(struct load *load)
{
	arena_free(load->arena);
	arena_free(load->keys_arena);
}

enum status load_call(struct load *load, const ProtobufCServiceDescriptor *service,
	const char *method, const ProtobufCMessage *request, void *response_out, struct error *err)
{
	struct rpc_channel *channel = NULL;
	TRY(cli_channel(load->cli, &channel, err));
	return rpc_invoke(channel, service, method, request, load->cli->timeout_ms, load->arena,
		response_out, err);
}

bool load_goes_on(enum status status)
{
	switch (status) {
	case STATUS_OK:
	case STATUS_INVALID_ARGUMENT:
	case STATUS_NOT_FOUND:
	case STATUS_ALREADY_EXISTS:
	case STATUS_PERMISSION_DENIED:
	case STATUS_RESOURCE_EXHAUSTED:
	case STATUS_FAILED_PRECONDITION:
	case STATUS_ABORTED:
	case STATUS_OUT_OF_RANGE:
		return true;
	case STATUS_CANCELLED:
	case STATUS_UNKNOWN:
	case STATUS_DEADLINE_EXCEEDED:
	case STATUS_UNIMPLEMENTED:
	case STATUS_INTERNAL:
	case STATUS_UNAVAILABLE:
	case STATUS_DATA_LOSS:
	case STATUS_UNAUTHENTICATED:
		return false;
	}
	return false;
}

/* ---- what is told at the end ---- */

void load_count(struct load *load, enum import_kind kind, enum load_outcome outcome, uint64_t more)
{
	load->counts[kind][outcome] += more;
}

void load_fail(struct load *load, const struct load_failure *failure)
{
	if (failure->kind < IMPORT_KINDS_)
		load_count(load, failure->kind, LOAD_FAILED, failure->count);
	if (load->failures_count == LIMIT_IMPORT_FAILURES) {
		load->failures_others += failure->count;
		return;
	}
	size_t room = memory_grown(load->failures_room, load->failures_count + 1);
	if (room != load->failures_room)
		load->failures = arena_grow(load->cli->arena, load->failures, load->failures_count,
			room, sizeof *load->failures);
	load->failures_room = room;
	struct load_failure *kept = &load->failures[load->failures_count++];
	*kept = *failure;
	kept->name = arena_text(load->cli->arena, text_of(failure->name));
}

/* The slot of the row of that name, or the free one where it would be. */
static uint32_t *row_slot(struct load *load, enum import_kind kind, const char *name)
{
	char *folded = arena_text(load->arena, text_of(name));
	for (char *at = folded; *at; at++)
		*at = text_lower(*at);
	size_t slot = (hash_of_64(text_of(folded)) + kind) % SLOTS;
	for (;; slot = (slot + 1) % SLOTS) {
		uint32_t place = load->rows_found[slot];
		if (!place)
			return &load->rows_found[slot];
		const struct load_row *row = &load->rows[place - 1];
		if (row->kind == kind && text_equal_folded(text_of(row->name), text_of(name)))
			return &load->rows_found[slot];
	}
}

/* The row of that name, a new one at the end, or one that nobody sees past the limit. */
struct load_row *load_row(struct load *load, enum import_kind kind, const char *name)
{
	static struct load_row unseen;
	uint32_t *slot = row_slot(load, kind, name);
	if (*slot)
		return &load->rows[*slot - 1];
	if (load->rows_count == LIMIT_IMPORT_ROWS) {
		unseen = (struct load_row){.kind = kind, .name = "", .outcome = LOAD_OUTCOMES_};
		return &unseen;
	}
	size_t room = memory_grown(load->rows_room, load->rows_count + 1);
	if (room != load->rows_room)
		load->rows = arena_grow(
			load->cli->arena, load->rows, load->rows_count, room, sizeof *load->rows);
	load->rows_room = room;
	struct load_row *row = &load->rows[load->rows_count++];
	*row = (struct load_row){.kind = kind,
		.name = arena_text(load->cli->arena, text_of(name)),
		.outcome = LOAD_OUTCOMES_};
	*slot = (uint32_t)load->rows_count;
	return row;
}

void load_row_came_out(
	struct load *load, enum import_kind kind, const char *name, enum load_outcome outcome)
{
	struct load_row *row = load_row(load, kind, name);
	row->outcome = outcome;
	load->rows_others += !row->name[0];
}

static void show_progress(struct load *load)
{
	uint64_t now = clock_monotonic_ns();
	if (now - load->progress_ns < progress_every_ns)
		return;
	load->progress_ns = now;
	const uint64_t *partitions = load->counts[IMPORT_PARTITION];
	Tenon__V1__Progress at = TENON__V1__PROGRESS__INIT;
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	uint64_t count = 0;
	for (size_t i = 0; i < LOAD_OUTCOMES_; i++)
		count += partitions[i];
	at.phase = (char[]){"importing"};
	at.bytes_done = load->bytes_done;
	at.bytes_total = load->bytes_total;
	at.fraction = load->bytes_total ? (double)load->bytes_done / (double)load->bytes_total : -1;
	at.detail = arena_printf(load->arena, "%s", human_things(load->arena, count, "partition"));
	run.progress = &at;
	run.state = TENON__V1__RUN_STATE__RUN_STATE_RUNNING;
	progress_show(&load->progress, &run);
}

/* ---- one item ---- */

enum status load_find_table(struct load *load, char *database, char *name,
	Tenon__V1__Table **table_out, struct error *err)
{
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response = NULL;
	request.database = database;
	request.name = name;
	*table_out = NULL;
	enum status status = load_call(load, CATALOG, "GetTable", &request.base, &response, err);
	if (status == STATUS_OK)
		*table_out = response->table;
	return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A failure of the item itself is noted; others end the import. */
static enum status settle(struct load *load, const struct import_item *item, const char *name,
	enum status status, struct error *err)
{
	if (status == STATUS_OK || !load_goes_on(status))
		return status;
	load_fail(load, &(struct load_failure){
				item->kind, name, load->file, item->line, item->column, 1, *err});
	load_row_came_out(load, item->kind, name, LOAD_FAILED);
	return STATUS_OK;
}

/* Where --database puts it. */
static void move_database(const struct load *load, struct import_item *item)
{
	char *name = arena_text(load->arena, text_of(load->options.database));
	switch (item->kind) {
	case IMPORT_DATABASE:
		item->database->name = name;
		return;
	case IMPORT_TABLE:
		item->table->database = name;
		return;
	case IMPORT_FUNCTION:
		item->function->database = name;
		return;
	case IMPORT_PARTITION:
	case IMPORT_STATISTICS:
		item->in_database = name;
		return;
	case IMPORT_KINDS_:
		return;
	}
}

static const char *name_of(struct load *load, const struct import_item *item)
{
	switch (item->kind) {
	case IMPORT_DATABASE:
		return item->database->name;
	case IMPORT_TABLE:
		return arena_printf(load->arena, "%s.%s", item->table->database, item->table->name);
	case IMPORT_FUNCTION:
		return arena_printf(
			load->arena, "%s.%s", item->function->database, item->function->name);
	case IMPORT_STATISTICS:
		return item->statistics->column;
	case IMPORT_PARTITION:
	case IMPORT_KINDS_:
		break;
	}
	return "";
}

static enum status put(
	struct load *load, struct import_item *item, const char *name, struct error *err)
{
	switch (item->kind) {
	case IMPORT_DATABASE:
		return load_database(load, item->database, err);
	case IMPORT_TABLE:
		return load_table(load, item->table, name, err);
	case IMPORT_FUNCTION:
		return load_function(load, item->function, name, err);
	case IMPORT_STATISTICS:
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the file does not say whose statistics these are: use 'tenon statistics "
			"put DB.TABLE FILE'");
	case IMPORT_PARTITION:
	case IMPORT_KINDS_:
		break;
	}
	return STATUS_OK;
}

/* Unreadable: listed, and the end of it unless told otherwise. */
static enum status unreadable(struct load *load, struct import_item *item, struct error *err)
{
	if (!load->options.keep_going) {
		*err = item->why;
		return item->column ? fail_within(err, "%s:%zu:%zu", load->file, item->line,
					      item->column)
				    : fail_within(err, "%s:%zu", load->file, item->line);
	}
	load_fail(load, &(struct load_failure){item->kind, "", load->file, item->line, item->column,
				1, item->why});
	return STATUS_OK;
}

enum status load_flush(struct load *load, struct error *err)
{
	TRY(load_partitions(load, err));
	arena_reset(load->arena);
	return STATUS_OK;
}

static enum status find_keys(
	struct load *load, struct import_item *item, const char *name, struct error *err)
{
	Tenon__V1__Table *table = NULL;
	if (strcmp(load->keys_of, name) == 0)
		return STATUS_OK;
	TRY(load_find_table(load, item->in_database, item->in_table, &table, err));
	arena_reset(load->keys_arena);
	load->keys_of = arena_text(load->keys_arena, text_of(name));
	load->keys_count = table ? table->n_partition_keys : 0;
	load->keys = arena_array(load->keys_arena, load->keys_count, sizeof *load->keys);
	for (size_t i = 0; i < load->keys_count; i++)
		load->keys[i] =
			arena_text(load->keys_arena, text_of(table->partition_keys[i]->name));
	return STATUS_OK;
}

/* PARTITION (b = 1, a = 2) in the order of the table's keys. Of a table that is not there
 * nothing is known: the daemon will say so. */
static enum status order_values(
	struct load *load, struct import_item *item, const char *name, struct error *err)
{
	Tenon__V1__Partition *partition = item->partition;
	TRY(find_keys(load, item, name, err));
	if (load->keys_count == 0)
		return STATUS_OK;
	if (partition->n_values != load->keys_count)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%zu values for %zu partition keys: give one for each", partition->n_values,
			load->keys_count);
	char **values = arena_array(load->arena, load->keys_count, sizeof *values);
	for (size_t k = 0; k < load->keys_count; k++) {
		for (size_t i = 0; i < partition->n_values && !values[k]; i++) {
			if (text_equal_folded(text_of(item->in_keys[i]), text_of(load->keys[k])))
				values[k] = partition->values[i];
		}
		if (!values[k])
			return fail(err, STATUS_INVALID_ARGUMENT, "no value for partition key '%s'",
				load->keys[k]);
	}
	partition->values = values;
	return STATUS_OK;
}

/* Tables come before their partitions, and partitions of one table one after the
 * other: what waits is sent when another table's turn comes. */
static enum status load_partition(struct load *load, struct import_item *item, struct error *err)
{
	bool same = load->batch_count && strcmp(load->batch_database, item->in_database) == 0 &&
		    strcmp(load->batch_table, item->in_table) == 0;
	if (!same)
		TRY(load_partitions(load, err));
	const char *name = arena_printf(load->arena, "%s.%s", item->in_database, item->in_table);
	if (item->in_keys) {
		enum status status = order_values(load, item, name, err);
		if (status != STATUS_OK && load_goes_on(status)) {
			load_fail(load, &(struct load_failure){item->kind, name, load->file,
						item->line, item->column, 1, *err});
			load_row(load, IMPORT_TABLE, name)->partitions[LOAD_FAILED]++;
			return STATUS_OK;
		}
		TRY(status);
	}
	load->batch_database = item->in_database;
	load->batch_table = item->in_table;
	load->batch[load->batch_count++] =
		(struct load_part){item->partition, item->line, item->column};
	if (load->batch_count < LIMIT_PAGE && arena_bytes(load->arena) < BATCH_BYTES)
		return STATUS_OK;
	return load_flush(load, err);
}

/* DDL may leave it out, and so may an object without its page. */
static const char *database_of(const struct import_item *item)
{
	switch (item->kind) {
	case IMPORT_TABLE:
		return item->table->database;
	case IMPORT_FUNCTION:
		return item->function->database;
	case IMPORT_PARTITION:
		return item->in_database;
	case IMPORT_DATABASE:
	case IMPORT_STATISTICS:
	case IMPORT_KINDS_:
		break;
	}
	return "any";
}

static enum status nowhere(struct load *load, const struct import_item *item, const char *name)
{
	struct error why;
	(void)fail(&why, STATUS_INVALID_ARGUMENT,
		"it names no database: give --database, or USE in DDL");
	load_fail(load, &(struct load_failure){
				item->kind, name, load->file, item->line, item->column, 1, why});
	return STATUS_OK;
}

enum status load_item(struct load *load, struct import_item *item, struct error *err)
{
	show_progress(load);
	if (item->why.status != STATUS_OK)
		return unreadable(load, item, err);
	if (load->options.database)
		move_database(load, item);
	if (!database_of(item)[0])
		return nowhere(load, item, item->kind == IMPORT_TABLE ? item->table->name : "");
	fit_locations(
		item, load->options.moves, load->options.moves_count, load->arena, &load->notes);
	if (item->kind == IMPORT_PARTITION)
		return load_partition(load, item, err);
	TRY(load_partitions(load, err));
	const char *name = name_of(load, item);
	TRY(settle(load, item, name, put(load, item, name, err), err));
	arena_reset(load->arena);
	return STATUS_OK;
}
