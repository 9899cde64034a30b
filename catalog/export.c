#include "catalog/export.h"

#include "base/clock.h"
#include "catalog/export_line.h"
#include "catalog/key.h"
#include "catalog/store.h"
#include "catalog/view.h"

#include <string.h>

enum { PIECE_BYTES = 256 * 1024, LOOK_EVERY = 16 };

struct export
{
	const struct export_options *options;
	struct catalog_txn *txn;
	struct view view;
	struct arena *arena; /* one record's */
	struct buffer lines;
	struct hash sum;
	uint64_t records;
};

static enum status flush(struct export *export, struct error *err)
{
	TRY(export->options->put(export->options->state, buffer_text(&export->lines), err));
	buffer_clear(&export->lines);
	return view_check(&export->view, err);
}

static enum status end_line(struct export *export, struct error *err)
{
	buffer_add_byte(&export->lines, '\n');
	TRY(buffer_check(&export->lines, "a line of the export", err));
	return export->lines.length < PIECE_BYTES ? STATUS_OK : flush(export, err);
}

static enum status head_put(struct export *export, struct error *err)
{
	Tenon__Store__V1__ExportHead head = TENON__STORE__V1__EXPORT_HEAD__INIT;
	bool found;
	struct text format;
	TRY(store_find(export->txn, DB_META, TEXT("format"), &found, &format, err));
	head.version = EXPORT_VERSION;
	head.format = found && format.length == 8 ? (uint32_t)key_u64(format.at) : 0;
	head.program = arena_text(export->arena, text_of(export->options->program));
	head.time_us = clock_now_us();
	head.with_secrets = export->options->with_secrets;
	TRY(export_head_print(&head, &export->lines, err));
	return end_line(export, err);
}

static enum status records_put(struct export *export, enum db db, struct error *err)
{
	const struct holding *holding = &holdings[db];
	OWNED(scan) scan = NULL;
	TRY(scan_open(export->txn, db, TEXT(""), TEXT(""), &scan, err));
	for (;;) {
		struct export_line record = {.db = db};
		bool found;
		TRY(scan_next(scan, &found, &record.key, &record.value, err));
		if (!found)
			return STATUS_OK;
		if (holding->travels && !holding->travels(record.key, record.value))
			continue;
		size_t start = export->lines.length;
		if (export->records % LOOK_EVERY == 0)
			TRY(view_check(&export->view, err));
		arena_reset(export->arena);
		TRY(export_record_print(&record, export->options->with_secrets, export->arena,
			&export->lines, err));
		export_sum(&export->sum, text_from(buffer_text(&export->lines), start));
		TRY(end_line(export, err));
		export->records++;
	}
}

static enum status tail_put(struct export *export, struct error *err)
{
	Tenon__Store__V1__ExportTail tail = TENON__STORE__V1__EXPORT_TAIL__INIT;
	char sum[HASH_TEXT_BYTES];
	(void)hash_text(export->sum, sum);
	tail.records = export->records;
	tail.sum = sum;
	TRY(export_tail_print(&tail, &export->lines, err));
	TRY(end_line(export, err));
	return flush(export, err);
}

enum status catalog_export(struct catalog *catalog, const struct export_options *options,
	uint64_t *records_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	OWNED(arena) arena = arena_new();
	struct export export = {.options = options, .arena = arena};
	/* One record's line may be as long as a message, and its escapes longer. */
	buffer_init(&export.lines, (size_t)LIMIT_EXPORT_LINE_BYTES + 2 * PIECE_BYTES);
	TRY(view_begin(catalog, &export.view, err));
	TRY(catalog_read(catalog, &txn, err));
	export.txn = txn;
	enum status status = head_put(&export, err);
	for (int db = 0; db < DB_COUNT_ && status == STATUS_OK; db++) {
		if (!holdings[db].derived)
			status = records_put(&export, (enum db)db, err);
		if (status != STATUS_OK)
			status = fail_within(err, "export '%s'", holdings[db].name);
	}
	if (status == STATUS_OK)
		status = tail_put(&export, err);
	buffer_done(&export.lines);
	*records_out = export.records;
	return status;
}
