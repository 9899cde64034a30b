#include "imports/ddl_parser.h"

#include "base/buffer.h"
#include "base/limits.h"

/* Type text out of its words: one spelling, no space, no comments. What Tenon has no
 * type for keeps its words, for fit.h. */

static enum status add_type(struct ddl_parser *parser, struct buffer *out, unsigned depth);

static void add_name(struct buffer *out, const char *name)
{
	struct text text = text_of(name);
	bool plain = text.length > 0;
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.at[i];
		plain = plain && ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
					 (byte >= '0' && byte <= '9') || byte == '_');
	}
	if (plain) {
		buffer_add_text(out, text);
		return;
	}
	buffer_add_byte(out, '`');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '`')
			buffer_add_byte(out, '`');
		buffer_add_byte(out, text.at[i]);
	}
	buffer_add_byte(out, '`');
}

/* name: type [NOT NULL] [COMMENT '...'] */
static enum status add_field(struct ddl_parser *parser, struct buffer *out, unsigned depth)
{
	char *name = NULL;
	TRY(ddl_name(parser, &name));
	add_name(out, name);
	(void)ddl_take_symbol(parser, ':');
	buffer_add_byte(out, ':');
	TRY(add_type(parser, out, depth));
	if (ddl_take_word(parser, "NOT")) {
		TRY(ddl_expect_word(parser, "NULL"));
		import_note(parser->notes, IMPORT_LEFT_OUT, "NOT NULL inside of types", "");
	}
	if (ddl_take_word(parser, "COMMENT")) {
		TRY(ddl_string(parser, &name));
		import_note(parser->notes, IMPORT_LEFT_OUT, "comments inside of types", "");
	}
	return STATUS_OK;
}

/* < a, b > */
static enum status add_inner(
	struct ddl_parser *parser, struct buffer *out, bool fields, unsigned depth)
{
	TRY(ddl_expect_symbol(parser, '<'));
	buffer_add_byte(out, '<');
	for (bool first = true; !ddl_at_symbol(parser, '>'); first = false) {
		if (!first && !ddl_take_symbol(parser, ','))
			return ddl_refuse(parser, "',' or '>'");
		if (!first)
			buffer_add_byte(out, ',');
		TRY(fields ? add_field(parser, out, depth) : add_type(parser, out, depth));
	}
	buffer_add_byte(out, '>');
	return ddl_expect_symbol(parser, '>');
}

/* (10, 2) */
static enum status add_arguments(struct ddl_parser *parser, struct buffer *out)
{
	int32_t number = 0;
	buffer_add_byte(out, '(');
	do {
		TRY(ddl_number(parser, &number));
		buffer_printf(out, "%d", number);
		if (ddl_at_symbol(parser, ','))
			buffer_add_byte(out, ',');
	} while (ddl_take_symbol(parser, ','));
	buffer_add_byte(out, ')');
	return ddl_expect_symbol(parser, ')');
}

/* DOUBLE PRECISION, TIMESTAMP WITH LOCAL TIME ZONE, INTERVAL YEAR TO MONTH */
static void add_more_words(struct ddl_parser *parser, struct buffer *out)
{
	static const char *const words[] = {"PRECISION", "WITH", "WITHOUT", "LOCAL", "TIME", "ZONE",
		"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!ddl_at_word(parser, words[i]))
			continue;
		buffer_add_byte(out, ' ');
		for (size_t b = 0; b < parser->token.text.length; b++)
			buffer_add_byte(out, text_lower(parser->token.text.at[b]));
		ddl_advance(parser);
		i = SIZE_MAX; /* from the first word again */
	}
}

static enum status add_type(struct ddl_parser *parser, struct buffer *out, unsigned depth)
{
	if (parser->token.kind != DDL_WORD)
		return ddl_refuse(parser, "a type");
	if (depth > LIMIT_TYPE_DEPTH)
		return fail(parser->err, STATUS_RESOURCE_EXHAUSTED,
			"the type is nested deeper than %d levels", LIMIT_TYPE_DEPTH);
	bool fields = ddl_at_word(parser, "STRUCT");
	bool many_words = ddl_at_word(parser, "DOUBLE") || ddl_at_word(parser, "TIMESTAMP") ||
			  ddl_at_word(parser, "INTERVAL");
	for (size_t i = 0; i < parser->token.text.length; i++)
		buffer_add_byte(out, text_lower(parser->token.text.at[i]));
	ddl_advance(parser);
	if (ddl_at_symbol(parser, '<'))
		return add_inner(parser, out, fields, depth + 1);
	if (ddl_take_symbol(parser, '('))
		return add_arguments(parser, out);
	if (many_words)
		add_more_words(parser, out);
	return STATUS_OK;
}

enum status ddl_type(struct ddl_parser *parser, char **type_out)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_TYPE_TEXT_BYTES);
	TRY(add_type(parser, &out, 1));
	TRY(buffer_check(&out, "the type", parser->err));
	*type_out = arena_text(parser->arena, buffer_text(&out));
	return STATUS_OK;
}
