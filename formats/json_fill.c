#include "formats/json_fill.h"

#include "base/arena.h"
#include "base/memory.h"
#include "formats/json_column.h"
#include "schema/scalar.h"

#include <math.h>
#include <stdlib.h>

/* A map's member, met in a first pass so that the last of repeated keys wins. */
struct member {
	struct text key;
	char *value;
	bool dropped;
};

struct json_fill {
	struct arena *arena;
	struct json_column root;
	bool wrapped;

	struct vector *columns;
	size_t row;
	uint64_t objects; /* serial numbers */
	uint64_t repeated; /* keys that came again in their object */
	uint64_t bad_values; /* of good records */
	uint64_t bad_here; /* of this record */

	char *scratch; /* texts that had escapes */
	size_t scratch_length, scratch_capacity;

	/* Every list below `columns`, outer ones first, and its rows when the record began. */
	struct vector **lists;
	size_t *marks;
	size_t list_count, list_capacity;

	struct member *members; /* a stack: maps in maps */
	size_t member_count, member_capacity;
};

struct json_fill *json_fill_new(
	const struct type *row, const size_t *projection, size_t projected, bool wrapped)
{
	struct json_fill *fill = memory_new(sizeof *fill);
	fill->arena = arena_new();
	fill->wrapped = wrapped;
	json_column_init(fill->arena, &fill->root, row);
	for (size_t i = 0; i < projected; i++)
		fill->root.children[projection[i]].vector = i;
	return fill;
}

void json_fill_free(struct json_fill *fill)
{
	if (!fill)
		return;
	arena_free(fill->arena);
	free(fill->scratch);
	free(fill->lists);
	free(fill->marks);
	free(fill->members);
	free(fill);
}

uint64_t json_fill_bad_values(const struct json_fill *fill)
{
	return fill->bad_values;
}

static bool is_list(const struct vector *vector)
{
	return vector->type->kind == TYPE_ARRAY || vector->type->kind == TYPE_MAP;
}

static void find_lists(struct json_fill *fill, struct vector *vector)
{
	if (is_list(vector)) {
		if (fill->list_count == fill->list_capacity) {
			fill->list_capacity =
				memory_grown(fill->list_capacity, fill->list_count + 1);
			fill->lists = memory_resize(
				fill->lists, fill->list_capacity, sizeof(struct vector *));
			fill->marks = memory_resize(
				fill->marks, fill->list_capacity, sizeof *fill->marks);
		}
		fill->lists[fill->list_count++] = vector;
	}
	for (size_t i = 0; i < vector->child_count; i++)
		find_lists(fill, &vector->children[i]);
}

void json_fill_start(struct json_fill *fill, struct vector *columns, size_t block_bytes)
{
	fill->columns = columns;
	fill->row = 0;
	fill->bad_values = 0;
	fill->scratch_length = 0;
	if (fill->scratch_capacity < block_bytes) {
		/* Mostly never touched, and then it costs nothing. */
		free(fill->scratch);
		fill->scratch = memory_resize(NULL, block_bytes, 1);
		fill->scratch_capacity = block_bytes;
	}
	fill->list_count = 0;
	for (size_t i = 0; i < fill->root.child_count; i++) {
		if (fill->root.children[i].vector != SIZE_MAX)
			find_lists(fill, &columns[fill->root.children[i].vector]);
	}
}

static void set_null(struct vector *vector, size_t row)
{
	vector_set_null(vector, row);
	if (is_list(vector))
		((struct vector_list *)vector->data)[row] =
			(struct vector_list){vector->list_rows, 0};
}

/* Rows [from, to) as they were before anything was filled in. Lists are cut back
 * on their own. */
static void set_valid(struct vector *vector, size_t from, size_t to)
{
	for (size_t row = from; row < to; row++)
		vector->validity[row / 64] |= UINT64_C(1) << (row % 64);
	if (is_list(vector))
		return;
	for (size_t i = 0; i < vector->child_count; i++)
		set_valid(&vector->children[i], from, to);
}

static void mark(struct json_fill *fill)
{
	for (size_t i = 0; i < fill->list_count; i++)
		fill->marks[i] = fill->lists[i]->list_rows;
	fill->bad_here = 0;
}

