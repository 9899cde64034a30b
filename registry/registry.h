#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "schema/schema.h"
#include "tenon/v1/registry.pb-c.h"

#include <stdbool.h>

/* What producers and consumers agree on, as a value: an Avro schema, a JSON Schema, or
 * a file of protobuf messages. Everything here is a pure function of texts; nothing is
 * read, kept or logged. Any thread. */
struct definition;

/* INVALID_ARGUMENT with the byte or line where `text` is not what `format` calls a
 * schema; RESOURCE_EXHAUSTED past LIMIT_DEFINITION_BYTES or LIMIT_DEFINITION_DEPTH.
 * `text` is borrowed, the rest is in `arena`. */
enum status definition_parse(struct arena *arena, Tenon__V1__DataFormat format, struct text text,
	const struct definition **definition_out, struct error *err) MUST_USE;

/* One text for all definitions that differ only in white space, comments and the order
 * of attributes (protobuf: of the fields in a message); in `arena`. It is a definition
 * itself, and its canonical text is the same. */
struct text definition_canonical(struct arena *arena, const struct definition *definition);

/* As a table's columns, in `arena`: what a reader of such data would see. Types that
 * Hive has no word for, recursive ones, and what lies past LIMIT_TYPE_DEPTH or
 * LIMIT_COLUMNS are `string`. Never fails. */
void definition_columns(
	struct arena *arena, const struct definition *definition, struct schema *schema_out);

/* One thing that keeps data from being read. What was is the older definition's side
 * and what is the newer one's, whichever of them reads. */
struct obstacle {
	const char
		*kind; /* "added", "removed", "retyped", "narrowed", "widened", "renamed"; static */
	struct text path; /* "customer.address.zip"; "" is the definition itself */
	struct text before; /* "" when there was none */
	struct text after;
	struct text reason; /* a clause in words */
};
struct obstacles {
	struct obstacle *at; /* at most LIMIT_SCHEMA_DIFFERENCES */
	size_t count;
};

/* Can data written as `writer` be read as `reader`? The one question behind every
 * compatibility; schema_reads (schema/diff.h) asks it of tables. Both are of one
 * format. False comes with at least one obstacle in `obstacles`, which are added to
 * those there. `reader_is_newer` says which side is before and which after.
 * RESOURCE_EXHAUSTED when deciding takes more than LIMIT_COMPARE_STEPS or
 * LIMIT_COMPARE_DEPTH. The rules are those of
 *
 * Avro        Apache Avro 1.12 specification, "Schema Resolution" (promotions, unions,
 *             records by name and alias, enums with a default), "Aliases", "Names",
 *             "Logical Types" (decimals match when precision and scale do).
 * JSON        Every instance that the writer's schema allows must be valid for the
 *             reader's (JSON Schema Validation draft-07 and 2020-12, section 6; Core,
 *             sections 8 to 10). What cannot be decided by comparing keywords counts as
 *             an obstacle unless both sides say the same. One leniency, as AWS Glue has
 *             it: a writer that says nothing at all about additional properties is taken
 *             to write none, so that optional properties can be added.
 * protobuf    The binary format: Encoding, "Message Structure", "Packed Repeated
 *             Fields", and the Language Guide, "Updating A Message Type", "Reserved
 *             Fields", "Oneof", "Enum Behavior". Where the guide makes compatibility
 *             depend on the data (bytes read as string or as message), the answer is no.
 */
enum status definition_reads(struct arena *arena, const struct definition *reader,
	const struct definition *writer, bool reader_is_newer, struct obstacles *obstacles,
	bool *reads_out, struct error *err) MUST_USE;

/* What each compatibility asks of a new version, in terms of that question. */
struct mode {
	const char *name; /* "BACKWARD_ALL"; static */
	bool new_reads_old;
	bool old_reads_new;
	bool every; /* version from the checkpoint on, not the last alone */
	bool closed; /* no further versions at all */
};
/* Unspecified is BACKWARD; NULL for what is no compatibility. */
const struct mode *mode_of(Tenon__V1__Compatibility compatibility);

/* Whether `newer` may follow `older` under `mode`. */
enum status definition_follows(struct arena *arena, const struct mode *mode,
	const struct definition *newer, const struct definition *older, struct obstacles *obstacles,
	bool *follows_out, struct error *err) MUST_USE;

/* All that changed from `before` to `after`, the worst first: "safe" when each reads the
 * other's data, "widening" when only the newer one does, else "breaking". */
enum status definition_diff(struct arena *arena, const struct definition *before,
	const struct definition *after, Tenon__V1__DiffSchemaVersionsResponse *diff_out,
	struct error *err) MUST_USE;

/* "AVRO", "JSON", "PROTOBUF"; NULL for what is no format. */
const char *format_name(Tenon__V1__DataFormat format);
