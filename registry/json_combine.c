#include "registry/json_reads.h"

/* Keywords that combine schemas for one and the same value: JSON Schema Core (2020-12),
 * section 10.2; and those that are only compared as they stand. */

bool json_check_all_of(const struct check *check)
{
	const struct document *list = document_member(check->schema, TEXT("allOf"));
	bool all = true;
	for (size_t i = 0; list && i < list->count && (all || check->reading->telling); i++)
		all &= json_covers(check, &list->items[i], check->written);
	return all;
}

/* Whether no value of `written` can be valid for `schema`. Seen by types, and by a
 * property that tells the alternatives apart. */

static const struct document *only_value(const struct document *schema, struct text name)
{
	const struct document *members = document_member(schema, TEXT("properties"));
	const struct document *member = members ? document_member(members, name) : NULL;
	const struct document *list = member ? document_member(member, TEXT("enum")) : NULL;
	const struct document *value = member ? document_member(member, TEXT("const")) : NULL;
	if (!value && list && list->kind == DOCUMENT_LIST && list->count == 1)
		value = &list->items[0];
	return value;
}

static bool is_required(const struct document *schema, struct text name)
{
	const struct document *list = document_member(schema, TEXT("required"));
	for (size_t i = 0; list && i < list->count; i++) {
		if (list->items[i].kind == DOCUMENT_STRING && text_equal(list->items[i].text, name))
			return true;
	}
	return false;
}

/* Closed, and without a property that the other requires. */
static bool forbids(const struct document *schema, struct text name)
{
	const struct document *others = document_member(schema, TEXT("additionalProperties"));
	const struct document *members = document_member(schema, TEXT("properties"));
	return others && others->kind == DOCUMENT_FALSE &&
	       !document_member(schema, TEXT("patternProperties")) &&
	       (!members || !document_member(members, name));
}

static bool parts_differ(
	struct reading *reading, const struct document *schema, const struct document *part)
{
	const struct document *members = document_member(part, TEXT("properties"));
	const struct document *needs = document_member(schema, TEXT("required"));
	const struct document *has = document_member(part, TEXT("required"));
	for (size_t i = 0; members && i < members->count && reading_step(reading); i++) {
		struct text name = members->items[i].key;
		const struct document *here = only_value(part, name);
		const struct document *there = here ? only_value(schema, name) : NULL;
		if (there && !document_equal(here, there) && is_required(part, name))
			return true;
	}
	for (size_t i = 0; needs && i < needs->count && reading_step(reading); i++) {
		if (forbids(part, needs->items[i].text))
			return true;
	}
	for (size_t i = 0; has && i < has->count && reading_step(reading); i++) {
		if (forbids(schema, has->items[i].text))
			return true;
	}
	return false;
}

static bool is_apart(
	const struct check *check, const struct document *schema, const struct written *written)
{
	const struct json_schema *in = json_sides(check)->reader;
	if ((json_types(in, schema) & written->types) == 0)
		return true;
	for (const struct document *target = json_ref(in, schema); target;
		target = json_ref(in, schema))
		schema = target;
	/* What tells objects apart tells nothing of other types. */
	if (schema->kind != DOCUMENT_OBJECT || (written->types & ~JSON_TYPE_OBJECT))
		return false;
	for (size_t i = 0; i < written->count; i++) {
		if (parts_differ(check->reading, schema, written->parts[i]))
			return true;
	}
	return false;
}

/* One alternative covers it all; of oneOf, and all others cover nothing of it. */
static bool one_covers(const struct check *check, const struct document *list, bool alone,
	const struct written *written)
{
	size_t covering = list->count;
	for (size_t i = 0; i < list->count && covering == list->count; i++) {
		if (json_covers_quietly(check, &list->items[i], written))
			covering = i;
	}
	if (covering == list->count)
		return false;
	for (size_t i = 0; alone && i < list->count; i++) {
		if (i != covering && !is_apart(check, &list->items[i], written))
			return false;
	}
	return true;
}

