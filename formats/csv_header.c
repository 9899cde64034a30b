#include "base/buffer.h"
#include "formats/csv_dialect.h"
#include "formats/csv_parser.h"
#include "formats/csv_value.h"

#include <ctype.h>

/* Words that name columns in all sorts of tables; a tie-breaker among texts. */
static const char *const words[] = {"id", "name", "key", "code", "date", "time", "timestamp",
	"type", "value", "title", "description", "city", "country", "state", "address", "email",
	"phone", "status", "category", "label", "text", "url", "user", "username", "first_name",
	"last_name", "firstname", "lastname", "first name", "last name", "gender", "region",
	"product", "comment", "message", "language", "currency", "unit", "source", "target", "key",
	"zip", "street", "company", "department", "tag", "tags", "color", "colour", "author"};

struct shape {
	size_t shortest, longest;
	bool all_digits_inside; /* each value holds a digit */
	bool no_digits;
	bool all_upper, all_lower_first, all_upper_first;
	size_t count;
};

static bool has_digit(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (isdigit((unsigned char)text.at[i]))
			return true;
	}
	return false;
}

static bool is_upper(struct text text)
{
	bool upper = false;
	for (size_t i = 0; i < text.length; i++) {
		if (islower((unsigned char)text.at[i]))
			return false;
		upper = upper || isupper((unsigned char)text.at[i]);
	}
	return upper;
}

static bool has_letter(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];
		if (isalpha(byte) || byte >= 0x80)
			return true;
	}
	return false;
}

static void add_shape(struct shape *shape, struct text text)
{
	bool digit = has_digit(text);
	unsigned char first = (unsigned char)text.at[0];
	if (shape->count++ == 0)
		*shape = (struct shape){text.length, text.length, true, true, true, true, true, 1};
	if (text.length < shape->shortest)
		shape->shortest = text.length;
	if (text.length > shape->longest)
		shape->longest = text.length;
	shape->all_digits_inside = shape->all_digits_inside && digit;
	shape->no_digits = shape->no_digits && !digit;
	shape->all_upper = shape->all_upper && is_upper(text);
	shape->all_lower_first = shape->all_lower_first && islower(first);
	shape->all_upper_first = shape->all_upper_first && isupper(first);
}

/* A text over texts: unlike them it is a name, like them a value. */
static int shape_vote(struct text name, const struct shape *shape)
{
	int vote = 0;
	unsigned char first = (unsigned char)name.at[0];
	if (shape->count >= 2 && shape->shortest == shape->longest)
		vote += name.length != shape->longest ? 2 : 0;
	if (shape->all_digits_inside && !has_digit(name))
		vote += 2;
	if (shape->no_digits && has_digit(name))
		vote -= 1;
	if (shape->all_upper != is_upper(name))
		vote += shape->all_upper ? 2 : 1;
	if (shape->all_upper_first && islower(first))
		vote += 1;
	if (shape->all_lower_first && isupper(first))
		vote += 1;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		vote += text_equal_folded(name, text_of(words[i])) ? 2 : 0;
	if (!has_letter(name))
		vote -= 2;
	return vote;
}

static bool is_year(struct text text)
{
	int64_t year;
	return text.length == 4 && text_int64(text, &year) == 4 && year >= 1800 && year <= 2200;
}

static int column_vote(const struct csv_sample *sample, size_t column)
{
	struct text name = text_trimmed(sample->records[0].cells[column].text);
	enum csv_kind name_kind = csv_kind_of(name, true);
	struct shape shape = {0};
	size_t typed = 0;
	size_t values = 0;
	size_t repeats = 0;
	for (size_t i = 1; i < sample->count; i++) {
		if (column >= sample->records[i].count)
			continue;
		struct text value = text_trimmed(sample->records[i].cells[column].text);
		enum csv_kind kind = csv_kind_of(value, true);
		if (kind == CSV_BLANK)
			continue;
		values++;
		typed += kind != CSV_STRING;
		repeats += text_equal(name, value);
		add_shape(&shape, value);
	}
	if (name_kind == CSV_BLANK || values == 0)
		return 0;
	bool mostly_typed = typed * 2 > values;
	if (name_kind != CSV_STRING)
		return is_year(name) && mostly_typed ? 0 : -4;
	if (mostly_typed)
		return 4;
	if (repeats)
		return -3;
	return shape_vote(name, &shape);
}

/* Distinct, not empty (but for a row label's or a trailing one), made of letters. */
static bool are_words(const struct csv_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		struct text name = text_trimmed(record->cells[i].text);
		bool edge = i == 0 || i + 1 == record->count;
		if (name.length == 0 && edge && record->count > 1)
			continue;
		if (name.length == 0 || name.length > 150 || !has_letter(name) ||
			isdigit((unsigned char)name.at[0]))
			return false;
		for (size_t before = 0; before < i && i < 512; before++) {
			if (text_equal_folded(name, text_trimmed(record->cells[before].text)))
				return false;
		}
	}
	return true;
}

bool csv_header_detect(struct arena *arena, const struct csv_sample *sample)
{
	(void)arena;
	int votes = 0;
	if (sample->count == 0)
		return false;
	const struct csv_record *first = &sample->records[0];
	for (size_t i = 0; i < first->count && sample->count > 1; i++)
		votes += column_vote(sample, i);
	if (votes != 0)
		return votes > 0;
	return are_words(first);
}

/* Cut where a character starts. */
static struct text name_within_limit(struct text name)
{
	size_t length = LIMIT_NAME_BYTES - 8; /* room for a number */
	if (name.length <= length)
		return name;
	while (length > 0 && ((unsigned char)name.at[length] & 0xc0) == 0x80)
		length--;
	return text_until(name, length);
}

static struct text clean_name(
	struct arena *arena, const struct csv_cell *cell, const struct dialect *dialect, bool first)
{
	char *bytes = arena_text(arena, cell->text);
	size_t length = cell->text.length;
	if (cell->quoted)
		length = csv_unescape(bytes, length, dialect->quote, dialect->escape);
	struct text name = text_trimmed((struct text){bytes, length});
	if (first && text_starts(name, TEXT("#")))
		name = text_trimmed(text_from(name, 1));
	bool well_formed = text_is_utf8(name);
	char *to = bytes + (name.at - bytes);
	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = (unsigned char)to[i];
		bool odd = byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !well_formed);
		to[i] = odd ? '_' : text_lower(to[i]);
	}
	return name_within_limit(name);
}

static bool is_taken(const struct text *names, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(names[i], name))
			return true;
	}
	return false;
}

/* A few numbers, then the position: distinct, without looking for ever. */
static struct text made_unique(
	struct arena *arena, const struct text *names, size_t count, struct text name)
{
	struct text unique = name;
	for (size_t number = 1; is_taken(names, count, unique); number++)
		unique = text_of(arena_printf(
			arena, "%.*s_%zu", TEXT_ARG(name), number < 8 ? number : number + count));
	return unique;
}

const struct text *csv_names(struct arena *arena, const struct csv_record *header,
	const struct dialect *dialect, size_t columns)
{
	struct text *names = arena_array(arena, columns, sizeof *names);
	for (size_t i = 0; i < columns; i++) {
		struct text name = {"", 0};
		if (header && i < header->count)
			name = clean_name(arena, &header->cells[i], dialect, i == 0);
		if (name.length == 0)
			name = text_of(arena_printf(arena, "col%zu", i));
		names[i] = made_unique(arena, names, i, name);
	}
	return names;
}
