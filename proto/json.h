#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

/* Any message as JSON and back, by its descriptor. Keys are the proto field
 * names in the order of their numbers, every field present (stable keys), 64-bit
 * integers as numbers (past INT64_MAX as text, which json_parse reads too), enums by their short
 * name ("SUCCEEDED" for RUN_STATE_SUCCEEDED), maps as objects sorted by key, an unset message as
 * null, bytes as base64; of a oneof only the member that is set. JSON_SPARSE is compact and
 * leaves out what is not set, as json_parse takes it. */
enum json_style { JSON_PRETTY, JSON_COMPACT, JSON_SPARSE };
enum status json_print(const ProtobufCMessage *message, enum json_style style, struct buffer *out,
	struct error *err) MUST_USE;

/* `text` as a JSON string; bytes that are no UTF-8 become U+FFFD. */
void json_add_string(struct buffer *out, struct text text);

/* Reads what json_print writes, and job files by hand: unknown keys and wrong
 * kinds are INVALID_ARGUMENT with the path ("plan.nodes[2].filter.wher: unknown
 * field; did you mean 'where'?"). A oneof message field is written as its name. null
 * is as if the field were not there. `message_out` as in proto/wire.h. */
enum status json_parse(struct text json, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void *message_out, struct error *err) MUST_USE;

/* The same for YAML 1.1: what is not in quotes takes the field's type, so
 * `description: 2013` is a text. Errors begin with "line 5 column 7: ". Anchors,
 * aliases, tags and a second document are refused. */
enum status yaml_parse(struct text yaml, const ProtobufCMessageDescriptor *descriptor,
	struct arena *arena, void *message_out, struct error *err) MUST_USE;

/* JSON of another shape, as it stands (proto/tree.h); everything in `arena`. The
 * same limits and errors as json_parse, without its field paths. */
struct node;
enum status json_tree(
	struct text json, struct arena *arena, struct node *root_out, struct error *err) MUST_USE;
/* A node as compact JSON. */
void json_add_node(struct buffer *out, const struct node *node);
