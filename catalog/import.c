#include "catalog/import.h"

#include "base/memory.h"
#include "catalog/check_rows.h"
#include "catalog/export_line.h"
#include "catalog/format.h"
#include "catalog/key.h"
#include "catalog/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct import {
	struct catalog *catalog;
	FILE *aside; /* entries, each followed by its key and its value */
	struct arena *arena; /* one line's */
	struct hash sum; /* of the records' lines so far */
	uint64_t line;
	uint64_t records;
	bool begun;
	bool ended;
	int64_t time_us; /* of the export */
	char *bytes; /* of an entry that is read back */
	size_t capacity;
};

/* How a record waits in the file. */
struct entry {
	uint64_t line;
	uint32_t db;
	uint32_t key_length;
	uint64_t value_length;
};

/* ---- taking lines ---- */

static enum status content_check(struct catalog_txn *txn, struct error *err)
{
	for (int db = 0; db < DB_COUNT_; db++) {
		OWNED(scan) scan = NULL;
		bool found;
		struct text key;
		struct text value;
		if (!holdings[db].content)
			continue;
		TRY(scan_open(txn, (enum db)db, TEXT(""), TEXT(""), &scan, err));
		TRY(scan_next(scan, &found, &key, &value, err));
		if (found)
			return fail(err, STATUS_FAILED_PRECONDITION,
				"the catalog is not empty (it has %s): import into a new one",
				holdings[db].name);
	}
	return STATUS_OK;
}

enum status import_new(struct catalog *catalog, struct import **import_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(catalog, &txn, err));
	TRY(content_check(txn, err));
	int fd = open(catalog->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "make a temporary file in '%s': %s",
			catalog->folder, strerrordesc_np(errno));
	OWNED(import) import = memory_new(sizeof *import);
	import->catalog = catalog;
	import->arena = arena_new();
	import->aside = fdopen(fd, "w+");
	if (!import->aside) {
		(void)close(fd);
		return fail(err, STATUS_INTERNAL, "fdopen: %s", strerrordesc_np(errno));
	}
	*import_out = TAKE(import);
	return STATUS_OK;
}

void import_free(struct import *import)
{
	if (!import)
		return;
	if (import->aside)
		(void)fclose(import->aside);
	arena_free(import->arena);
	free(import->bytes);
	free(import);
}

uint64_t import_records(const struct import *import)
{
	return import->records;
}

static enum status aside_failed(int code, struct error *err)
{
	bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
	return fail(err, full ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL,
		"keep the lines aside: %s", strerrordesc_np(code));
}

static enum status put_aside(
	struct import *import, const struct export_line *line, struct error *err)
{
	struct entry entry = {
		.line = import->line,
		.db = (uint32_t)line->db,
		.key_length = (uint32_t)line->key.length,
		.value_length = line->value.length,
	};
	FILE *aside = import->aside;
	if (fwrite(&entry, sizeof entry, 1, aside) != 1 ||
		fwrite(line->key.at, 1, line->key.length, aside) != line->key.length ||
		(line->value.length &&
			fwrite(line->value.at, 1, line->value.length, aside) != line->value.length))
		return aside_failed(errno, err);
	import->records++;
	return STATUS_OK;
}

static enum status head_check(
	struct import *import, const Tenon__Store__V1__ExportHead *head, struct error *err)
{
	if (!head)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"it is not the first line of an export: that one has a head");
	if (head->version != EXPORT_VERSION)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the export's form is version %" PRIu32 ", and this program reads %d: use "
			"the version that wrote it%s%s",
			head->version, EXPORT_VERSION, *head->program ? ", " : "", head->program);
	if (head->format > format_newest(&formats_known))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the export is of a store of format %" PRIu32
			", and this program knows up to %" PRIu64,
			head->format, format_newest(&formats_known));
	import->begun = true;
	import->time_us = head->time_us;
	return STATUS_OK;
}

static enum status tail_check(
	struct import *import, const Tenon__Store__V1__ExportTail *tail, struct error *err)
{
	char sum[HASH_TEXT_BYTES];
	if (tail->records != import->records)
		return fail(err, STATUS_DATA_LOSS,
			"the export had %" PRIu64 " records, and %" PRIu64 " came", tail->records,
			import->records);
	if (strcmp(hash_text(import->sum, sum), tail->sum) != 0)
		return fail(err, STATUS_DATA_LOSS,
			"the lines are not those that were exported: their sum is %s, not '%.40s'",
			sum, tail->sum);
	import->ended = true;
	return STATUS_OK;
}