static void roll_back(struct json_fill *fill, size_t scratch_length)
{
	for (size_t i = 0; i < fill->list_count; i++) {
		struct vector *list = fill->lists[i];
		for (size_t c = 0; c < list->child_count; c++)
			set_valid(&list->children[c], fill->marks[i], list->list_rows);
		list->list_rows = fill->marks[i];
	}
	for (size_t i = 0; i < fill->root.child_count; i++) {
		if (fill->root.children[i].vector != SIZE_MAX)
			set_valid(&fill->columns[fill->root.children[i].vector], fill->row,
				fill->row + 1);
	}
	fill->scratch_length = scratch_length;
	fill->member_count = 0;
}

static struct text text_of_string(struct json_fill *fill, const struct json_string *string)
{
	if (!string->escaped)
		return (struct text){string->at, string->length};
	char *out = fill->scratch + fill->scratch_length;
	size_t length = json_unescape(string, out);
	fill->scratch_length += length;
	return (struct text){out, length};
}

/* Not one of its type: null, and counted once the record proves good. */
static char *mismatch(struct json_fill *fill, struct vector *vector, size_t row, char *at,
	unsigned depth, struct json_fault *fault)
{
	at = json_skip(at, depth, fault);
	set_null(vector, row);
	fill->bad_here++;
	return at;
}

/* The text of the value at `at`: what a text column or a choice holds. */
static char *value_text(struct json_fill *fill, char *at, unsigned depth, struct text *text_out,
	struct json_fault *fault)
{
	if (*at == '"') {
		struct json_string string;
		char *after = json_string(at, &string, fault);
		if (after)
			*text_out = text_of_string(fill, &string);
		return after;
	}
	char *after = json_skip(at, depth, fault);
	if (after)
		*text_out = (struct text){at, (size_t)(after - at)};
	return after;
}

static char *fill_text(struct json_fill *fill, struct vector *vector, size_t row, char *at,
	unsigned depth, struct json_fault *fault)
{
	struct text text = {0};
	at = value_text(fill, at, depth, &text, fault);
	if (!at)
		return NULL;
	enum type_kind kind = vector->type->kind;
	if ((kind == TYPE_CHAR || kind == TYPE_VARCHAR) &&
		text_characters(text) > vector->type->length) {
		set_null(vector, row);
		fill->bad_here++;
		return at;
	}
	((struct vector_string *)vector->data)[row] = vector_string_of(text);
	return at;
}

static char *fill_boolean(struct json_fill *fill, struct vector *vector, size_t row, char *at,
	unsigned depth, struct json_fault *fault)
{
	if (*at != 't' && *at != 'f')
		return mismatch(fill, vector, row, at, depth, fault);
	((uint8_t *)vector->data)[row] = *at == 't';
	return json_word(at, fault);
}

static bool store_whole(struct vector *vector, size_t row, int64_t value)
{
	switch (vector->type->kind) {
	case TYPE_TINYINT:
		((int8_t *)vector->data)[row] = (int8_t)value;
		return value == (int8_t)value;
	case TYPE_SMALLINT:
		((int16_t *)vector->data)[row] = (int16_t)value;
		return value == (int16_t)value;
	case TYPE_INT:
		((int32_t *)vector->data)[row] = (int32_t)value;
		return value == (int32_t)value;
	default:
		((int64_t *)vector->data)[row] = value;
		return true;
	}
}

static bool store_double(struct vector *vector, size_t row, double value)
{
	if (vector->type->kind == TYPE_DOUBLE) {
		((double *)vector->data)[row] = value;
		return true;
	}
	float narrow = (float)value;
	((float *)vector->data)[row] = narrow;
	return isfinite(narrow);
}

static bool is_real(const struct vector *vector)
{
	return vector->type->kind == TYPE_DOUBLE || vector->type->kind == TYPE_FLOAT;
}

static bool store_short(
	struct vector *vector, size_t row, const struct json_short *number, bool negative)
{
	if (is_real(vector)) {
		double value = json_short_double(number);
		return store_double(vector, row, negative ? -value : value);
	}
	if (number->kind == JSON_DOUBLE)
		return false;
	int64_t value = (int64_t)json_digits(number->digits, number->whole);
	return store_whole(vector, row, negative ? -value : value);
}

