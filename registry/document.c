#include "registry/document.h"

#include "base/limits.h"
#include "base/memory.h"
#include "proto/json.h"

#include <stdlib.h>

struct reader {
	struct arena *arena;
	struct text text;
	size_t at;
	unsigned depth;
	uint32_t nodes;
	struct error *err;
};

static enum status value_read(struct reader *r, struct document *out);

static enum status wrong(struct reader *r, const char *what)
{
	return fail(r->err, STATUS_INVALID_ARGUMENT, "byte %zu: %s", r->at, what);
}

static void space_skip(struct reader *r)
{
	while (r->at < r->text.length && strchr(" \t\r\n", r->text.at[r->at]) && r->text.at[r->at])
		r->at++;
}

/* The next byte that is no space; -1 at the end. */
static int peek(struct reader *r)
{
	space_skip(r);
	return r->at < r->text.length ? (unsigned char)r->text.at[r->at] : -1;
}

static bool take(struct reader *r, char byte)
{
	if (peek(r) != byte)
		return false;
	r->at++;
	return true;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = text_lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits of \uXXXX; r->at stands behind the u. */
static enum status unit_read(struct reader *r, uint32_t *unit_out)
{
	uint32_t unit = 0;
	for (size_t i = 0; i < 4; i++) {
		int digit = r->at < r->text.length ? hex_digit(r->text.at[r->at]) : -1;
		if (digit < 0)
			return wrong(r, "four hex digits belong behind \\u");
		unit = unit * 16 + (uint32_t)digit;
		r->at++;
	}
	*unit_out = unit;
	return STATUS_OK;
}

static void character_add(struct buffer *out, uint32_t character)
{
	if (character < 0x80) {
		buffer_add_byte(out, (char)character);
		return;
	}
	unsigned extra = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
	static const unsigned char marks[] = {0, 0xC0, 0xE0, 0xF0};
	buffer_add_byte(out, (char)(marks[extra] | (character >> (6 * extra))));
	while (extra-- > 0)
		buffer_add_byte(out, (char)(0x80 | ((character >> (6 * extra)) & 0x3F)));
}

static enum status unicode_read(struct reader *r, struct buffer *out)
{
	uint32_t unit;
	uint32_t low;
	TRY(unit_read(r, &unit));
	if (unit == 0)
		return wrong(r, "a text cannot hold the character \\u0000");
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		return wrong(r, "half a surrogate pair");
	if (unit >= 0xD800 && unit <= 0xDBFF) {
		if (!text_starts(text_from(r->text, r->at), TEXT("\\u")))
			return wrong(r, "half a surrogate pair");
		r->at += 2;
		TRY(unit_read(r, &low));
		if (low < 0xDC00 || low > 0xDFFF)
			return wrong(r, "half a surrogate pair");
		unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
	}
	character_add(out, unit);
	return STATUS_OK;
}

static enum status escape_read(struct reader *r, struct buffer *out)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	char letter = r->at < r->text.length ? r->text.at[r->at] : 0;
	const char *found = letter ? strchr(letters, letter) : NULL;
	if (letter != 'u' && !found)
		return wrong(r, "no such escape");
	r->at++;
	if (!found)
		return unicode_read(r, out);
	buffer_add_byte(out, meant[found - letters]);
	return STATUS_OK;
}

/* r->at stands behind the opening quote. */
static enum status string_read(struct reader *r, struct text *text_out)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_DEFINITION_BYTES);
	for (;;) {
		if (r->at >= r->text.length)
			return wrong(r, "a string does not end");
		char byte = r->text.at[r->at];
		if ((unsigned char)byte < 0x20)
			return wrong(r, "control characters in a string are written as escapes");
		r->at++;
		if (byte == '"')
			break;
		if (byte == '\\')
			TRY(escape_read(r, &out));
		else
			buffer_add_byte(&out, byte);
	}
	*text_out = arena_copy(r->arena, buffer_text(&out));
	return STATUS_OK;
}

