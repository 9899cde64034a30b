#pragma once

#include "formats/format.h"

/* Records that could not be read: all are counted, the first
 * LIMIT_BAD_RECORDS_KEPT by position are kept with their reason. Any thread. */
struct rejects;

struct rejects *rejects_new(void);
void rejects_free(struct rejects *rejects);
OWNABLE(rejects);
/* `reason` is static text; the sample's first 64 bytes are copied. */
void rejects_add(struct rejects *rejects, uint64_t byte, uint64_t record, const char *reason,
	struct text sample);
/* `records` stand in the block that begins at `position`: the listed records are
 * then numbered from the object's start, not from their block's. Optional. */
void rejects_block(struct rejects *rejects, uint64_t position, uint64_t records);
uint64_t rejects_count(struct rejects *rejects);
/* The kept ones, by position, copied into `arena`. */
void rejects_list(struct rejects *rejects, struct arena *arena, struct bad_record **bad_out,
	size_t *count_out);
