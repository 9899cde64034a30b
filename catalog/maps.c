#include "catalog/maps.h"

#include "base/limits.h"
#include "catalog/names.h"

#include <string.h>

/* Fields are reached through their offsets, with memcpy: each map has an entry
 * struct of its own, and they must not alias. */
static void *pointer_at(const void *message, unsigned offset)
{
	void *pointer;
	memcpy(&pointer, (const char *)message + offset, sizeof pointer);
	return pointer;
}

static size_t count_at(const void *message, unsigned offset)
{
	size_t count;
	memcpy(&count, (const char *)message + offset, sizeof count);
	return count;
}

static void count_set(void *message, unsigned offset, size_t count)
{
	memcpy((char *)message + offset, &count, sizeof count);
}

static bool is_map(const ProtobufCFieldDescriptor *field)
{
	if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
		return false;
	const ProtobufCMessageDescriptor *entry = field->descriptor;
	return entry->n_fields == 2 && text_ends(text_of(entry->short_name), TEXT("Entry")) &&
	       strcmp(entry->fields[0].name, "key") == 0 &&
	       entry->fields[0].type == PROTOBUF_C_TYPE_STRING &&
	       entry->fields[1].type == PROTOBUF_C_TYPE_STRING;
}

static struct text entry_key(const ProtobufCMessage *entry)
{
	return text_of(pointer_at(entry, entry->descriptor->fields[0].offset));
}

static struct text entry_value(const ProtobufCMessage *entry)
{
	return text_of(pointer_at(entry, entry->descriptor->fields[1].offset));
}

static size_t position_of(ProtobufCMessage **at, size_t count, struct text key)
{
	size_t low = 0;
	size_t high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (text_compare(entry_key(at[middle]), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* By insertion: it sees equal keys in their order, and maps are short. */
static size_t map_sort(ProtobufCMessage **at, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		ProtobufCMessage *entry = at[i];
		struct text key = entry_key(entry);
		size_t here = position_of(at, kept, key);
		if (here < kept && text_equal(entry_key(at[here]), key)) {
			at[here] = entry;
			continue;
		}
		memmove(at + here + 1, at + here, (kept - here) * sizeof *at);
		at[here] = entry;
		kept++;
	}
	return kept;
}

static enum status map_check(ProtobufCMessage *const *at, size_t count, struct error *err)
{
	if (count > LIMIT_PARAMETERS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu parameters, at most %d are allowed", count, LIMIT_PARAMETERS);
	for (size_t i = 0; i < count; i++) {
		struct text key = entry_key(at[i]);
		if (key.length == 0)
			return fail(err, STATUS_INVALID_ARGUMENT, "a parameter has no name");
		TRY(length_check(key, LIMIT_PARAMETER_KEY_BYTES, "a parameter's name", err));
		enum status status = length_check(
			entry_value(at[i]), LIMIT_PARAMETER_VALUE_BYTES, "its value", err);
		if (status != STATUS_OK)
			return fail_within(err, "parameter '%.*s'", TEXT_ARG(key));
	}
	return STATUS_OK;
}

static enum status field_normalise(
	ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, struct error *err)
{
	void *value = pointer_at(message, field->offset);
	if (field->label != PROTOBUF_C_LABEL_REPEATED)
		return value ? maps_normalise(value, err) : STATUS_OK;
	ProtobufCMessage **items = value;
	size_t count = count_at(message, field->quantifier_offset);
	if (count == 0)
		return STATUS_OK;
	if (is_map(field)) {
		TRY(map_check(items, count, err));
		count_set(message, field->quantifier_offset, map_sort(items, count));
		return STATUS_OK;
	}
	for (size_t i = 0; i < count; i++)
		TRY(maps_normalise(items[i], err));
	return STATUS_OK;
}

/* Recursion ends: the catalog's messages do not hold themselves. */
enum status maps_normalise(ProtobufCMessage *message, struct error *err)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		if (descriptor->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			TRY(field_normalise(message, &descriptor->fields[i], err));
	}
	return STATUS_OK;
}

void maps_remove(ProtobufCMessage *message, bool (*drop)(struct text key))
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
		if (!is_map(field))
			continue;
		ProtobufCMessage **items = pointer_at(message, field->offset);
		size_t count = count_at(message, field->quantifier_offset);
		size_t kept = 0;
		for (size_t k = 0; k < count; k++) {
			if (!drop(entry_key(items[k])))
				items[kept++] = items[k];
		}
		count_set(message, field->quantifier_offset, kept);
	}
}
