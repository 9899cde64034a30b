#pragma once

#include "base/arena.h"
#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* One of the journal's two files (journal.h): where it starts from, then one record after
 * the other, each with its number and the hash of all of it.
 *
 *   0               head: generation, number of its first record, LMDB's first two pages
 *   JOURNAL_RECORDS record · record · … each from a page's begin on, so that a page once
 *                   synced is not written again before the file is used anew
 *
 * A file is used again and again: what is left of an earlier use has an earlier generation.
 * Numbers are the machine's own, as LMDB's are: a store stays on its kind of machine. */
enum {
	JOURNAL_FILES = 2,
	JOURNAL_PAGE = 4096,
	JOURNAL_META_BYTES_MAX = 2 * 65536, /* LMDB's pages have at most 64 KiB */
	JOURNAL_RECORDS = JOURNAL_PAGE + JOURNAL_META_BYTES_MAX,
	JOURNAL_RECORD_HEAD = 32,
};

/* `folder`/journal.0 or .1, for errors and system calls. */
const char *journal_path(struct arena *arena, const char *folder, unsigned which);

/* What stands in a file's head: the base that its records go on from. */
struct journal_head {
	uint64_t generation;
	uint64_t sequence; /* of the first record after the base */
	uint64_t transaction; /* LMDB's number of the base */
	struct text meta; /* LMDB's first two pages, which name the base's trees */
};

/* INTERNAL, or RESOURCE_EXHAUSTED when the disk is full; not synced. */
enum status journal_head_write(
	int fd, const char *path, const struct journal_head *head, struct error *err) MUST_USE;
/* False in found_out: the file has none, or not a whole one. */
enum status journal_head_read(int fd, const char *path, struct arena *arena, bool *found_out,
	struct journal_head *head_out, struct error *err) MUST_USE;

/* An empty record in `record`, whose payload is added behind. */
void journal_record_begin(struct buffer *record);
struct text journal_record_payload(const struct buffer *record);
/* Gives it its number: whole pages, ready to be written. Nothing may be added then. */
void journal_record_seal(struct buffer *record, uint64_t generation, uint64_t sequence);

/* The record at `*at`, which then is behind it. False in found_out, and nothing moved, when
 * that one is not there, or not whole. */
enum status journal_record_read(int fd, const char *path, uint64_t generation, uint64_t sequence,
	uint64_t *at, struct buffer *record, bool *found_out, struct error *err) MUST_USE;
/* Whether anywhere from `at` on a whole record of this generation has `sequence` or a
 * higher number. */
enum status journal_record_seek(int fd, const char *path, uint64_t generation, uint64_t sequence,
	uint64_t at, bool *found_out, struct error *err) MUST_USE;

/* All of `bytes` at `at`. RESOURCE_EXHAUSTED when the disk is full. */
enum status journal_bytes_write(
	int fd, const char *path, struct text bytes, uint64_t at, struct error *err) MUST_USE;