static bool store_number(struct vector *vector, size_t row, const struct json_number *number)
{
	double value = 0;
	if (is_real(vector))
		return json_number_double(number, &value) && store_double(vector, row, value);
	enum json_kind kind = json_number_kind(number);
	if (kind != JSON_INT && kind != JSON_LONG53 && kind != JSON_BIGINT)
		return false;
	uint64_t magnitude = number->magnitude;
	return store_whole(
		vector, row, (int64_t)(number->negative ? UINT64_C(0) - magnitude : magnitude));
}

static char *fill_number(struct json_fill *fill, struct vector *vector, size_t row, char *at,
	unsigned depth, struct json_fault *fault)
{
	struct json_short quick;
	struct json_number number;
	if (*at != '-' && !json_is_digit(*at))
		return mismatch(fill, vector, row, at, depth, fault);
	char *after = json_number_short(at, &quick);
	bool good = after && store_short(vector, row, &quick, *at == '-');
	if (!after) {
		after = json_number(at, &number, fault);
		good = after && store_number(vector, row, &number);
	}
	if (after && !good) {
		set_null(vector, row);
		fill->bad_here++;
	}
	return after;
}

static bool store_scalar(struct vector *vector, size_t row, struct text text)
{
	struct scalar scalar;
	if (!scalar_parse(vector->type, text, &scalar))
		return false;
	if (scalar.null)
		set_null(vector, row);
	else if (vector->type->kind == TYPE_DATE)
		((int32_t *)vector->data)[row] = (int32_t)scalar.whole;
	else if (vector->type->kind == TYPE_TIMESTAMP)
		((int64_t *)vector->data)[row] = scalar.whole;
	else if (vector->type->precision <= 18)
		((int64_t *)vector->data)[row] = (int64_t)scalar.unscaled;
	else
		memcpy((char *)vector->data + row * sizeof scalar.unscaled, &scalar.unscaled,
			sizeof scalar.unscaled);
	return true;
}

/* Decimals, dates and timestamps have no JSON of their own: strings, or numbers
 * for decimals, by the one rule for values as text. */
static char *fill_scalar(struct json_fill *fill, struct vector *vector, size_t row, char *at,
	unsigned depth, struct json_fault *fault)
{
	bool number = vector->type->kind == TYPE_DECIMAL && (*at == '-' || json_is_digit(*at));
	if (*at != '"' && !number)
		return mismatch(fill, vector, row, at, depth, fault);
	struct text text = {0};
	at = value_text(fill, at, depth, &text, fault);
	if (at && !store_scalar(vector, row, text)) {
		set_null(vector, row);
		fill->bad_here++;
	}
	return at;
}

static enum json_kind kind_at(char *at)
{
	struct json_number number;
	struct json_fault ignored;
	switch (*at) {
	case '"':
		return JSON_STRING;
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_LIST;
	case 't':
	case 'f':
		return JSON_BOOLEAN;
	default:
		return (*at == '-' || json_is_digit(*at)) && json_number(at, &number, &ignored)
			       ? json_number_kind(&number)
			       : JSON_NULL;
	}
}

static char *fill_choice(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault)
{
	int8_t arm = column->arms[kind_at(at)];
	if (arm < 0)
		return mismatch(fill, vector, row, at, depth, fault);
	((uint8_t *)vector->children[0].data)[row] = (uint8_t)arm;
	return fill_text(fill, &vector->children[1], row, at, depth, fault);
}

static char *fill_value(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault);

/* Also over the closing bracket, when that comes. */
static inline char *after_value(char *at, char close, bool *more, struct json_fault *fault)
{
	at = json_after(at, more);
	if (*more)
		return at;
	if (*at != close)
		return json_fail(fault, at,
			close == '}' ? "an object is not closed" : "an array is not closed");
	return at + 1;
}

/* The key's value into its field of row `row`. */
static char *fill_member(struct json_fill *fill, struct json_column *child, struct vector *vector,
	size_t row, char *at, uint64_t object, unsigned depth, struct json_fault *fault)
{
	if (child && child->object == object) {
		fill->repeated++;
		if (vector)
			set_valid(vector, row, row + 1);
	}
	if (child)
		child->object = object;
	if (!vector)
		return json_skip(at, depth, fault);
	return fill_value(fill, child, vector, row, at, depth, fault);
}