static enum status line_take(struct import *import, struct text line, struct error *err)
{
	struct export_line read;
	arena_reset(import->arena);
	if (import->ended)
		return fail(err, STATUS_INVALID_ARGUMENT, "it comes after the last one");
	TRY(export_line_parse(line, import->arena, &read, err));
	if (!import->begun)
		return head_check(import, read.head, err);
	if (read.head)
		return fail(err, STATUS_INVALID_ARGUMENT, "a second head");
	if (read.tail)
		return tail_check(import, read.tail, err);
	export_sum(&import->sum, line);
	return put_aside(import, &read, err);
}

enum status import_lines(struct import *import, struct text lines, struct error *err)
{
	bool more = true;
	struct text line;
	if (lines.length == 0)
		return STATUS_OK;
	if (lines.at[lines.length - 1] != '\n')
		return fail(err, STATUS_INVALID_ARGUMENT,
			"line %" PRIu64 " and later: the last one has no end", import->line + 1);
	lines.length--;
	while (text_split(&lines, &more, '\n', &line)) {
		import->line++;
		if (line_take(import, line, err) != STATUS_OK)
			return fail_within(err, "line %" PRIu64, import->line);
	}
	return STATUS_OK;
}

/* ---- putting them in place ---- */

/* The next record that waits, in import->bytes; false at the end. */
static enum status take_back(struct import *import, struct entry *entry, bool *found_out,
	struct text *key_out, struct text *value_out, struct error *err)
{
	*found_out = fread(entry, sizeof *entry, 1, import->aside) == 1;
	if (!*found_out)
		return ferror(import->aside) ? aside_failed(errno, err) : STATUS_OK;
	size_t wanted = memory_grown(import->capacity, entry->key_length + entry->value_length + 1);
	if (wanted != import->capacity) {
		import->bytes = memory_resize(import->bytes, wanted, 1);
		import->capacity = wanted;
	}
	size_t length = entry->key_length + entry->value_length;
	if (fread(import->bytes, 1, length, import->aside) != length)
		return aside_failed(errno, err);
	*key_out = (struct text){import->bytes, entry->key_length};
	*value_out = (struct text){import->bytes + entry->key_length, entry->value_length};
	return STATUS_OK;
}

static enum status record_put(
	struct catalog_txn *txn, enum db db, struct arrival *arrival, struct error *err)
{
	const struct holding *holding = &holdings[db];
	void *message = NULL;
	if (holding->value && holding->arrive)
		TRY(store_unpack(arrival->value, holding->value, arrival->arena, &message, err));
	arrival->message = message;
	return holding->arrive ? holding->arrive(txn, arrival, err)
			       : store_put(txn, db, arrival->key, arrival->value, err);
}

static enum status records_put(struct catalog_txn *txn, struct import *import, struct error *err)
{
	rewind(import->aside);
	for (;;) {
		struct arrival arrival = {.time_us = import->time_us, .arena = import->arena};
		struct entry entry;
		bool found;
		arena_reset(import->arena);
		TRY(take_back(import, &entry, &found, &arrival.key, &arrival.value, err));
		if (!found)
			return STATUS_OK;
		if (record_put(txn, (enum db)entry.db, &arrival, err) != STATUS_OK)
			return txn->map_full ? err->status
					     : fail_within(err, "line %" PRIu64, entry.line);
	}
}

static enum status import_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct import *import = state;
	struct check_findings findings = {.count = 0};
	struct check_sink sink = {.problem = check_keep_first, .state = &findings};
	uint64_t records;
	TRY(content_check(txn, err));
	for (int db = 0; db < DB_COUNT_; db++) {
		if (holdings[db].starts_anew)
			TRY(store_delete_prefix(txn, (enum db)db, TEXT(""), &records, err));
	}
	TRY(records_put(txn, import, err));
	TRY(check_all(txn, &sink, &records, err));
	if (findings.count)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the lines do not fit together: %s: %s: %s (and %" PRIu64 " more)",
			findings.first.invariant, findings.first.place, findings.first.message,
			findings.count - 1);
	return STATUS_OK;
}

enum status import_finish(struct import *import, struct error *err)
{
	if (!import->ended)
		return fail(
			err, STATUS_DATA_LOSS, "the export is cut short: its last line is missing");
	if (fflush(import->aside) != 0)
		return aside_failed(errno, err);
	return catalog_write_alone(import->catalog, import_apply, import, err);
}
