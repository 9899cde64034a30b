#pragma once

#include "formats/format.h"
#include "formats/json_key.h"

/* What JSON records hold, as a tree of paths with a counter per kind of value.
 * Exact: each value is counted once, a bad record not at all (it is parsed again
 * with the counters going backwards, so that good ones pay nothing for it), a
 * repeated key by its last value. Traces of parts of a file merge into the trace
 * of the whole, whatever the order. */

/* An object's keys are columns until there are more than this many below one
 * path that is not the record itself: then it is a map, map<string,…>. */
enum { JSON_KEYS_MAX = 1000 };

struct json_trace;

struct json_trace *json_trace_new(bool wrapped);
void json_trace_free(struct json_trace *trace);
OWNABLE(json_trace);

/* A json_record_fn. `trace` is a struct json_trace. */
char *json_trace_record(void *trace, char *at, uint64_t position, struct json_fault *fault);
/* RESOURCE_EXHAUSTED once the limit on fields or columns was passed. */
enum status json_trace_check(const struct json_trace *trace, struct error *err) MUST_USE;
/* Adds what `from` counted. */
void json_trace_merge(struct json_trace *into, struct json_trace *from);
/* Fills row and evidence. */
void json_trace_result(
	struct json_trace *trace, struct arena *arena, struct text file, struct inferred *inferred);

enum { JSON_SAMPLE_BYTES = 64 };

struct json_sighting {
	uint64_t byte; /* of the record */
	uint8_t length;
	char sample[JSON_SAMPLE_BYTES];
};

/* One path. Shared by json_trace.c, which grows the tree, and json_types.c, which
 * reads it. */
struct json_node {
	struct text name; /* folded; in the trace's arena */
	struct json_key key; /* as first written */
	uint64_t born; /* where the key was first met: fields keep this order */
	uint64_t counts[JSON_KINDS_];
	struct json_sighting *first[JSON_KINDS_]; /* valid while the count is not 0 */
	uint64_t *digits; /* JSON_DECIMAL: how many had 19, 20, … 38 digits */
	struct json_node *element; /* of arrays, and of a map's values */
	struct json_node *value;
	struct json_node **children;
	size_t child_count, child_capacity;
	uint32_t *slots; /* hash table of child index + 1; a power of two, half empty */
	size_t slot_count;
	uint64_t object; /* the object that had this key last, and its value there */
	char *value_at;
	bool map;
};

bool json_node_is_empty(const struct json_node *node); /* only bad records had it */
struct json_node *json_trace_root(struct json_trace *trace);
