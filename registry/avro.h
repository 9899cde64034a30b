#pragma once

#include "registry/document.h"
#include "registry/format.h"

/* Inside the room: an Avro schema (Apache Avro 1.12 specification, "Schema
 * Declaration"), with named types as one node however often they are named. */
enum avro_kind {
	AVRO_NULL,
	AVRO_BOOLEAN,
	AVRO_INT,
	AVRO_LONG,
	AVRO_FLOAT,
	AVRO_DOUBLE,
	AVRO_BYTES,
	AVRO_STRING,
	AVRO_PRIMITIVES_, /* how many */
	AVRO_RECORD = AVRO_PRIMITIVES_,
	AVRO_ENUM,
	AVRO_FIXED,
	AVRO_ARRAY,
	AVRO_MAP,
	AVRO_UNION,
	AVRO_KINDS_,
};
extern const char *const avro_kind_names[AVRO_KINDS_];

struct avro_names {
	const struct text *at;
	size_t count;
};

struct avro_field {
	struct text name;
	struct avro_names aliases;
	struct text doc;
	const struct avro *type;
	const struct document *fallback; /* its default, or NULL */
};

struct avro {
	enum avro_kind kind;
	uint32_t index; /* counted through the definition, from 1 */
	struct text name; /* the full one, of records, enums and fixed */
	struct avro_names aliases; /* full names */
	struct text doc;
	const struct avro_field *fields; /* record */
	size_t field_count;
	const struct avro_field *const *by_name; /* the same, sorted */
	struct avro_names symbols; /* enum */
	const struct text *by_symbol; /* the same, sorted */
	const struct text *fallback; /* an enum's default, or NULL */
	uint64_t size; /* fixed */
	const struct avro *items; /* array's items, map's values */
	const struct avro *const *branches; /* union */
	size_t branch_count;
	struct text logical; /* a valid logical type's name; else empty, as the
			      * specification says: it is ignored */
	uint32_t precision, scale; /* of decimal */
};

struct avro_schema {
	const struct document *document;
	const struct avro *root;
};

/* "record com.acme.Order", "array", "decimal(10,2)"; in `arena`. */
const char *avro_brief(struct arena *arena, const struct avro *type);
struct text avro_short_name(struct text full_name); /* behind its last dot */

const struct avro_field *avro_field(const struct avro *record, struct text name); /* or NULL */
bool avro_has_symbol(const struct avro *type, struct text symbol);

/* Whether `value` is one of `type`; a union's is one of any of its branches (1.12;
 * before, of the first). `steps` bounds the work and is counted down: false at 0. */
bool avro_value_is(const struct avro *type, const struct document *value, unsigned *steps);

enum status avro_parse(
	struct arena *arena, struct text text, const void **parsed_out, struct error *err) MUST_USE;
bool avro_reads(struct reading *reading, const void *reader, const void *writer);
void avro_columns(struct arena *arena, const void *parsed, struct schema *schema_out);
