#pragma once

#include "base/buffer.h"
#include "base/hash.h"
#include "catalog/holdings.h"
#include "tenon/store/v1/export.pb-c.h"

/* Inside the room: one line of an export (docs/operations.md has the form), and back. */
struct export_line {
	/* The first and the last line have one of these alone; else they are NULL. */
	const Tenon__Store__V1__ExportHead *head;
	const Tenon__Store__V1__ExportTail *tail;
	enum db db;
	struct text key;
	struct text value;
};

enum { EXPORT_VERSION = 1 };

/* Appends a record's line, without the line's end. What JSON cannot carry unharmed goes
 * as bytes. */
enum status export_record_print(const struct export_line *record, bool with_secrets,
	struct arena *arena, struct buffer *out, struct error *err) MUST_USE;
enum status export_head_print(
	const Tenon__Store__V1__ExportHead *head, struct buffer *out, struct error *err) MUST_USE;
enum status export_tail_print(
	const Tenon__Store__V1__ExportTail *tail, struct buffer *out, struct error *err) MUST_USE;

/* INVALID_ARGUMENT says what of the line is wrong. All in `arena`. */
enum status export_line_parse(struct text line, struct arena *arena, struct export_line *line_out,
	struct error *err) MUST_USE;

/* The sum of the records' lines so far, from zero: of the sum before and of the line. Tells a file
 * that was cut or altered, by nobody who means harm. */
void export_sum(struct hash *sum, struct text line);