static struct vector *field_vector(struct json_fill *fill, struct json_column *column,
	struct json_column *child, struct vector *vector)
{
	if (!child)
		return NULL;
	if (column != &fill->root)
		return &vector->children[child - column->children];
	return child->vector == SIZE_MAX ? NULL : &fill->columns[child->vector];
}

static void null_absent(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, uint64_t object)
{
	for (size_t i = 0; i < column->child_count; i++) {
		struct json_column *child = &column->children[i];
		struct vector *field = field_vector(fill, column, child, vector);
		if (field && child->object != object)
			set_null(field, row);
	}
}

/* `vector` is NULL for the record itself. */
static char *fill_object(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault)
{
	if (depth >= JSON_DEPTH)
		return json_fail(fault, at, "a record nests deeper than 62 levels");
	uint64_t object = ++fill->objects;
	uint64_t repeated = fill->repeated;
	size_t next = 0;
	size_t met = 0;
	at = json_space(at + 1);
	bool more = *at != '}';
	at += !more;
	while (more) {
		struct json_column *child = NULL;
		at = json_column_key(fill->arena, column, at, &next, &child, fault);
		if (!at)
			return NULL;
		met += child != NULL;
		at = fill_member(fill, child, field_vector(fill, column, child, vector), row, at,
			object, depth + 1, fault);
		if (!at)
			return NULL;
		at = after_value(at, '}', &more, fault);
		if (!at)
			return NULL;
	}
	if (met != column->child_count || fill->repeated != repeated)
		null_absent(fill, column, vector, row, object);
	return at;
}

/* One more row in the list's children; its number. */
static size_t list_append(struct vector *list)
{
	if (list->list_rows == list->children[0].capacity)
		list->grow(list, list->list_rows + 1);
	return list->list_rows++;
}

/* Elements of lists in lists stand in other vectors, so a list's own elements are
 * next to each other. */
static char *fill_array(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault)
{
	if (*at != '[')
		return mismatch(fill, vector, row, at, depth, fault);
	if (depth >= JSON_DEPTH)
		return json_fail(fault, at, "a record nests deeper than 62 levels");
	size_t offset = vector->list_rows;
	at = json_space(at + 1);
	bool more = *at != ']';
	at += !more;
	while (more) {
		size_t element = list_append(vector);
		at = fill_value(fill, &column->children[0], &vector->children[0], element, at,
			depth + 1, fault);
		if (!at)
			return NULL;
		at = after_value(at, ']', &more, fault);
		if (!at)
			return NULL;
	}
	((struct vector_list *)vector->data)[row] =
		(struct vector_list){offset, vector->list_rows - offset};
	return at;
}

static void push_member(struct json_fill *fill, struct text key, char *value)
{
	if (fill->member_count == fill->member_capacity) {
		fill->member_capacity = memory_grown(fill->member_capacity, fill->member_count + 1);
		fill->members =
			memory_resize(fill->members, fill->member_capacity, sizeof *fill->members);
	}
	fill->members[fill->member_count++] = (struct member){.key = key, .value = value};
}

static char *find_members(
	struct json_fill *fill, char *at, unsigned depth, struct json_fault *fault)
{
	at = json_space(at + 1);
	bool more = *at != '}';
	at += !more;
	while (more) {
		struct json_string key;
		at = json_member(at, &key, fault);
		if (!at)
			return NULL;
		push_member(fill, text_of_string(fill, &key), at);
		at = json_skip(at, depth + 1, fault);
		if (!at)
			return NULL;
		at = after_value(at, '}', &more, fault);
		if (!at)
			return NULL;
	}
	return at;
}

static int by_key(const void *left, const void *right)
{
	const struct member *const *a = left;
	const struct member *const *b = right;
	int order = text_compare((*a)->key, (*b)->key);
	return order ? order : ((*a)->value > (*b)->value) - ((*a)->value < (*b)->value);
}