static size_t digits_skip(struct reader *r)
{
	size_t start = r->at;
	while (r->at < r->text.length && r->text.at[r->at] >= '0' && r->text.at[r->at] <= '9')
		r->at++;
	return r->at - start;
}

static bool byte_is(const struct reader *r, const char *bytes)
{
	return r->at < r->text.length && r->text.at[r->at] && strchr(bytes, r->text.at[r->at]);
}

static enum status number_read(struct reader *r, struct text *text_out)
{
	size_t start = r->at;
	r->at += byte_is(r, "-");
	bool zero = byte_is(r, "0");
	size_t whole = digits_skip(r);
	if (whole == 0 || (zero && whole > 1))
		return wrong(r, "not a JSON value");
	if (byte_is(r, ".")) {
		r->at++;
		if (digits_skip(r) == 0)
			return wrong(r, "digits belong behind the point");
	}
	if (byte_is(r, "eE")) {
		r->at++;
		r->at += byte_is(r, "+-");
		if (digits_skip(r) == 0)
			return wrong(r, "digits belong behind the e");
	}
	*text_out = (struct text){r->text.at + start, r->at - start};
	return STATUS_OK;
}

static int keys_compare(const void *a, const void *b)
{
	const struct document *const *left = a;
	const struct document *const *right = b;
	return text_compare((*left)->key, (*right)->key);
}

static enum status keys_sort(struct reader *r, struct document *object)
{
	const struct document **sorted = arena_array(r->arena, object->count, sizeof *sorted);
	for (size_t i = 0; i < object->count; i++)
		sorted[i] = &object->items[i];
	if (object->count)
		qsort(sorted, object->count, sizeof *sorted, keys_compare);
	for (size_t i = 1; i < object->count; i++) {
		if (text_equal(sorted[i - 1]->key, sorted[i]->key))
			return fail(r->err, STATUS_INVALID_ARGUMENT,
				"byte %zu: key '%.*s' stands twice in one object", sorted[i]->at,
				TEXT_ARG(text_until(sorted[i]->key, 60)));
	}
	object->by_key = sorted;
	return STATUS_OK;
}

static enum status member_read(struct reader *r, struct document *item)
{
	if (!take(r, '"'))
		return wrong(r, "a key in quotes belongs here");
	TRY(string_read(r, &item->key));
	if (!take(r, ':'))
		return wrong(r, "a ':' belongs behind a key");
	return STATUS_OK;
}

/* r->at stands behind the opening bracket. */
static enum status items_read(struct reader *r, struct document *out, char end)
{
	struct document *items = NULL;
	size_t capacity = 0;
	if (++r->depth > LIMIT_DEFINITION_DEPTH)
		return fail(r->err, STATUS_RESOURCE_EXHAUSTED,
			"byte %zu: nested deeper than %d levels", r->at, LIMIT_DEFINITION_DEPTH);
	for (bool more = !take(r, end); more; out->count++) {
		size_t wanted = memory_grown(capacity, out->count + 1);
		if (!items || wanted != capacity)
			items = arena_grow(r->arena, items, out->count, wanted, sizeof *items);
		capacity = wanted;
		if (end == '}')
			TRY(member_read(r, &items[out->count]));
		TRY(value_read(r, &items[out->count]));
		more = take(r, ',');
		if (!more && !take(r, end))
			return wrong(r, end == '}' ? "a ',' or '}' belongs here"
						   : "a ',' or ']' belongs here");
	}
	r->depth--;
	out->items = items;
	return end == '}' ? keys_sort(r, out) : STATUS_OK;
}

static enum status word_read(struct reader *r, struct document *out)
{
	static const struct {
		const char *word;
		enum document_kind kind;
	} words[] = {{"null", DOCUMENT_NULL}, {"false", DOCUMENT_FALSE}, {"true", DOCUMENT_TRUE}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct text word = text_of(words[i].word);
		if (!text_starts(text_from(r->text, r->at), word))
			continue;
		out->kind = words[i].kind;
		r->at += word.length;
		return STATUS_OK;
	}
	return wrong(r, "not a JSON value");
}

