#pragma once

#include "tests/catalog/fixture.h"

#include "base/buffer.h"
#include "catalog/export.h"
#include "catalog/import.h"

/* A catalog as lines of an export, and such lines into a catalog. */

static inline enum status export_collect(void *state, struct text lines, struct error *err)
{
	(void)err;
	assert_true(lines.length > 0 && lines.at[lines.length - 1] == '\n');
	buffer_add_text(state, lines);
	return STATUS_OK;
}

static inline enum status export_to(struct fixture *f, bool with_secrets, struct buffer *out)
{
	uint64_t records;
	struct export_options options = {.program = "test",
		.with_secrets = with_secrets,
		.put = export_collect,
		.state = out};
	buffer_init(out, SIZE_MAX);
	return catalog_export(f->catalog, &options, &records, &f->err);
}

/* In pieces of whole lines. */
static inline enum status import_from(struct fixture *f, struct text lines, size_t piece_bytes)
{
	OWNED(import) import = NULL;
	TRY(import_new(f->catalog, &import, &f->err));
	while (lines.length) {
		size_t end = lines.length < piece_bytes ? lines.length : piece_bytes;
		while (end < lines.length && lines.at[end - 1] != '\n')
			end++;
		TRY(import_lines(import, text_until(lines, end), &f->err));
		lines = text_from(lines, end);
	}
	return import_finish(import, &f->err);
}

/* What follows the first line, which has the time of the export. */
static inline struct text export_body(const struct buffer *lines)
{
	struct text all = buffer_text(lines);
	return text_from(all, text_find(all, '\n'));
}

/* Names the first line that differs. */
static inline void same_lines(struct text expected, struct text got)
{
	struct text line;
	struct text other;
	bool more = true;
	bool more_got = true;
	while (text_split(&expected, &more, '\n', &line)) {
		if (!text_split(&got, &more_got, '\n', &other))
			other = TEXT("");
		if (!text_equal(line, other))
			fail_msg("'%.*s' came back as '%.*s'", TEXT_ARG(text_until(line, 1000)),
				TEXT_ARG(text_until(other, 1000)));
	}
	assert_int_equal(got.length, 0);
}
