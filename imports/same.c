#include "imports/same.h"

#include "proto/tree.h"
#include "proto/wire.h"

#include <stdlib.h>
#include <string.h>

static char empty[] = "";

static const char *entry_key(const ProtobufCMessage *entry)
{
	const char *key;
	memcpy(&key, (const char *)entry + entry->descriptor->fields[0].offset, sizeof key);
	return key;
}

static int by_key(const void *a, const void *b)
{
	ProtobufCMessage *const *left = a;
	ProtobufCMessage *const *right = b;
	return strcmp(entry_key(*left), entry_key(*right));
}

/* Keys in files are unique: the daemon's rule for equal ones does not matter. */
static void sort_maps(ProtobufCMessage *message)
{
	for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
		char *at = (char *)message + field->offset;
		if (field->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
		size_t count = 1;
		if (repeated)
			memcpy(&count, (char *)message + field->quantifier_offset, sizeof count);
		ProtobufCMessage **items = repeated ? *(ProtobufCMessage ***)(void *)at
						    : (ProtobufCMessage **)(void *)at;
		if (field_is_map(field) && count)
			qsort(items, count, sizeof(ProtobufCMessage *), by_key);
		for (size_t m = 0; m < count && !field_is_map(field); m++) {
			if (items[m])
				sort_maps(items[m]);
		}
	}
}

static char *folded(struct arena *arena, const char *name)
{
	char *text = arena_text(arena, text_of(name));
	for (char *at = text; *at; at++)
		*at = text_lower(*at);
	return text;
}

static bool same(struct arena *arena, ProtobufCMessage *a, ProtobufCMessage *b)
{
	sort_maps(a);
	sort_maps(b);
	return text_equal(wire_pack(arena, a), wire_pack(arena, b));
}

bool same_database(
	struct arena *arena, const Tenon__V1__Database *file, const Tenon__V1__Database *stored)
{
	Tenon__V1__Database *a = wire_copy(arena, &file->base);
	Tenon__V1__Database *b = wire_copy(arena, &stored->base);
	a->name = folded(arena, a->name);
	a->create_time_us = b->create_time_us = 0;
	a->update_time_us = b->update_time_us = 0;
	a->table_count = b->table_count = 0;
	return same(arena, &a->base, &b->base);
}

static void clear_table(struct arena *arena, Tenon__V1__Table *table)
{
	table->database = folded(arena, table->database);
	table->name = folded(arena, table->name);
	table->id = table->version = table->partition_count = 0;
	table->create_time_us = table->update_time_us = 0;
	table->fingerprint = table->updated_by = empty;
	table->n_evidence = table->n_owners = 0;
}

bool same_table(struct arena *arena, const Tenon__V1__Table *file, const Tenon__V1__Table *stored)
{
	Tenon__V1__Table *a = wire_copy(arena, &file->base);
	Tenon__V1__Table *b = wire_copy(arena, &stored->base);
	clear_table(arena, a);
	clear_table(arena, b);
	return same(arena, &a->base, &b->base);
}

bool same_function(
	struct arena *arena, const Tenon__V1__Function *file, const Tenon__V1__Function *stored)
{
	Tenon__V1__Function *a = wire_copy(arena, &file->base);
	Tenon__V1__Function *b = wire_copy(arena, &stored->base);
	a->database = folded(arena, a->database);
	a->name = folded(arena, a->name);
	a->create_time_us = b->create_time_us = 0;
	return same(arena, &a->base, &b->base);
}

static bool same_columns(
	const Tenon__V1__StorageDescriptor *a, const Tenon__V1__StorageDescriptor *b)
{
	if (a->n_columns != b->n_columns)
		return false;
	for (size_t i = 0; i < a->n_columns; i++) {
		if (strcmp(a->columns[i]->name, b->columns[i]->name) != 0 ||
			strcmp(a->columns[i]->type, b->columns[i]->type) != 0)
			return false;
	}
	return true;
}

static bool same_serde(struct arena *arena, const Tenon__V1__SerDe *a, const Tenon__V1__SerDe *b)
{
	return a && b && same(arena, wire_copy(arena, &a->base), wire_copy(arena, &b->base));
}

/* As the catalog does when it stores one. */
static void inherit(struct arena *arena, Tenon__V1__Partition *partition,
	const Tenon__V1__StorageDescriptor *whole)
{
	Tenon__V1__StorageDescriptor *own = partition->storage;
	if (!own)
		return;
	if (whole && same_columns(own, whole))
		own->n_columns = 0;
	if (whole && strcmp(own->input_format, whole->input_format) == 0)
		own->input_format = empty;
	if (whole && strcmp(own->output_format, whole->output_format) == 0)
		own->output_format = empty;
	if (whole && same_serde(arena, own->serde, whole->serde))
		own->serde = NULL;
	if (protobuf_c_message_get_packed_size(&own->base) == 0)
		partition->storage = NULL;
}

bool same_partition(struct arena *arena, const Tenon__V1__Partition *file,
	const Tenon__V1__Partition *stored, const Tenon__V1__Table *table)
{
	Tenon__V1__Partition *a = wire_copy(arena, &file->base);
	Tenon__V1__Partition *b = wire_copy(arena, &stored->base);
	a->create_time_us = b->create_time_us = 0;
	a->update_time_us = b->update_time_us = 0;
	inherit(arena, a, table->storage);
	inherit(arena, b, table->storage);
	return same(arena, &a->base, &b->base);
}
