#include "registry/json_reads.h"

/* Keywords of one value: JSON Schema Validation, sections 6.1 to 6.3 and 7. */

/* type */

static unsigned types_of(const struct document *type)
{
	unsigned types = 0;
	if (type->kind == DOCUMENT_STRING)
		return json_type_bits(type->text);
	for (size_t i = 0; i < type->count; i++)
		types |= json_type_bits(type->items[i].text);
	return types;
}

bool json_check_type(const struct check *check)
{
	const struct document *type = document_member(check->schema, TEXT("type"));
	struct reading *reading = check->reading;
	unsigned written = check->written->types;
	unsigned read = type ? types_of(type) : JSON_TYPE_ALL;
	if ((written & ~read) == 0)
		return true;
	if (!reading->telling)
		return false;
	return reading_tell(reading, check->place, written & read ? "narrowed" : "retyped",
		json_types_text(reading->arena, read), json_types_text(reading->arena, written),
		"values of the data's types are not valid");
}

/* enum, const */

static bool is_listed(
	const struct document *list, const struct document *only, const struct document *value)
{
	for (size_t i = 0; list && i < list->count; i++) {
		if (document_equal(&list->items[i], value))
			return true;
	}
	return only && document_equal(only, value);
}

static bool values_listed(const struct check *check, const struct document *list,
	const struct document *only, const struct document *written)
{
	bool all = true;
	for (size_t i = 0; i < written->count && (all || check->reading->telling); i++) {
		const struct document *value = &written->items[i];
		check->reading->steps += list ? list->count / 64 : 0;
		/* Also when all are listed: long lists of the same values cost the most. */
		if (!reading_step(check->reading))
			return false;
		if (!json_may_be(check, json_value_type(value)) || is_listed(list, only, value))
			continue;
		all = json_tell(check, NULL, NULL, value, "the value is not among those allowed");
	}
	return all;
}

/* Booleans and null are few even when they are not listed. */
static bool few_listed(
	const struct check *check, const struct document *list, const struct document *only)
{
	static const struct document null = {.kind = DOCUMENT_NULL};
	static const struct document yes = {.kind = DOCUMENT_TRUE};
	static const struct document no = {.kind = DOCUMENT_FALSE};
	if (json_may_be(check, JSON_TYPE_ALL & ~(JSON_TYPE_NULL | JSON_TYPE_BOOLEAN)))
		return false;
	if (json_may_be(check, JSON_TYPE_NULL) && !is_listed(list, only, &null))
		return false;
	return !json_may_be(check, JSON_TYPE_BOOLEAN) ||
	       (is_listed(list, only, &yes) && is_listed(list, only, &no));
}

static bool listed(
	const struct check *check, const struct document *list, const struct document *only)
{
	const struct written *written = check->written;
	for (size_t i = 0; i < written->count; i++) {
		const struct document *part = written->parts[i];
		const struct document *values = document_member(part, TEXT("enum"));
		const struct document *value = document_member(part, TEXT("const"));
		if (value)
			return is_listed(list, only, value) ||
			       json_tell(check, "narrowed", list ? list : only, value,
				       "the value is not among those allowed");
		if (values)
			return values_listed(check, list, only, values);
	}
	return few_listed(check, list, only) ||
	       json_tell(check, NULL, list ? list : only, NULL,
		       "other values than those allowed may be in the data");
}

bool json_check_listed(const struct check *check)
{
	const struct document *list = document_member(check->schema, TEXT("enum"));
	const struct document *only = document_member(check->schema, TEXT("const"));
	bool all = !list || listed(check, list, NULL);
	return (!only || listed(check, NULL, only)) && all;
}

/* Limits: a number that values stay above or below */

struct limit {
	const char *key;
	bool lower;
	bool strict;
	unsigned types;
};

static const struct limit limits[] = {
	{"minimum", true, false, JSON_TYPE_NUMBER},
	{"exclusiveMinimum", true, true, JSON_TYPE_NUMBER},
	{"maximum", false, false, JSON_TYPE_NUMBER},
	{"exclusiveMaximum", false, true, JSON_TYPE_NUMBER},
	{"minLength", true, false, JSON_TYPE_STRING},
	{"maxLength", false, false, JSON_TYPE_STRING},
	{"minItems", true, false, JSON_TYPE_ARRAY},
	{"maxItems", false, false, JSON_TYPE_ARRAY},
	{"minProperties", true, false, JSON_TYPE_OBJECT},
	{"maxProperties", false, false, JSON_TYPE_OBJECT},
};
enum { LIMITS = sizeof limits / sizeof *limits };

