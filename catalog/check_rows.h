#pragma once

#include "catalog/check.h"
#include "catalog/store.h"

/* Inside the room: what an invariant is. One file of rows per area, listed in check.c. */
struct check {
	struct catalog_txn *txn;
	struct arena *arena; /* one record's */
	const struct check_sink *sink;
	const struct check_row *row;
	uint64_t records;
};

struct check_row {
	const char *invariant;
	enum db db; /* each record of it is visited */
	/* Of the record's value; the record is unpacked before the visit, and one that does
	 * not unpack is a problem by itself and not visited. NULL: it is no message. */
	const ProtobufCMessageDescriptor *descriptor;
	/* Tells what is amiss by check_found; NULL: that it unpacks is all. */
	enum status (*visit)(struct check *check, struct text key, struct text value,
		const void *message, struct error *err);
};

struct check_rows {
	const struct check_row *rows;
	size_t count;
};
#define CHECK_ROWS(array) ((struct check_rows){array, sizeof(array) / sizeof *(array)})

/* One problem at `place`, for which arena texts are made in check->arena. */
void check_found(struct check *check, const char *place, const char *format, ...) PRINTF_LIKE(3, 4);

/* How many keys begin with `prefix`. */
enum status check_count(struct check *check, enum db db, struct text prefix, uint64_t *count_out,
	struct error *err) MUST_USE;

extern const struct check_rows check_tables, check_jobs, check_records;
