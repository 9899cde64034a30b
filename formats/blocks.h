#pragma once

#include "formats/source.h"

/* Hands out a source's bytes in blocks that end at a record's end, to several
 * threads, through one lock. Inside the lock only the read (or inflate) and the
 * search for the boundary; the cut-off tail is carried into the next block. No
 * speculation, no second pass, the same for files, gzip, zstd. Measured: 0.13 to
 * 0.39 s per GB in the lock; 1–4 MB blocks are best (reference: scan notes). */
struct blocks;

/* Where the format's records end. Keeps its own state between blocks; is given
 * every byte once, in order. Returns how many bytes of `bytes` end with a
 * complete record (0: none does). */
struct boundary {
	size_t (*last_end)(struct boundary *boundary, const char *bytes, size_t scanned,
		size_t length); /* bytes[0, scanned) were given before */
	/* A record passed the limit: forget the state, resynchronise at the next
	 * newline at or after `from`; the offset after it (bytes[offset - 1] is the
	 * newline), or `length` when there is none. What follows starts a record. */
	size_t (*resync)(struct boundary *boundary, const char *bytes, size_t from, size_t length);
};

struct block {
	char *bytes; /* owned by the caller's slot, reused at its next call; may be written to;
		      * followed by BLOCK_PADDING readable bytes */
	size_t length;
	uint64_t position; /* decoded offset of bytes[0] */
	bool last; /* nothing follows */
	bool oversized; /* starts with one record larger than the limit, perhaps cut off: count
			 * it bad. When only a stray quote or brace made it so large, more records
			 * may stand behind its first newline; the block ends after a newline, and
			 * the rest of a cut-off line is not handed out at all */
	size_t capacity;
};
enum { BLOCK_PADDING = 64, BLOCK_BYTES_DEFAULT = 1024 * 1024 };

/* Takes over `source`. `boundary` is borrowed and used only inside the lock. */
struct blocks *blocks_new(struct source *source, struct boundary *boundary, size_t block_bytes,
	size_t record_bytes_max);
void blocks_free(struct blocks *blocks);
OWNABLE(blocks);
/* The next block in file order; length 0 at the end. Any thread, each with its own
 * slot (zeroed at first). An error repeats on every later call. */
enum status blocks_next(struct blocks *blocks, struct block *block, struct error *err) MUST_USE;
void block_done(struct block *block);
uint64_t blocks_raw_position(struct blocks *blocks); /* any thread */
