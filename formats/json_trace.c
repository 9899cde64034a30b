#include "formats/json_trace.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

struct json_trace {
	struct arena *arena;
	struct json_node *root;
	struct json_node *record; /* wrapped: the one column */
	bool wrapped;
	size_t nodes;

	uint64_t step; /* 1, or -1 while a bad record is taken back */
	uint64_t position; /* of the record */
	char *start;
	uint64_t objects; /* serial numbers */
	const char *stop; /* the key where a part of a record ends that is taken back */
	const char *full; /* the key that found no room */
	uint64_t repeated; /* bytes of values whose key came again */
	struct json_node *crowded; /* an object that must become a map first */
	const char *limit; /* which one was passed */
	size_t limit_value;
};

static struct json_node *node_new(struct json_trace *trace)
{
	trace->nodes++;
	return arena_alloc(trace->arena, sizeof(struct json_node));
}

struct json_trace *json_trace_new(bool wrapped)
{
	struct json_trace *trace = memory_new(sizeof *trace);
	trace->arena = arena_new();
	trace->root = node_new(trace);
	trace->wrapped = wrapped;
	return trace;
}

void json_trace_free(struct json_trace *trace)
{
	if (!trace)
		return;
	arena_free(trace->arena);
	free(trace);
}

struct json_node *json_trace_root(struct json_trace *trace)
{
	return trace->root;
}

bool json_node_is_empty(const struct json_node *node)
{
	for (int kind = 0; kind < JSON_KINDS_; kind++) {
		if (node->counts[kind])
			return false;
	}
	return true;
}

/* The first 64 bytes, not ending inside a character. */
static void sight(struct json_trace *trace, struct json_node *node, enum json_kind kind,
	const char *at, const char *end)
{
	if (!node->first[kind])
		node->first[kind] = arena_alloc(trace->arena, sizeof *node->first[kind]);
	struct json_sighting *first = node->first[kind];
	size_t length = (size_t)(end - at);
	if (length > JSON_SAMPLE_BYTES) {
		length = JSON_SAMPLE_BYTES;
		while (length > 0 && ((unsigned char)at[length] & 0xc0) == 0x80)
			length--;
	}
	first->byte = trace->position;
	first->length = (uint8_t)length;
	memcpy(first->sample, at, length);
}

static inline void count(struct json_trace *trace, struct json_node *node, enum json_kind kind,
	const char *at, const char *end)
{
	node->counts[kind] += trace->step;
	if (__builtin_expect(node->counts[kind] == 1, 0) && trace->step == 1)
		sight(trace, node, kind, at, end);
}

static bool passed(struct json_trace *trace, const char *limit, size_t value)
{
	trace->limit = limit;
	trace->limit_value = value;
	return false;
}

/* Room for one more child of `node`; when there is none the record is left. */
static bool may_grow(struct json_trace *trace, struct json_node *node)
{
	if (node == trace->root && node->child_count == LIMIT_COLUMNS)
		return passed(trace, "columns", LIMIT_COLUMNS);
	if (node != trace->root && node->child_count == JSON_KEYS_MAX) {
		trace->crowded = node;
		return false;
	}
	if (trace->nodes >= LIMIT_FIELDS)
		return passed(trace, "fields", LIMIT_FIELDS);
	return true;
}

static size_t slot_of(const struct json_node *node, struct text name)
{
	size_t mask = node->slot_count - 1;
	size_t slot = (size_t)hash_of_64(name) & mask;
	while (node->slots[slot] && !text_equal(node->children[node->slots[slot] - 1]->name, name))
		slot = (slot + 1) & mask;
	return slot;
}

static void slots_rebuild(struct json_trace *trace, struct json_node *node)
{
	node->slot_count = node->slot_count ? node->slot_count * 2 : 16;
	node->slots = arena_array(trace->arena, node->slot_count, sizeof *node->slots);
	for (size_t i = 0; i < node->child_count; i++)
		node->slots[slot_of(node, node->children[i]->name)] = (uint32_t)i + 1;
}

/* The child called `name` (folded), or child_count. */
static size_t child_find(const struct json_node *node, struct text name)
{
	if (node->child_count == 0)
		return 0;
	uint32_t index = node->slots[slot_of(node, name)];
	return index ? index - 1 : node->child_count;
}

static void child_append(struct json_trace *trace, struct json_node *node, struct json_node *child)
{
	if (node->child_count == node->child_capacity) {
		size_t grown = memory_grown(node->child_capacity, node->child_count + 1);
		node->children = arena_grow(trace->arena, node->children, node->child_count, grown,
			sizeof(struct json_node *));
		node->child_capacity = grown;
	}
	node->children[node->child_count++] = child;
	if (node->child_count * 2 > node->slot_count)
		slots_rebuild(trace, node);
	else
		node->slots[slot_of(node, child->name)] = (uint32_t)node->child_count;
}