/* As a whole, or type by type. */
static bool list_covers(const struct check *check, const struct document *list, bool alone)
{
	const struct written *written = check->written;
	if (one_covers(check, list, alone, written))
		return true;
	for (unsigned type = 1; type <= JSON_TYPE_FRACTION; type <<= 1) {
		struct written one = *written;
		one.types &= type;
		if (one.types == written->types)
			return false;
		if (one.types && !one_covers(check, list, alone, &one))
			return false;
	}
	return true;
}

bool json_check_any_of(const struct check *check)
{
	const struct document *list = document_member(check->schema, TEXT("anyOf"));
	if (!list || list_covers(check, list, false))
		return true;
	if (list->count == 1)
		return json_covers(check, &list->items[0], check->written);
	return json_tell(check, "narrowed", list, NULL, "no alternative allows all of the data");
}

static bool said_the_same(const struct check *check, struct text key)
{
	const struct document *value = document_member(check->schema, key);
	for (size_t i = 0; i < check->written->count; i++) {
		const struct document *other = document_member(check->written->parts[i], key);
		if (other && json_same(check, value, other))
			return true;
	}
	return false;
}

bool json_check_one_of(const struct check *check)
{
	const struct document *list = document_member(check->schema, TEXT("oneOf"));
	if (!list || said_the_same(check, TEXT("oneOf")) || list_covers(check, list, true))
		return true;
	if (list->count == 1)
		return json_covers(check, &list->items[0], check->written);
	return json_tell(check, "narrowed", list, NULL,
		"no alternative allows all of the data with the others surely allowing none");
}

bool json_check_not(const struct check *check)
{
	const struct document *refused = document_member(check->schema, TEXT("not"));
	if (!refused || is_apart(check, refused, check->written) ||
		said_the_same(check, TEXT("not")))
		return true;
	return json_tell(check, NULL, refused, NULL, "the data may hold what is refused");
}

/* Keywords whose consequences are not looked into: the writer's must say the same. */

struct group {
	const char *keys[3]; /* the first one makes the others count */
	unsigned types;
};

static const struct group groups[] = {
	{{"if", "then", "else"}, JSON_TYPE_ALL},
	{{"contains", "minContains", "maxContains"}, JSON_TYPE_ARRAY},
	{{"propertyNames"}, JSON_TYPE_OBJECT},
	{{"dependencies"}, JSON_TYPE_OBJECT},
	{{"dependentRequired"}, JSON_TYPE_OBJECT},
	{{"dependentSchemas"}, JSON_TYPE_OBJECT},
	{{"$dynamicRef"}, JSON_TYPE_ALL},
	{{"$recursiveRef"}, JSON_TYPE_ALL},
};

static bool group_same(
	const struct check *check, const struct group *group, const struct document *part)
{
	for (size_t i = 0; i < 3 && group->keys[i]; i++) {
		const struct document *left =
			document_member(check->schema, text_of(group->keys[i]));
		const struct document *right = document_member(part, text_of(group->keys[i]));
		if (!left != !right || (left && !json_same(check, left, right)))
			return false;
	}
	return true;
}

static bool group_holds(const struct check *check, const struct group *group)
{
	const struct document *value = document_member(check->schema, text_of(group->keys[0]));
	if (!value || !json_may_be(check, group->types))
		return true;
	for (size_t i = 0; i < check->written->count; i++) {
		if (group_same(check, group, check->written->parts[i]))
			return true;
	}
	return json_tell(check, NULL, value, NULL,
		"the data's schema does not say the same, and what follows from it is not told");
}

/* unevaluated… speak of what all that stands beside them leaves over. */
static bool leftovers_hold(const struct check *check, struct text key, unsigned types)
{
	const struct document *value = document_member(check->schema, key);
	if (!value || !json_may_be(check, types))
		return true;
	for (size_t i = 0; i < check->written->count; i++) {
		if (json_same(check, check->schema, check->written->parts[i]))
			return true;
	}
	return json_tell(check, NULL, value, NULL,
		"the data's schema is another, and what this leaves over is not told");
}

bool json_check_whole(const struct check *check)
{
	bool all = true;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		all &= group_holds(check, &groups[i]);
	all &= leftovers_hold(check, TEXT("unevaluatedItems"), JSON_TYPE_ARRAY);
	return leftovers_hold(check, TEXT("unevaluatedProperties"), JSON_TYPE_OBJECT) && all;
}
