#pragma once

#include "formats/source.h"

/* How stored bytes become decoded ones: one file per compression, one row of the
 * table in source.c. Used by source.c and the codec_*.c files only. */

/* Stored bytes on their way to a decoder. bytes[at, length) are not consumed yet. */
struct intake {
	const char *bytes;
	size_t at, length;
	uint64_t fetched; /* stored offset after bytes[length - 1] */
	bool ended; /* nothing follows bytes[length - 1] */
	char *buffer; /* what `bytes` points to when it is ours */
	struct object_file *file;
	enum status (*fetch)(struct object_file *file, uint64_t offset, void *bytes, size_t length,
		size_t *read_out, struct error *err);
	void (*close)(struct object_file *file);
};
enum { INTAKE_BYTES = 256 * 1024 };

/* Makes at < length true unless the object has ended. */
enum status intake_fill(struct intake *intake, struct error *err) MUST_USE;
/* Stored offset of the next byte. */
uint64_t intake_position(const struct intake *intake);

struct codec {
	enum compression compression;
	bool (*is)(struct text head); /* by the first bytes */
	void *(*state_new)(void);
	void (*state_free)(void *state);
	/* At least one byte unless the object has ended. */
	enum status (*decode)(void *state, struct intake *intake, char *bytes, size_t capacity,
		size_t *decoded_out, struct error *err);
};
extern const struct codec codec_plain, codec_gzip, codec_zstd;

/* Over stored bytes; takes over what `intake` owns. */
enum status source_open_intake(
	struct intake *intake, struct source **source_out, struct error *err) MUST_USE;