static struct json_node *child_new(
	struct json_trace *trace, struct json_node *node, struct text name, const char *key)
{
	if (!may_grow(trace, node)) {
		trace->full = key;
		return NULL;
	}
	struct json_node *child = node_new(trace);
	child->name = arena_copy(trace->arena, name);
	child->born = trace->position + (uint64_t)(key - trace->start);
	child_append(trace, node, child);
	return child;
}

/* The key at `at`, which was not predicted, and its child; where its value starts. */
static char *find_key(struct json_trace *trace, struct json_node *node, char *at, size_t *next,
	struct json_node **child_out, struct json_fault *fault)
{
	struct json_string key;
	char folded[LIMIT_NAME_BYTES + 1];
	struct text name;
	if (at == trace->stop)
		return json_fail(fault, at, NULL);
	if (*at != '"')
		return json_fail(fault, at, "a key is missing");
	char *value = json_string(at, &key, fault);
	if (!value)
		return NULL;
	if (!node->map && !json_key_fold(&key, folded, &name))
		return json_fail(fault, at, "a key is longer than 255 bytes");
	value = json_key_colon(value, fault);
	if (!value)
		return NULL;
	if (node->map) {
		*child_out = node->value;
		node->value->object = 0; /* repeated keys of maps are told by who reads them */
		return value;
	}
	size_t index = child_find(node, name);
	struct json_node *child = index < node->child_count ? node->children[index]
							    : child_new(trace, node, name, at);
	if (!child)
		return json_fail(fault, at, NULL);
	struct text raw = json_key_raw(&key, value);
	if (child->key.raw.length == 0 && raw.length)
		child->key = json_key_of(arena_copy(trace->arena, raw));
	*next = index + 1;
	*child_out = child;
	return value;
}

/* Fields that are often absent are stepped over. */
static inline struct json_node *predicted(struct json_node *node, const char *at, size_t *next)
{
	enum { AHEAD = 3 };
	size_t index = *next;
	if (__builtin_expect(index < node->child_count, 1) &&
		__builtin_expect(json_key_is(&node->children[index]->key, at), 1)) {
		*next = index + 1;
		return node->children[index];
	}
	size_t end = index + AHEAD < node->child_count ? index + AHEAD : node->child_count;
	while (++index < end) {
		if (json_key_is(&node->children[index]->key, at)) {
			*next = index + 1;
			return node->children[index];
		}
	}
	return NULL;
}

static char *trace_value(struct json_trace *trace, struct json_node *node, char *at, unsigned depth,
	struct json_fault *fault);

/* The key came before in this object: that value does not count. Bounded, for
 * repeated keys inside repeated values would cost 2^depth. */
static bool take_back(struct json_trace *trace, struct json_node *child, const char *key,
	unsigned depth, struct json_fault *fault)
{
	uint64_t budget = 4 * ((uint64_t)(key - trace->start) + 1024);
	if (trace->repeated > budget) {
		(void)json_fail(fault, key, "too many keys are repeated");
		return false;
	}
	trace->repeated += (uint64_t)(key - child->value_at);
	trace->step = -trace->step;
	bool good = trace_value(trace, child, child->value_at, depth, fault) != NULL;
	trace->step = -trace->step;
	return good;
}

static char *trace_number(
	struct json_trace *trace, struct json_node *node, char *at, struct json_fault *fault)
{
	struct json_number number;
	char *after = json_number(at, &number, fault);
	if (!after)
		return NULL;
	enum json_kind kind = json_number_kind(&number);
	if (__builtin_expect(kind == JSON_DECIMAL, 0)) {
		enum { LENGTHS = JSON_DIGITS_MOST - JSON_DIGITS_LEAST + 1 };
		if (!node->digits)
			node->digits = arena_array(trace->arena, LENGTHS, sizeof(uint64_t));
		node->digits[number.digits - JSON_DIGITS_LEAST] += trace->step;
	}
	count(trace, node, kind, at, after);
	return after;
}

static char *trace_string(
	struct json_trace *trace, struct json_node *node, char *at, struct json_fault *fault)
{
	struct json_string string;
	char *after = json_string(at, &string, fault);
	if (after)
		count(trace, node, JSON_STRING, at + 1, after - 1);
	return after;
}

static char *trace_object(struct json_trace *trace, struct json_node *node, char *at,
	unsigned depth, struct json_fault *fault);
static char *trace_array(struct json_trace *trace, struct json_node *node, char *at, unsigned depth,
	struct json_fault *fault);