static void drop_repeated(struct member *members, size_t count)
{
	if (count < 2)
		return;
	struct member **sorted = memory_new_array(count, sizeof *sorted);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &members[i];
	qsort(sorted, count, sizeof *sorted, by_key);
	for (size_t i = 1; i < count; i++)
		sorted[i - 1]->dropped = text_equal(sorted[i - 1]->key, sorted[i]->key);
	free(sorted);
}

static char *fill_map(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault)
{
	if (*at != '{')
		return mismatch(fill, vector, row, at, depth, fault);
	if (depth >= JSON_DEPTH)
		return json_fail(fault, at, "a record nests deeper than 62 levels");
	size_t first = fill->member_count;
	char *after = find_members(fill, at, depth, fault);
	if (!after)
		return NULL;
	size_t count = fill->member_count - first;
	drop_repeated(fill->members + first, count);
	size_t offset = vector->list_rows;
	for (size_t i = first; i < first + count; i++) {
		if (fill->members[i].dropped)
			continue;
		size_t entry = list_append(vector);
		((struct vector_string *)vector->children[0].data)[entry] =
			vector_string_of(fill->members[i].key);
		if (!fill_value(fill, &column->children[1], &vector->children[1], entry,
			    fill->members[i].value, depth + 1, fault))
			return NULL;
	}
	fill->member_count = first;
	((struct vector_list *)vector->data)[row] =
		(struct vector_list){offset, vector->list_rows - offset};
	return after;
}

static char *fill_nested(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault)
{
	switch (column->type->kind) {
	case TYPE_ARRAY:
		return fill_array(fill, column, vector, row, at, depth, fault);
	case TYPE_MAP:
		return fill_map(fill, column, vector, row, at, depth, fault);
	case TYPE_CHOICE:
		return fill_choice(fill, column, vector, row, at, depth, fault);
	default:
		return *at == '{' ? fill_object(fill, column, vector, row, at, depth, fault)
				  : mismatch(fill, vector, row, at, depth, fault);
	}
}

static char *fill_value(struct json_fill *fill, struct json_column *column, struct vector *vector,
	size_t row, char *at, unsigned depth, struct json_fault *fault)
{
	if (*at == 'n') {
		set_null(vector, row);
		return json_word(at, fault);
	}
	switch (column->type->kind) {
	case TYPE_NULL:
	case TYPE_STRING:
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY:
		return fill_text(fill, vector, row, at, depth, fault);
	case TYPE_BOOLEAN:
		return fill_boolean(fill, vector, row, at, depth, fault);
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_INT:
	case TYPE_LONG53:
	case TYPE_BIGINT:
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		return fill_number(fill, vector, row, at, depth, fault);
	case TYPE_DECIMAL:
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return fill_scalar(fill, vector, row, at, depth, fault);
	case TYPE_ARRAY:
	case TYPE_MAP:
	case TYPE_STRUCT:
	case TYPE_CHOICE:
	case TYPE_KINDS_:
		break;
	}
	return fill_nested(fill, column, vector, row, at, depth, fault);
}

/* A record that is no object is the one column "record". */
static char *fill_wrapped(struct json_fill *fill, char *at, struct json_fault *fault)
{
	struct json_column *column = NULL;
	for (size_t i = 0; i < fill->root.child_count; i++) {
		if (text_equal(fill->root.children[i].name, TEXT("record")))
			column = &fill->root.children[i];
	}
	uint64_t object = ++fill->objects;
	at = fill_member(fill, column, field_vector(fill, &fill->root, column, NULL), fill->row, at,
		object, 1, fault);
	null_absent(fill, &fill->root, NULL, fill->row, object);
	return at;
}

char *json_fill_record(void *parser, char *at, uint64_t position, struct json_fault *fault)
{
	struct json_fill *fill = parser;
	(void)position;
	size_t scratch_length = fill->scratch_length;
	mark(fill);
	char *after = NULL;
	if (fill->wrapped)
		after = fill_wrapped(fill, at, fault);
	else if (*at == '{')
		after = fill_object(fill, &fill->root, NULL, fill->row, at, 0, fault);
	else
		(void)json_fail(fault, at, "a record is not an object");
	if (!after) {
		roll_back(fill, scratch_length);
		return NULL;
	}
	fill->row++;
	fill->bad_values += fill->bad_here;
	return after;
}
