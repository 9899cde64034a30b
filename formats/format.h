#pragma once

#include "base/buffer.h"
#include "formats/source.h"
#include "schema/schema.h"
#include "schema/vector.h"
#include "storage/store.h"

/* What bytes mean. A format is one file and one row of the table in format.c:
 * it classifies, it infers and (text formats) it reads, with one parser, so that
 * what a crawl said and what a job reads cannot differ. */

/* How text is laid out. Zero means "not said": detect it. */
struct dialect {
	char delimiter; /* CSV */
	char quote; /* 0: none */
	char escape; /* 0: a doubled quote */
	char comment; /* lines starting with it are skipped; 0: none */
	bool known; /* the fields above and below were decided, do not detect */
	bool header; /* the first record after `skip` names the columns */
	uint32_t skip; /* lines before the header or first record (a preamble) */
	const char *encoding; /* "utf-8", "utf-16le", "utf-16be", "latin-1"; static */
	const char *null_text; /* a token that means null besides the empty field ("NA"), or NULL */
	bool array; /* JSON: one top-level array whose elements are the records */
};

/* The first counter-example of one alternative type of a column. */
struct evidence_arm {
	const struct type *type; /* as one value showed it */
	uint64_t values;
	struct text file; /* location of the first one */
	uint64_t byte; /* decoded position of the record it stands in */
	struct text sample; /* its text, at most 64 bytes */
};

/* What was seen of one column (nested fields by path, "geometry.crs"). */
struct evidence {
	struct text path;
	uint64_t values; /* not null */
	uint64_t nulls;
	struct evidence_arm *arms;
	size_t arm_count;
};

/* A record that could not be read, and is not counted in row_count. */
struct bad_record {
	uint64_t byte; /* decoded position where it starts */
	uint64_t record; /* its number, from 0 */
	const char *reason;
	struct text sample; /* its first 64 bytes */
};

/* All that a crawl wants to know of one object. */
struct inferred {
	const char *classification; /* "csv", "json", "parquet", …, "UNKNOWN" */
	enum compression compression; /* of the whole object; columnar formats say none */
	struct dialect dialect;
	const struct type *row; /* a struct: the columns, folded to lower case, exact (choices,
				 * bigint53); before any policy */
	bool typed; /* values carry their types (JSON, Parquet); false: all is text (CSV), and a
		     * choice among columns of such objects means string */
	uint64_t rows;
	uint64_t bad_records; /* all of them; the first LIMIT_BAD_RECORDS_KEPT are in `bad` */
	struct bad_record *bad;
	size_t bad_count;
	struct evidence *evidence;
	size_t evidence_count;
	const char *libmagic; /* what libmagic said (MIME type): evidence, not decision */
	const char *unsupported; /* why a recognised object has no format ("format 'avro' is
				  * recognised but not read yet"), or NULL; in the arena */
};

struct format;

/* Which format the object is, by Glue's order (glue-behaviour 2.3) and each
 * format's own parse; never by its name. Fills classification, compression and
 * libmagic, and returns the format, or NULL: with a classification and
 * `unsupported` when it is recognised but not read yet (so too "UNKNOWN" with a
 * compression that is not read), with "UNKNOWN" and no more otherwise. An error is
 * only an object that cannot be read. */
enum status format_classify(struct store *store, const struct object *object, struct arena *arena,
	struct inferred *inferred_out, const struct format **format_out,
	struct error *err) MUST_USE;

/* Exact inference over all bytes, on up to `threads` threads. DATA_LOSS with the
 * byte position when the object is corrupt, RESOURCE_EXHAUSTED when a record is
 * larger than LIMIT_RECORD_BYTES. `stop` (may be NULL) is polled: CANCELLED. */
enum status format_infer(const struct format *format, struct store *store,
	const struct object *object, unsigned threads, const volatile bool *stop,
	struct arena *arena, struct inferred *inferred, struct error *err) MUST_USE;

const struct format *format_find(const char *classification); /* or NULL */
const char *format_name(const struct format *format);
bool format_can_read(const struct format *format); /* false: the engine reads it itself */

/* One variant. Formats not read by us leave open_reader NULL. */
struct reader;
struct read_request {
	struct dialect dialect; /* known */
	const struct type *row; /* the table's columns: names and types to deliver */
	const size_t *projection; /* which of row's fields, in the order of the batch's vectors */
	size_t projected;
};
struct format {
	const char *classification;
	/* Certainty 0..1 that `head` (decoded, up to FORMAT_HEAD_BYTES; `whole` when
	 * it is all there is) begins such an object. Binary formats look at `raw`. */
	double (*classify)(
		const struct object *object, struct text raw_head, struct text head, bool whole);
	enum status (*infer)(struct store *store, const struct object *object, unsigned threads,
		const volatile bool *stop, struct arena *arena, struct inferred *inferred,
		struct error *err);
	enum status (*open_reader)(struct store *store, const struct object *object,
		const struct read_request *request, struct reader **reader_out, struct error *err);
};
enum { FORMAT_HEAD_BYTES = 64 * 1024, FORMAT_LONG_HEAD_BYTES = 512 * 1024 };

/* Reading one object in batches. A reader is shared by threads; each has its own
 * state. Rows come in no promised order across threads. */
struct reader_state;
struct reader_ops {
	/* Per thread. Cannot fail. */
	struct reader_state *(*state_new)(struct reader *reader);
	void (*state_free)(struct reader_state *state);
	/* Fill `columns` (projected, one vector each) with up to VECTOR_ROWS rows; 0 =
	 * end. Text borrowed by a batch stays valid until the next call on the same
	 * state. A bad record is skipped and counted; a value that is not one of its
	 * column's type becomes null and is counted. */
	enum status (*next)(struct reader_state *state, struct vector *columns, size_t *rows_out,
		struct error *err);
	void (*free)(struct reader *reader);
	uint64_t (*raw_position)(struct reader *reader); /* stored bytes consumed: progress */
};
/* Readers embed this first. */
struct rejects;
struct reader {
	const struct reader_ops *ops;
	struct rejects *rejects; /* bad records (formats/rejects.h) */
	_Atomic uint64_t bad_values;
};
enum status reader_open(const struct format *format, struct store *store,
	const struct object *object, const struct read_request *request, struct reader **reader_out,
	struct error *err) MUST_USE;
void reader_free(struct reader *reader);
OWNABLE(reader);
/* The first LIMIT_BAD_RECORDS_KEPT bad records as error records, in `arena`.
 * Call when no thread is reading. */
void reader_bad_records(
	struct reader *reader, struct arena *arena, struct bad_record **bad_out, size_t *count_out);

/* The same over bytes in memory, for tests and fuzzing: `raw_head` as stored,
 * `head` decoded. The certainty of the winner, 0 for UNKNOWN. */
double format_of_heads(const struct object *object, struct text raw_head, struct text head,
	bool whole, const struct format **format_out);

extern const struct format format_csv, format_json, format_parquet;
