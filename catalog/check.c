#include "catalog/check.h"

#include "catalog/check_rows.h"
#include "catalog/dropped_record.h"
#include "catalog/holdings.h"
#include "catalog/key.h"
#include "catalog/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct check_rows *const areas[] = {&check_tables, &check_orphans, &check_versions,
	&check_dropped, &check_search, &check_feed, &check_jobs, &check_access,
	&check_partition_indexes, &check_webhooks, &check_registries, &check_numbers};

void check_found(struct check *check, const char *place, const char *format, ...)
{
	struct check_problem problem = {.invariant = check->row->invariant};
	va_list arguments;
	(void)snprintf(problem.place, sizeof problem.place, "%s", place);
	va_start(arguments, format);
	(void)vsnprintf(problem.message, sizeof problem.message, format, arguments);
	va_end(arguments);
	check->sink->problem(check->sink->state, &problem);
}

void check_keep_first(void *findings, const struct check_problem *problem)
{
	struct check_findings *kept = findings;
	if (kept->count++ == 0)
		kept->first = *problem;
}

enum status check_has_table(struct check *check, uint64_t id, bool *found_out, struct error *err)
{
	char bytes[8];
	struct text value;
	struct buffer SCOPED_BUFFER dropped = {0};
	TRY(store_find(check->txn, DB_TABLES, key_u64_text(id, bytes), found_out, &value, err));
	dropped_key_of(&dropped, DROPPED_TABLE, id);
	return *found_out ? STATUS_OK
			  : store_find(check->txn, DB_DROPPED, buffer_text(&dropped), found_out,
				    &value, err);
}

enum status check_is_purged(
	struct check *check, struct text key, bool *purged_out, struct error *err)
{
	struct buffer SCOPED_BUFFER dropped = {0};
	Tenon__Store__V1__DroppedRecord *record = NULL;
	struct error why;
	struct text value;
	bool found = false;
	*purged_out = false;
	if (key.length < 8)
		return STATUS_OK;
	dropped_key_of(&dropped, DROPPED_TABLE, key_u64(key.at));
	TRY(store_find(check->txn, DB_DROPPED, buffer_text(&dropped), &found, &value, err));
	/* A damaged record is told by the row that is about it. */
	*purged_out = found && value.length == 8 &&
		      dropped_read(check->txn, key_u64(value.at), check->arena, &record, &why) ==
			      STATUS_OK &&
		      record && record->purging;
	return STATUS_OK;
}

/* A key as a person may read it: its text, or its bytes in hex. */
static const char *place_of(struct check *check, struct text key)
{
	enum { SHOWN = 64 };
	struct text shown = text_until(key, SHOWN);
	bool plain = text_is_utf8(shown);
	for (size_t i = 0; i < shown.length; i++)
		plain = plain && (unsigned char)shown.at[i] >= 0x20;
	if (plain)
		return arena_text(check->arena, shown);
	char *hex = arena_alloc(check->arena, 2 * SHOWN + 1);
	for (size_t i = 0; i < shown.length; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", (unsigned char)shown.at[i]);
	return hex;
}

static enum status visit(struct check *check, struct text key, struct text value, struct error *err)
{
	const struct check_row *row = check->row;
	void *message = NULL;
	enum { TOLD_EVERY = 4096, LOOK_EVERY = 16 };
	arena_reset(check->arena);
	if (check->view && check->records % LOOK_EVERY == 0)
		TRY(view_check(check->view, err));
	if (check->records++ % TOLD_EVERY == 0 && check->watch)
		check->watch->progress(check->watch->state, row->invariant, check->records);
	if (row->descriptor) {
		struct error why;
		if (store_unpack(value, row->descriptor, check->arena, &message, &why) !=
			STATUS_OK) {
			if (!row->visit)
				check_found(check, place_of(check, key), "%s", why.message);
			return STATUS_OK;
		}
	}
	return row->visit ? row->visit(check, key, value, message, err) : STATUS_OK;
}

static enum status walk_db(struct check *check, struct error *err)
{
	OWNED(scan) scan = NULL;
	TRY(scan_open(check->txn, check->row->db, TEXT(""), TEXT(""), &scan, err));
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (!found)
			break;
		TRY(visit(check, key, value, err));
	}
	return check->row->finish ? check->row->finish(check, err) : STATUS_OK;
}

static enum status walk(struct check *check, const struct check_row *row, struct error *err)
{
	check->row = row;
	enum status status = walk_db(check, err);
	check->row = NULL;
	return status;
}

/* Every record is a message of the kind that its database holds. */
static enum status walk_records(struct check *check, struct error *err)
{
	for (int db = 0; db < DB_COUNT_; db++) {
		struct check_row row = {"records", (enum db)db, holdings[db].value, NULL, NULL};
		if (row.descriptor && walk(check, &row, err) != STATUS_OK)
			return fail_within(err, "check '%s'", holdings[db].name);
	}
	return STATUS_OK;
}

static enum status walk_all(struct check *check, struct error *err)
{
	TRY(walk_records(check, err));
	for (size_t i = 0; i < sizeof areas / sizeof *areas; i++) {
		for (size_t k = 0; k < areas[i]->count; k++) {
			const struct check_row *row = &areas[i]->rows[k];
			if (walk(check, row, err) != STATUS_OK)
				return fail_within(err, "check '%s'", row->invariant);
		}
	}
	return STATUS_OK;
}

static enum status check_on(struct check *check, uint64_t *records_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	check->arena = arena;
	enum status status = walk_all(check, err);
	free(check->tally.versions);
	*records_out = check->records;
	return status;
}

enum status check_all(struct catalog_txn *txn, const struct check_sink *sink, uint64_t *records_out,
	struct error *err)
{
	struct check check = {.txn = txn, .sink = sink};
	return check_on(&check, records_out, err);
}

enum status catalog_check_watched(struct catalog *catalog, const struct check_sink *sink,
	const struct check_watch *watch, uint64_t *records_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	struct view view;
	struct check check = {.sink = sink, .watch = watch, .view = &view};
	TRY(view_begin(catalog, &view, err));
	TRY(catalog_read(catalog, &txn, err));
	check.txn = txn;
	return check_on(&check, records_out, err);
}

enum status catalog_check(struct catalog *catalog, const struct check_sink *sink,
	uint64_t *records_out, struct error *err)
{
	return catalog_check_watched(catalog, sink, NULL, records_out, err);
}
