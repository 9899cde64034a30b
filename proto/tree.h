#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/* What JSON and YAML have in common, on its way into a message. A node borrows
 * its texts from the parser that made it. */
enum node_kind {
	NODE_NULL,
	NODE_BOOLEAN,
	NODE_WHOLE,
	NODE_REAL,
	NODE_TEXT,
	NODE_PLAIN, /* YAML without quotes: takes the field's type */
	NODE_LIST,
	NODE_OBJECT,
};

struct node {
	enum node_kind kind;
	unsigned line, column; /* from 1; 0 when not known */
	struct text key; /* in an object */
	bool boolean;
	int64_t whole;
	double real;
	struct text text;
	size_t count;
	struct node *items; /* of a list or object, in the order written */
};

/* The message that `root` describes, in `arena`; errors name the field's path
 * and, when known, its line and column. */
enum status tree_bind(const struct node *root, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, ProtobufCMessage **message_out, struct error *err) MUST_USE;

/* A map is a repeated message of this shape (protoc makes it of map<K, V>). */
bool field_is_map(const ProtobufCFieldDescriptor *field);
/* "SUCCEEDED" of RUN_STATE_SUCCEEDED: without the type's name in capitals. */
const char *enum_short_name(const ProtobufCEnumDescriptor *type, const ProtobufCEnumValue *value);
size_t field_size(const ProtobufCFieldDescriptor *field); /* of one element, in memory */
