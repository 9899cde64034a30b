#pragma once

#include "registry/format.h"
#include "registry/proto_tokens.h"

/* Inside the room: a file of protobuf messages (Protocol Buffers Version 2 and 3
 * Language Specifications). Options are skipped but those that decide what is written;
 * services and extensions are read over. */
enum proto_kind {
	PROTO_DOUBLE,
	PROTO_FLOAT,
	PROTO_INT32,
	PROTO_INT64,
	PROTO_UINT32,
	PROTO_UINT64,
	PROTO_SINT32,
	PROTO_SINT64,
	PROTO_FIXED32,
	PROTO_FIXED64,
	PROTO_SFIXED32,
	PROTO_SFIXED64,
	PROTO_BOOL,
	PROTO_STRING,
	PROTO_BYTES,
	PROTO_SCALARS_, /* how many */
	PROTO_ENUM = PROTO_SCALARS_,
	PROTO_MESSAGE,
	PROTO_GROUP,
};
extern const char *const proto_kind_names[PROTO_SCALARS_];

enum proto_label { PROTO_PLAIN, PROTO_OPTIONAL, PROTO_REQUIRED, PROTO_REPEATED };

struct proto_field {
	struct text name;
	uint32_t number;
	enum proto_label label;
	enum proto_kind kind;
	bool map; /* its type is an entry that we made */
	bool packed; /* of a repeated number: how it is written */
	uint32_t oneof; /* its place among the message's, from 1; 0: in none */
	struct text type_name; /* as written */
	struct proto_type *type; /* of enum, message, group */
	uint32_t line;
};

struct proto_value {
	struct text name;
	int32_t number;
};

struct proto_range {
	int64_t first, last;
};

/* A message or an enum. */
struct proto_type {
	bool is_enum;
	bool closed; /* enum: proto2, where unknown values are not kept as values */
	bool aliased; /* enum: option allow_alias */
	bool foreign; /* one of google.protobuf, known by its name alone */
	uint32_t index;
	struct text name; /* the last part; a foreign one's all */
	struct proto_type *outer; /* the message it stands in, or NULL */
	struct proto_field *fields; /* in the order written until it is read; then by number */
	size_t field_count;
	struct proto_value *values; /* by number */
	size_t value_count;
	struct proto_range *reserved;
	size_t reserved_count;
	struct text *reserved_names;
	size_t reserved_name_count;
	uint32_t oneof_count;
	struct proto_type *next; /* in the bucket of its name */
};

struct proto_file {
	struct tokens tokens;
	bool proto3;
	struct text package;
	struct proto_type **messages; /* the outermost, in the order written */
	size_t message_count;
};

/* "repeated int32", "message Address", "map<string, int32>"; in `arena`. */
const char *proto_brief(struct arena *arena, const struct proto_field *field);
const struct proto_field *proto_field(const struct proto_type *message, uint32_t number);
const struct proto_value *proto_value(const struct proto_type *type, int32_t number);
bool proto_reserves(const struct proto_type *type, int64_t number);
bool proto_reserves_name(const struct proto_type *type, struct text name);

/* Names of types: proto_names.c. */
struct proto_names;
struct proto_names *proto_names_new(struct arena *arena);
/* False when it is there already. */
bool proto_names_add(struct proto_names *names, struct proto_type *type);
/* What `name` means inside `scope` (NULL: the file), NULL when nothing; as protoc
 * resolves it: the innermost scope that knows its first part. */
struct proto_type *proto_names_find(const struct proto_names *names, const struct proto_type *scope,
	struct text package, struct text name);
/* A type that google/protobuf/FILE.proto defines, when that was imported. */
void proto_names_import(struct proto_names *names, struct text file);
bool proto_import_is_known(struct text file);
/* A scalar's kind by its word; PROTO_MESSAGE for any other: a message, or an enum, which
 * is known when all names are. */
enum proto_kind proto_kind_named(struct text name);
/* A type that was read, once all are: its fields find their types and are sorted by
 * number. INVALID_ARGUMENT for what protoc refuses then: a type that is nowhere, numbers and
 * names that stand twice or are reserved. */
enum status proto_resolve(struct arena *arena, const struct proto_file *file,
	const struct proto_names *names, struct proto_type *type, struct error *err) MUST_USE;

enum status protobuf_parse(
	struct arena *arena, struct text text, const void **parsed_out, struct error *err) MUST_USE;
void protobuf_print(const void *parsed, struct buffer *out);
bool protobuf_reads(struct reading *reading, const void *reader, const void *writer);
void protobuf_columns(struct arena *arena, const void *parsed, struct schema *schema_out);