static char *trace_other(struct json_trace *trace, struct json_node *node, char *at, unsigned depth,
	struct json_fault *fault)
{
	if (*at == '{')
		return trace_object(trace, node, at, depth, fault);
	if (*at == '[')
		return trace_array(trace, node, at, depth, fault);
	if (json_space(at) != at) /* more of it than the predicted key had */
		return trace_value(trace, node, json_space(at), depth, fault);
	if (*at != 't' && *at != 'f' && *at != 'n')
		return json_fail(fault, at, "a value is missing");
	char *after = json_word(at, fault);
	if (after)
		count(trace, node, *at == 'n' ? JSON_NULL : JSON_BOOLEAN, at, after);
	return after;
}

/* What most values are, inline: a plain string, a short number; else by the calls above. */
static inline char *trace_quick(struct json_trace *trace, struct json_node *node, char *at,
	unsigned depth, struct json_fault *fault)
{
	struct json_short number;
	if (*at == '"') {
		char *stop = json_plain_stop(at + 1);
		if (__builtin_expect(*stop != '"', 0))
			return trace_string(trace, node, at, fault);
		count(trace, node, JSON_STRING, at + 1, stop);
		return stop + 1;
	}
	if (!json_is_digit(*at) && *at != '-')
		return trace_other(trace, node, at, depth, fault);
	char *after = json_number_short(at, &number);
	if (__builtin_expect(!after, 0))
		return trace_number(trace, node, at, fault);
	count(trace, node, number.kind, at, after);
	return after;
}

static char *trace_value(struct json_trace *trace, struct json_node *node, char *at, unsigned depth,
	struct json_fault *fault)
{
	return trace_quick(trace, node, at, depth, fault);
}

/* The member at `at`; returns behind its value. */
static inline char *trace_member(struct json_trace *trace, struct json_node *node, char *at,
	uint64_t object, size_t *next, unsigned depth, struct json_fault *fault)
{
	char *key = at;
	struct json_node *child = predicted(node, at, next);
	if (__builtin_expect(child != NULL, 1))
		at += child->key.raw.length;
	else
		at = find_key(trace, node, at, next, &child, fault);
	if (!at)
		return NULL;
	if (__builtin_expect(child->object == object, 0) &&
		!take_back(trace, child, key, depth + 1, fault))
		return NULL;
	child->object = object;
	child->value_at = at;
	return trace_quick(trace, child, at, depth + 1, fault);
}

static char *trace_object(struct json_trace *trace, struct json_node *node, char *at,
	unsigned depth, struct json_fault *fault)
{
	if (depth >= JSON_DEPTH)
		return json_fail(fault, at, "a record nests deeper than 62 levels");
	char *from = at;
	uint64_t object = ++trace->objects;
	size_t next = 0;
	at = json_space(at + 1);
	bool more = *at != '}';
	while (more) {
		at = trace_member(trace, node, at, object, &next, depth, fault);
		if (!at)
			return NULL;
		at = json_after(at, &more);
		if (*at != (more ? '"' : '}'))
			return json_fail(
				fault, at, more ? "a key is missing" : "an object is not closed");
	}
	count(trace, node, JSON_OBJECT, from, at + 1);
	return at + 1;
}

static char *trace_array(struct json_trace *trace, struct json_node *node, char *at, unsigned depth,
	struct json_fault *fault)
{
	if (depth >= JSON_DEPTH)
		return json_fail(fault, at, "a record nests deeper than 62 levels");
	if (!node->element)
		node->element = node_new(trace);
	struct json_node *element = node->element;
	char *from = at;
	at = json_space(at + 1);
	bool more = *at != ']';
	while (more) {
		at = trace_quick(trace, element, at, depth + 1, fault);
		if (!at)
			return NULL;
		at = json_after(at, &more);
		if ((*at == ']') == more)
			return json_fail(
				fault, at, more ? "a value is missing" : "an array is not closed");
	}
	count(trace, node, JSON_LIST, from, at + 1);
	return at + 1;
}

/* One pass over the record at trace->start, counting by `step`. */
static char *pass(struct json_trace *trace, uint64_t step, struct json_fault *fault)
{
	trace->step = step;
	trace->repeated = 0;
	char *at = trace->start;
	if (trace->wrapped)
		return trace_value(trace, trace->record, at, 1, fault);
	if (*at != '{')
		return json_fail(fault, at, "a record is not an object");
	return trace_object(trace, trace->root, at, 0, fault);
}

static void node_merge(struct json_trace *trace, struct json_node *into, struct json_node *from);

