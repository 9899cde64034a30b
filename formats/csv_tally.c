#include "formats/csv_tally.h"

#include "formats/csv_run.h"

/* Unquoted fields with which programs write null. */
const char *const csv_tokens[CSV_TOKENS] = {
	"NA", "N/A", "NULL", "null", "\\N", "NaN", "nan", "None", "#N/A", "-", "?"};

static int token_of(struct text text)
{
	static const bool starts[256] = {['N'] = true,
		['n'] = true,
		['\\'] = true,
		['#'] = true,
		['-'] = true,
		['?'] = true};
	if (!starts[(unsigned char)text.at[0]])
		return -1;
	for (int i = 0; i < CSV_TOKENS; i++) {
		if (csv_tokens[i][0] == text.at[0] && text_equal(text, text_of(csv_tokens[i])))
			return i;
	}
	return -1;
}

/* "1,234" and "-12,345": one comma, three digits behind it, at most three before. */
static bool may_be_thousands(struct text text)
{
	size_t comma = text_find(text, ',');
	size_t sign = text.at[0] == '-';
	return comma - sign <= 3 && text.length - comma == 4 && text.at[sign] != '0';
}

static void note_first(struct csv_tally *tally, size_t arm, const struct csv_parser *parser,
	struct csv_field field, uint64_t byte)
{
	struct csv_first *first = &tally->first[arm];
	size_t length = csv_field_length(field);
	length = length < CSV_SAMPLE_TEXT ? length : CSV_SAMPLE_TEXT;
	memcpy(first->sample, parser->block->bytes + field.at, length);
	if (field.length & CSV_ESCAPED)
		length = csv_unescape(first->sample, length, parser->quote, parser->escape);
	first->length = (uint8_t)length;
	first->byte = byte;
}

static size_t arm_of(struct csv_tally *tally, struct csv_field field, struct text text, bool comma)
{
	if (field.length & CSV_ESCAPED)
		return CSV_STRING; /* holds a quote */
	enum csv_kind kind = csv_kind_of(text, comma);
	if (kind == CSV_STRING && text.length <= CSV_TOKEN_BYTES_MAX &&
		!(field.length & CSV_QUOTED)) {
		int token = token_of(text);
		return token >= 0 ? CSV_KINDS_ + (size_t)token : CSV_STRING;
	}
	if (kind == CSV_DOUBLE_COMMA)
		tally->thousands += may_be_thousands(text);
	return kind;
}

static bool is_null(const char *bytes, struct csv_field field, const char *null_text)
{
	if (field.length == 0 || (field.length & CSV_MISSING))
		return true;
	struct text text = {bytes + field.at, field.length};
	return null_text && !(field.length & CSV_QUOTED) && text_equal(text, text_of(null_text));
}

/* Runs of the last field's kind, and single fields between them. */
static void add_column(struct csv_tally *tally, const struct csv_parser *parser, size_t column,
	const char *null_text)
{
	const struct csv_field *fields = csv_column(parser, column);
	const char *bytes = parser->block->bytes;
	bool comma = parser->delimiter != ',';
	enum csv_kind last = CSV_BLANK;
	for (size_t row = 0; row < parser->rows; row++) {
		/* A text that means null may look like any kind. */
		size_t run = null_text ? 0 : csv_run(last, bytes, fields + row, parser->rows - row);
		tally->count[last] += run;
		row += run;
		if (row == parser->rows)
			break;
		struct csv_field field = fields[row];
		if (is_null(bytes, field, null_text)) {
			tally->nulls++;
			continue;
		}
		struct text text = {bytes + field.at, csv_field_length(field)};
		size_t arm = arm_of(tally, field, text, comma);
		if (tally->count[arm]++ == 0)
			note_first(tally, arm, parser, field,
				parser->block->position + parser->starts[row]);
		last = arm < CSV_KINDS_ ? (enum csv_kind)arm : CSV_STRING;
	}
}

void csv_tally_add(
	struct csv_tally *tallies, const struct csv_parser *parser, const char *null_text)
{
	for (size_t i = 0; i < parser->columns; i++)
		add_column(&tallies[i], parser, i, null_text);
}

static void merge_arm(
	struct csv_tally *into, size_t arm, const struct csv_tally *from, size_t other)
{
	if (from->count[other] &&
		(into->count[arm] == 0 || from->first[other].byte < into->first[arm].byte))
		into->first[arm] = from->first[other];
	into->count[arm] += from->count[other];
}

void csv_tally_merge(struct csv_tally *into, const struct csv_tally *from)
{
	into->nulls += from->nulls;
	into->thousands += from->thousands;
	for (size_t arm = 0; arm < CSV_ARMS; arm++)
		merge_arm(into, arm, from, arm);
}

enum type_kind csv_tally_type(const struct csv_tally *tally, int token)
{
	const uint64_t *count = tally->count;
	unsigned kinds = 0;
	for (unsigned kind = CSV_BOOLEAN; kind < CSV_KINDS_; kind++)
		kinds |= (unsigned)(count[kind] != 0) << kind;
	for (int i = 0; i < CSV_TOKENS; i++) {
		if (i != token && count[CSV_KINDS_ + i])
			kinds |= 1u << CSV_STRING;
	}
	switch (kinds) {
	case 0:
		return count[CSV_BLANK] ? TYPE_STRING : TYPE_NULL;
	case 1u << CSV_BOOLEAN:
		return TYPE_BOOLEAN;
	case 1u << CSV_LONG53:
		return TYPE_LONG53;
	case 1u << CSV_BIGINT:
	case 1u << CSV_LONG53 | 1u << CSV_BIGINT:
		return TYPE_BIGINT;
	case 1u << CSV_DOUBLE:
	case 1u << CSV_LONG53 | 1u << CSV_DOUBLE:
		return TYPE_DOUBLE;
	case 1u << CSV_DOUBLE_COMMA:
	case 1u << CSV_LONG53 | 1u << CSV_DOUBLE_COMMA:
		return tally->thousands < count[CSV_DOUBLE_COMMA] ? TYPE_DOUBLE : TYPE_STRING;
	case 1u << CSV_DATE:
		return TYPE_DATE;
	case 1u << CSV_TIMESTAMP:
	case 1u << CSV_DATE | 1u << CSV_TIMESTAMP:
		return TYPE_TIMESTAMP;
	default:
		return TYPE_STRING;
	}
}

void csv_tally_settle(struct csv_tally *tally, int token)
{
	for (int i = 0; i < CSV_TOKENS; i++) {
		size_t arm = CSV_KINDS_ + (size_t)i;
		if (i == token)
			tally->nulls += tally->count[arm];
		else
			merge_arm(tally, CSV_STRING, tally, arm);
		tally->count[arm] = 0;
	}
	if (csv_tally_type(tally, -1) == TYPE_STRING) {
		merge_arm(tally, CSV_STRING, tally, CSV_BLANK);
	} else {
		tally->nulls += tally->count[CSV_BLANK];
	}
	tally->count[CSV_BLANK] = 0;
}