static enum status value_read(struct reader *r, struct document *out)
{
	int first = peek(r);
	out->index = r->nodes++;
	out->at = r->at;
	if (first == '{' || first == '[') {
		out->kind = first == '{' ? DOCUMENT_OBJECT : DOCUMENT_LIST;
		r->at++;
		return items_read(r, out, first == '{' ? '}' : ']');
	}
	if (first == '"') {
		out->kind = DOCUMENT_STRING;
		r->at++;
		return string_read(r, &out->text);
	}
	if (first == '-' || (first >= '0' && first <= '9')) {
		out->kind = DOCUMENT_NUMBER;
		return number_read(r, &out->text);
	}
	return word_read(r, out);
}

enum status document_parse(struct arena *arena, struct text text,
	const struct document **document_out, struct error *err)
{
	struct reader r = {.arena = arena, .text = text, .err = err};
	struct document *root = arena_alloc(arena, sizeof *root);
	if (!text_is_utf8(text))
		return fail(err, STATUS_INVALID_ARGUMENT, "it is not UTF-8");
	TRY(value_read(&r, root));
	if (peek(&r) != -1)
		return wrong(&r, "something stands behind the JSON value");
	*document_out = root;
	return STATUS_OK;
}

const struct document *document_member(const struct document *object, struct text key)
{
	if (object->kind != DOCUMENT_OBJECT)
		return NULL;
	size_t low = 0;
	size_t high = object->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = text_compare(object->by_key[middle]->key, key);
		if (order == 0)
			return object->by_key[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void items_print(const struct document *document, struct buffer *out)
{
	bool object = document->kind == DOCUMENT_OBJECT;
	buffer_add_byte(out, object ? '{' : '[');
	for (size_t i = 0; i < document->count; i++) {
		const struct document *item = object ? document->by_key[i] : &document->items[i];
		if (i)
			buffer_add_byte(out, ',');
		if (object) {
			json_add_string(out, item->key);
			buffer_add_byte(out, ':');
		}
		document_print(item, out);
	}
	buffer_add_byte(out, object ? '}' : ']');
}

void document_print(const struct document *document, struct buffer *out)
{
	switch (document->kind) {
	case DOCUMENT_NULL:
		buffer_add_string(out, "null");
		return;
	case DOCUMENT_FALSE:
		buffer_add_string(out, "false");
		return;
	case DOCUMENT_TRUE:
		buffer_add_string(out, "true");
		return;
	case DOCUMENT_NUMBER:
		buffer_add_text(out, document->text);
		return;
	case DOCUMENT_STRING:
		json_add_string(out, document->text);
		return;
	case DOCUMENT_LIST:
	case DOCUMENT_OBJECT:
		items_print(document, out);
		return;
	}
}

const char *document_brief(struct arena *arena, const struct document *document)
{
	enum { SHOWN = 60 };
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, (size_t)8 * LIMIT_DEFINITION_BYTES);
	document_print(document, &out);
	struct text all = buffer_text(&out);
	if (all.length <= SHOWN)
		return arena_text(arena, all);
	size_t cut = SHOWN - 3;
	while (cut > 0 && ((unsigned char)all.at[cut] & 0xC0) == 0x80)
		cut--;
	return arena_printf(arena, "%.*s...", (int)cut, all.at);
}

static bool items_equal(const struct document *a, const struct document *b)
{
	bool object = a->kind == DOCUMENT_OBJECT;
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct document *left = object ? a->by_key[i] : &a->items[i];
		const struct document *right = object ? b->by_key[i] : &b->items[i];
		if (object && !text_equal(left->key, right->key))
			return false;
		if (!document_equal(left, right))
			return false;
	}
	return true;
}

bool document_equal(const struct document *a, const struct document *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case DOCUMENT_NULL:
	case DOCUMENT_FALSE:
	case DOCUMENT_TRUE:
		return true;
	case DOCUMENT_NUMBER:
		return number_compare(a->text, b->text) == 0;
	case DOCUMENT_STRING:
		return text_equal(a->text, b->text);
	case DOCUMENT_LIST:
	case DOCUMENT_OBJECT:
		return items_equal(a, b);
	}
	return false;
}
