#include "registry/json_reads.h"

#include <stdio.h>

/* Keywords that apply schemas to parts of a value: JSON Schema Core (2020-12), section
 * 10.3; Validation (draft-07), sections 6.4 and 6.5. */

static const struct document anything = {.kind = DOCUMENT_TRUE};

/* items */

struct items {
	const struct document *first; /* a list: one schema for each of the first items */
	const struct document *rest; /* for all behind them; NULL: anything */
};

static struct items items_of(const struct document *schema)
{
	const struct document *prefix = document_member(schema, TEXT("prefixItems"));
	const struct document *items = document_member(schema, TEXT("items"));
	if (prefix)
		return (struct items){prefix, items};
	if (items && items->kind == DOCUMENT_LIST)
		return (struct items){items, document_member(schema, TEXT("additionalItems"))};
	return (struct items){NULL, items};
}

static const struct document *item_at(const struct items *items, size_t at)
{
	size_t count = items->first ? items->first->count : 0;
	const struct document *found = at < count ? &items->first->items[at] : items->rest;
	return found ? found : &anything;
}

static bool items_read(
	const struct check *check, const struct items *reader, const struct items *writer)
{
	size_t left = reader->first ? reader->first->count : 0;
	size_t right = writer->first ? writer->first->count : 0;
	size_t count = left > right ? left : right;
	bool all = true;
	for (size_t i = 0; i < count && (all || check->reading->telling); i++) {
		char name[24];
		(void)snprintf(name, sizeof name, "%zu", i);
		all &= json_reads_inner(check, PLACE(check->place, text_of(name)),
			item_at(reader, i), item_at(writer, i));
	}
	return json_reads_inner(check, PLACE(check->place, TEXT("element")), item_at(reader, count),
		       item_at(writer, count)) &&
	       all;
}

/* The part that says most about items is the one to be told about. */
bool json_check_items(const struct check *check)
{
	struct items reader = items_of(check->schema);
	struct items best = {0};
	if ((!reader.first && !reader.rest) || !json_may_be(check, JSON_TYPE_ARRAY))
		return true;
	bool telling = reading_quietly(check->reading);
	bool any = false;
	for (size_t i = 0; i < check->written->count && !any; i++) {
		struct items items = items_of(check->written->parts[i]);
		if (!items.first && !items.rest)
			continue;
		best = items;
		any = items_read(check, &reader, &items);
	}
	any = any || items_read(check, &reader, &(struct items){0});
	check->reading->telling = telling;
	return any || (telling && items_read(check, &reader, &best));
}

/* required */

static bool is_required(const struct check *check, struct text name)
{
	for (size_t i = 0; i < check->written->count; i++) {
		const struct document *list =
			document_member(check->written->parts[i], TEXT("required"));
		check->reading->steps += list ? list->count / 64 : 0;
		for (size_t k = 0; list && k < list->count; k++) {
			if (text_equal(list->items[k].text, name))
				return true;
		}
	}
	return false;
}

bool json_check_required(const struct check *check)
{
	const struct document *list = document_member(check->schema, TEXT("required"));
	bool all = true;
	if (!list || !json_may_be(check, JSON_TYPE_OBJECT))
		return true;
	for (size_t i = 0; list->kind == DOCUMENT_LIST && i < list->count; i++) {
		struct text name = list->items[i].text;
		if (!reading_step(check->reading))
			return false;
		if (is_required(check, name))
			continue;
		all = reading_tell(check->reading, PLACE(check->place, name), "narrowed",
			"required", "optional", "the data may lack what is required");
		if (!check->reading->telling)
			return false;
	}
	return all;
}

/* properties, patternProperties, additionalProperties: they depend on each other. */

struct members {
	const struct document *named; /* objects of schemas, or NULL */
	const struct document *matched;
	const struct document *others; /* a schema, or NULL: nothing is said */
};

/* Of a writer nothing is taken as not written while alternatives are left that may name
 * it, or parts were left out. */
static bool may_name_more(const struct check *check)
{
	return check->written->case_count > 0 || check->written->partial;
}

static struct members members_of(const struct document *schema)
{
	return (struct members){
		.named = document_member(schema, TEXT("properties")),
		.matched = document_member(schema, TEXT("patternProperties")),
		.others = document_member(schema, TEXT("additionalProperties")),
	};
}

static size_t count_of(const struct document *object)
{
	return object ? object->count : 0;
}

static const struct document *member_of(const struct document *object, struct text name)
{
	return object ? document_member(object, name) : NULL;
}

/* A property that the writer's schema does not name: written only if a pattern or what
 * is said of others lets it. Where nothing is said it is taken as not written. */
static bool unnamed_reads(
	const struct check *check, const struct members *writer, const struct document *schema)
{
	const struct place *place = PLACE(check->place, schema->key);
	bool all = !writer->others || json_reads_inner(check, place, schema, writer->others);
	for (size_t i = 0; i < count_of(writer->matched) && all; i++)
		all = json_reads_inner(check, place, schema, &writer->matched->items[i]);
	return all;
}