/* Draft-04 says `"exclusiveMinimum": true` beside a minimum. */
static bool is_strict(const struct document *schema, const struct limit *limit)
{
	const struct document *beside = document_member(
		schema, limit->lower ? TEXT("exclusiveMinimum") : TEXT("exclusiveMaximum"));
	return limit->strict ||
	       (limit->types == JSON_TYPE_NUMBER && beside && beside->kind == DOCUMENT_TRUE);
}

static bool part_implies(
	const struct document *part, const struct limit *kind, bool strict, struct text least)
{
	for (size_t i = 0; i < LIMITS; i++) {
		const struct limit *limit = &limits[i];
		const struct document *value = document_member(part, text_of(limit->key));
		bool akin = limit == kind ||
			    (limit->lower == kind->lower && limit->types == JSON_TYPE_NUMBER &&
				    kind->types == JSON_TYPE_NUMBER);
		if (!akin || !value || value->kind != DOCUMENT_NUMBER)
			continue;
		int order = number_compare(value->text, least) * (limit->lower ? 1 : -1);
		if (order > 0 || (order == 0 && (!strict || is_strict(part, limit))))
			return true;
	}
	return false;
}

static bool limit_holds(const struct check *check, const struct limit *limit)
{
	const struct document *value = document_member(check->schema, text_of(limit->key));
	const struct document *other = NULL;
	if (!value || value->kind != DOCUMENT_NUMBER || !json_may_be(check, limit->types))
		return true;
	bool count = limit->types != JSON_TYPE_NUMBER;
	if (count && limit->lower && number_compare(value->text, TEXT("0")) <= 0)
		return true;
	for (size_t i = 0; i < check->written->count; i++) {
		const struct document *part = check->written->parts[i];
		if (part_implies(part, limit, is_strict(check->schema, limit), value->text))
			return true;
		if (!other)
			other = document_member(part, text_of(limit->key));
	}
	return json_tell(check, "narrowed", value, other, "the data may be beyond the limit");
}

/* multipleOf: whole multiples of a multiple; of 1 for whole numbers. */
static bool divides(struct text divisor, struct text number)
{
	int64_t a;
	int64_t b;
	if (number_compare(divisor, number) == 0)
		return true;
	return text_int64(divisor, &a) == divisor.length &&
	       text_int64(number, &b) == number.length && a > 0 && b % a == 0;
}

static bool multiple_holds(const struct check *check)
{
	const struct document *step = document_member(check->schema, TEXT("multipleOf"));
	const struct document *other = NULL;
	if (!step || !json_may_be(check, JSON_TYPE_NUMBER))
		return true;
	if (!json_may_be(check, JSON_TYPE_FRACTION) && divides(step->text, TEXT("1")))
		return true;
	for (size_t i = 0; i < check->written->count; i++) {
		other = document_member(check->written->parts[i], TEXT("multipleOf"));
		if (other && divides(step->text, other->text))
			return true;
	}
	return json_tell(check, "narrowed", step, other, "the data may hold other numbers");
}

static bool unique_holds(const struct check *check)
{
	const struct document *unique = document_member(check->schema, TEXT("uniqueItems"));
	if (!unique || unique->kind != DOCUMENT_TRUE || !json_may_be(check, JSON_TYPE_ARRAY))
		return true;
	for (size_t i = 0; i < check->written->count; i++) {
		const struct document *other =
			document_member(check->written->parts[i], TEXT("uniqueItems"));
		if (other && other->kind == DOCUMENT_TRUE)
			return true;
	}
	return json_tell(check, NULL, unique, NULL, "the data may repeat items");
}

bool json_check_limits(const struct check *check)
{
	bool all = true;
	for (size_t i = 0; i < LIMITS; i++)
		all &= limit_holds(check, &limits[i]);
	all &= multiple_holds(check);
	return unique_holds(check) && all;
}

/* pattern, format: whether one expression allows all that another does is not asked. */

static bool text_holds(const struct check *check, struct text key)
{
	const struct document *value = document_member(check->schema, key);
	const struct document *other = NULL;
	if (!value || !json_may_be(check, JSON_TYPE_STRING))
		return true;
	for (size_t i = 0; i < check->written->count; i++) {
		const struct document *found = document_member(check->written->parts[i], key);
		if (found && text_equal(found->text, value->text))
			return true;
		other = found ? found : other;
	}
	return json_tell(check, "retyped", value, other, "the data may hold other texts");
}

/* From 2019-09 on a format is an annotation (Validation, section 7.2.1). */
bool json_check_texts(const struct check *check)
{
	bool annotation = json_sides(check)->reader->draft >= DRAFT_2019;
	bool all = annotation || text_holds(check, TEXT("format"));
	return text_holds(check, TEXT("pattern")) && all;
}
