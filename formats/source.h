#pragma once

#include "storage/store.h"

/* An object's bytes, decompressed: the same calls for plain, gzip and zstd. The
 * compression is told by its magic bytes, never by the name. Memory is bounded
 * by the codec's window whatever the object's size. */
struct source;

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD, COMPRESSION_COUNT_ };
const char *compression_name(enum compression compression); /* "none", "gzip", "zstd" */

enum status source_open(struct store *store, const struct object *object,
	struct source **source_out, struct error *err) MUST_USE;
/* Over bytes in memory: tests and fuzzing. Borrowed. */
enum status source_open_memory(
	struct text bytes, struct source **source_out, struct error *err) MUST_USE;
void source_free(struct source *source);
OWNABLE(source);

enum compression source_compression(const struct source *source);
/* The first decoded bytes, `wanted` or all there are, without consuming them;
 * *whole_out says that nothing follows. Before the first source_read only;
 * borrowed until it. */
enum status source_peek(struct source *source, size_t wanted, struct text *head_out,
	bool *whole_out, struct error *err) MUST_USE;
/* From here on give UTF-8 made from `encoding` (formats/encoding.h), without a
 * byte order mark. Before the first source_read; a source never told so gives its
 * bytes as they are, a mark included. Positions then count the UTF-8 bytes, from 3
 * when a UTF-8 mark was dropped. INVALID_ARGUMENT for an unknown name. */
enum status source_set_encoding(
	struct source *source, const char *encoding, struct error *err) MUST_USE;
/* The next decoded bytes, at most `capacity`; 0 at the end. DATA_LOSS names the
 * compressed byte where the object is corrupt or cut short. One thread at a time. */
enum status source_read(struct source *source, void *bytes, size_t capacity, size_t *read_out,
	struct error *err) MUST_USE;
uint64_t source_position(const struct source *source); /* decoded bytes handed out */
uint64_t source_raw_position(const struct source *source); /* stored bytes consumed: progress */