static bool named_read(
	const struct check *check, const struct members *reader, const struct members *writer)
{
	bool all = true;
	for (size_t i = 0; i < count_of(reader->named) && (all || check->reading->telling); i++) {
		const struct document *schema = &reader->named->items[i];
		const struct document *written = member_of(writer->named, schema->key);
		all &= written ? json_reads_inner(
					 check, PLACE(check->place, schema->key), schema, written)
			       : unnamed_reads(check, writer, schema);
	}
	return all;
}

/* What the writer names and the reader does not is one of the reader's others. */
static bool dropped_read(
	const struct check *check, const struct members *reader, const struct members *writer)
{
	bool all = true;
	if (!reader->others)
		return true;
	for (size_t i = 0; i < count_of(writer->named) && (all || check->reading->telling); i++) {
		const struct document *written = &writer->named->items[i];
		if (!member_of(reader->named, written->key))
			all &= json_reads_inner(
				check, PLACE(check->place, written->key), reader->others, written);
	}
	for (size_t i = 0; i < count_of(writer->matched) && (all || check->reading->telling); i++) {
		const struct document *written = &writer->matched->items[i];
		if (!member_of(reader->matched, written->key))
			all &= json_reads_inner(
				check, PLACE(check->place, written->key), reader->others, written);
	}
	return all;
}

static bool matched_read(
	const struct check *check, const struct members *reader, const struct members *writer)
{
	bool all = true;
	for (size_t i = 0; i < count_of(reader->matched) && (all || check->reading->telling); i++) {
		const struct document *schema = &reader->matched->items[i];
		const struct document *written = member_of(writer->matched, schema->key);
		const struct place *place = PLACE(check->place, schema->key);
		all &= json_reads_inner(check, place, schema, written ? written : &anything);
	}
	return all;
}

static bool others_read(
	const struct check *check, const struct members *reader, const struct members *writer)
{
	if (!reader->others)
		return true;
	return json_reads_inner(check, PLACE(check->place, TEXT("*")), reader->others,
		writer->others ? writer->others : &anything);
}

static bool members_read(
	const struct check *check, const struct members *reader, const struct members *writer)
{
	bool all = named_read(check, reader, writer);
	if (all || check->reading->telling)
		all &= dropped_read(check, reader, writer);
	if (all || check->reading->telling)
		all &= matched_read(check, reader, writer);
	if (all || check->reading->telling)
		all &= others_read(check, reader, writer);
	return all;
}

/* What all the parts name together, when none says anything of patterns or others: how
 * allOf is written mostly. */
static bool is_silent(const struct members *members)
{
	return !members->matched && !members->others;
}

static const struct document *named_anywhere(const struct check *check, struct text name)
{
	for (size_t i = 0; i < check->written->count; i++) {
		struct members members = members_of(check->written->parts[i]);
		if (member_of(members.named, name))
			return member_of(members.named, name);
	}
	return NULL;
}

static bool all_parts_read(const struct check *check, const struct members *reader)
{
	bool all = is_silent(reader) && !may_name_more(check);
	for (size_t i = 0; i < check->written->count && all; i++) {
		struct members members = members_of(check->written->parts[i]);
		all = is_silent(&members);
	}
	for (size_t i = 0; i < count_of(reader->named) && all; i++) {
		const struct document *schema = &reader->named->items[i];
		const struct document *written = named_anywhere(check, schema->key);
		all = !written ||
		      json_reads_inner(check, PLACE(check->place, schema->key), schema, written);
	}
	return all;
}

bool json_check_properties(const struct check *check)
{
	struct members reader = members_of(check->schema);
	struct members best = {0};
	bool nothing = !reader.named && !reader.matched && !reader.others;
	if (nothing || !json_may_be(check, JSON_TYPE_OBJECT))
		return true;
	bool telling = reading_quietly(check->reading);
	bool any = all_parts_read(check, &reader);
	for (size_t i = 0; i < check->written->count && !any; i++) {
		struct members writer = members_of(check->written->parts[i]);
		if (!writer.named && !writer.matched && !writer.others)
			continue;
		if (!writer.others && may_name_more(check))
			writer.others = &anything;
		if (!best.named)
			best = writer;
		/* A part that is silent about what another names says nothing for it. */
		any = (check->written->count == 1 || writer.others) &&
		      members_read(check, &reader, &writer);
	}
	if (!best.named && !best.others && !best.matched) {
		best.others = may_name_more(check) ? &anything : NULL;
		any = any || members_read(check, &reader, &best);
	}
	check->reading->telling = telling;
	/* Where only all parts together were enough for `best`, they tell. */
	return any ||
	       (telling && members_read(check, &reader, &best) && all_parts_read(check, &reader));
}