static size_t node_total(const struct json_node *node)
{
	size_t total = 1;
	if (node->element)
		total += node_total(node->element);
	if (node->value)
		total += node_total(node->value);
	for (size_t i = 0; i < node->child_count; i++)
		total += node_total(node->children[i]);
	return total;
}

/* All keys' values become one: the map's. */
static void become_map(struct json_trace *trace, struct json_node *node)
{
	trace->nodes -= node_total(node) - 1 - (node->element ? node_total(node->element) : 0);
	node->map = true;
	node->value = node_new(trace);
	node->value->name = TEXT("value");
	for (size_t i = 0; i < node->child_count; i++)
		node_merge(trace, node->value, node->children[i]);
	node->child_count = 0;
}

/* The wrapped record's column, made with the first record. */
static void make_record(struct json_trace *trace)
{
	trace->record = child_new(trace, trace->root, TEXT("record"), trace->start);
}

char *json_trace_record(void *parser, char *at, uint64_t position, struct json_fault *fault)
{
	struct json_trace *trace = parser;
	trace->position = position;
	trace->start = at;
	if (trace->wrapped && !trace->record)
		make_record(trace);
	char *after = pass(trace, 1, fault);
	while (!after) {
		struct json_fault ignored;
		/* A key that found no room was met, but its member was not counted. */
		trace->stop = trace->full;
		(void)pass(trace, UINT64_MAX, &ignored);
		trace->stop = trace->full = NULL;
		if (!trace->crowded)
			break;
		become_map(trace, trace->crowded);
		trace->crowded = NULL;
		after = pass(trace, 1, fault);
	}
	trace->step = 1;
	if (after && trace->wrapped)
		count(trace, trace->root, JSON_OBJECT, at, after);
	return after;
}

enum status json_trace_check(const struct json_trace *trace, struct error *err)
{
	if (!trace->limit)
		return STATUS_OK;
	return fail(err, STATUS_RESOURCE_EXHAUSTED,
		"record at byte %llu: there are more than %zu %s: objects that use data as keys "
		"cannot be columns",
		(unsigned long long)trace->position, trace->limit_value, trace->limit);
}

static void merge_counts(struct json_trace *trace, struct json_node *into, struct json_node *from)
{
	for (int kind = 0; kind < JSON_KINDS_; kind++) {
		if (from->counts[kind] &&
			(!into->counts[kind] ||
				from->first[kind]->byte < into->first[kind]->byte)) {
			if (!into->first[kind])
				into->first[kind] =
					arena_alloc(trace->arena, sizeof *into->first[kind]);
			if (from->first[kind])
				*into->first[kind] = *from->first[kind];
		}
		into->counts[kind] += from->counts[kind];
	}
	if (!from->digits)
		return;
	size_t lengths = JSON_DIGITS_MOST - JSON_DIGITS_LEAST + 1;
	if (!into->digits)
		into->digits = arena_array(trace->arena, lengths, sizeof(uint64_t));
	for (size_t i = 0; i < lengths; i++)
		into->digits[i] += from->digits[i];
}

static struct json_node *child_of_merge(
	struct json_trace *trace, struct json_node *into, const struct json_node *from)
{
	size_t index = child_find(into, from->name);
	if (index < into->child_count)
		return into->children[index];
	if (!may_grow(trace, into))
		return NULL;
	struct json_node *child = node_new(trace);
	child->name = arena_copy(trace->arena, from->name);
	child->born = from->born;
	child_append(trace, into, child);
	return child;
}

static void merge_children(struct json_trace *trace, struct json_node *into, struct json_node *from)
{
	for (size_t i = 0; i < from->child_count && !trace->limit; i++) {
		struct json_node *other = from->children[i];
		struct json_node *child =
			into->map ? into->value : child_of_merge(trace, into, other);
		if (!child && trace->crowded == into) {
			trace->crowded = NULL;
			become_map(trace, into);
			child = into->value;
		}
		if (!child)
			return;
		if (other->born < child->born)
			child->born = other->born;
		node_merge(trace, child, other);
	}
}

static void node_merge(struct json_trace *trace, struct json_node *into, struct json_node *from)
{
	merge_counts(trace, into, from);
	if (from->element) {
		if (!into->element)
			into->element = node_new(trace);
		node_merge(trace, into->element, from->element);
	}
	if (from->map && !into->map)
		become_map(trace, into);
	if (from->map)
		node_merge(trace, into->value, from->value);
	merge_children(trace, into, from);
}

void json_trace_merge(struct json_trace *into, struct json_trace *from)
{
	if (from->limit && !into->limit) {
		into->limit = from->limit;
		into->limit_value = from->limit_value;
		into->position = from->position;
	}
	if (!into->limit)
		node_merge(into, into->root, from->root);
}
