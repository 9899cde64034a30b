#pragma once

#include "clients/cli/cli.h"

/* A file that appears when it is whole: FILE.part is written, synced and renamed. "-" is
 * standard output, and appears at once. */
struct part_file {
	const char *file;
	const char *part; /* NULL: standard output */
	int fd;
};

/* ALREADY_EXISTS when the file is there, unless `force`. */
enum status part_file_open(struct cli *cli, const char *file, bool force,
	struct part_file *part_out, struct error *err) MUST_USE;
enum status part_file_write(
	const struct part_file *part, struct text bytes, struct error *err) MUST_USE;
/* The SHA-256, in hex, of what stands in the file now: read back, so that it is of what
 * was written and not of what came. Not of standard output. */
enum { PART_FILE_SUM_BYTES = 65 };
enum status part_file_sum(const struct part_file *part, char sum[static PART_FILE_SUM_BYTES],
	struct error *err) MUST_USE;
/* Puts it in place when `status` is OK; else removes what there is of it, and returns
 * `status`. */
enum status part_file_end(
	const struct part_file *part, enum status status, struct error *err) MUST_USE;
