#include "imports/ddl_parser.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHOWN_BYTES = 40 };

void ddl_advance(struct ddl_parser *parser)
{
	parser->taken = parser->token.to;
	if (parser->broken == STATUS_OK)
		parser->broken = ddl_lex(&parser->lexer, &parser->token, parser->err);
	if (parser->broken != STATUS_OK)
		parser->token.kind = DDL_END;
}

bool ddl_at_word(const struct ddl_parser *parser, const char *word)
{
	return parser->token.kind == DDL_WORD &&
	       text_equal_folded(parser->token.text, text_of(word));
}

bool ddl_at_symbol(const struct ddl_parser *parser, char symbol)
{
	return parser->token.kind == DDL_SYMBOL && parser->token.text.at[0] == symbol;
}

bool ddl_take_word(struct ddl_parser *parser, const char *word)
{
	bool there = ddl_at_word(parser, word);
	if (there)
		ddl_advance(parser);
	return there;
}

bool ddl_take_symbol(struct ddl_parser *parser, char symbol)
{
	bool there = ddl_at_symbol(parser, symbol);
	if (there)
		ddl_advance(parser);
	return there;
}

enum status ddl_refuse(struct ddl_parser *parser, const char *what)
{
	if (parser->broken != STATUS_OK)
		return parser->broken;
	if (parser->token.kind == DDL_END)
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"expected %s, where the statement ends", what);
	return fail(parser->err, STATUS_INVALID_ARGUMENT, "expected %s, found '%.*s'", what,
		TEXT_ARG(text_until(parser->token.text, SHOWN_BYTES)));
}

enum status ddl_expect_word(struct ddl_parser *parser, const char *word)
{
	return ddl_take_word(parser, word) ? STATUS_OK : ddl_refuse(parser, word);
}

enum status ddl_expect_symbol(struct ddl_parser *parser, char symbol)
{
	char what[] = {'\'', symbol, '\'', 0};
	return ddl_take_symbol(parser, symbol) ? STATUS_OK : ddl_refuse(parser, what);
}

enum status ddl_string(struct ddl_parser *parser, char **text_out)
{
	if (parser->token.kind != DDL_STRING)
		return ddl_refuse(parser, "a text in quotes");
	*text_out = arena_text(parser->arena, parser->token.text);
	ddl_advance(parser);
	return STATUS_OK;
}

enum status ddl_name(struct ddl_parser *parser, char **name_out)
{
	bool quoted = parser->token.kind == DDL_STRING &&
		      parser->lexer.text.at[parser->token.from] == '"';
	if (parser->token.kind != DDL_WORD && parser->token.kind != DDL_NAME && !quoted)
		return ddl_refuse(parser, "a name");
	*name_out = arena_text(parser->arena, parser->token.text);
	ddl_advance(parser);
	return STATUS_OK;
}

enum status ddl_number(struct ddl_parser *parser, int32_t *number_out)
{
	int64_t number = 0;
	struct text text = parser->token.text;
	if (parser->token.kind != DDL_WORD || text_int64(text, &number) != text.length ||
		number < 0 || number > INT32_MAX)
		return ddl_refuse(parser, "a number");
	*number_out = (int32_t)number;
	ddl_advance(parser);
	return STATUS_OK;
}

enum status ddl_if_not_exists(struct ddl_parser *parser)
{
	if (!ddl_take_word(parser, "IF"))
		return STATUS_OK;
	TRY(ddl_expect_word(parser, "NOT"));
	return ddl_expect_word(parser, "EXISTS");
}

enum status ddl_full_name(struct ddl_parser *parser, char **database_out, char **name_out)
{
	char *parts[3] = {NULL, NULL, NULL};
	size_t count = 0;
	do {
		if (count == 3)
			return ddl_refuse(parser, "a name of at most three parts");
		TRY(ddl_name(parser, &parts[count++]));
	} while (ddl_take_symbol(parser, '.'));
	char *point = count == 1 ? strchr(parts[0], '.') : NULL;
	if (point) {
		parts[1] = point + 1;
		parts[0] = arena_text(
			parser->arena, (struct text){parts[0], (size_t)(point - parts[0])});
		count = 2;
	}
	if (count == 3)
		import_note(parser->notes, IMPORT_LEFT_OUT,
			arena_printf(parser->arena, "catalog '%s' of names", parts[0]), "");
	*name_out = parts[count - 1];
	*database_out = count > 1 ? parts[count - 2] : parser->database;
	return STATUS_OK;
}

enum status ddl_names(struct ddl_parser *parser, char ***names_out, size_t *count_out)
{
	char **names = NULL;
	size_t count = 0, room = 0;
	TRY(ddl_expect_symbol(parser, '('));
	do {
		if (count == room) {
			size_t grown = memory_grown(room, count + 1);
			names = arena_grow(parser->arena, names, count, grown, sizeof *names);
			room = grown;
		}
		TRY(ddl_name(parser, &names[count++]));
	} while (ddl_take_symbol(parser, ','));
	TRY(ddl_expect_symbol(parser, ')'));
	*names_out = names;
	*count_out = count;
	return STATUS_OK;
}

struct text ddl_between(const struct ddl_parser *parser, size_t from, size_t to)
{
	return text_trimmed(
		text_until(text_from(parser->lexer.text, from), to > from ? to - from : 0));
}

struct text ddl_raw(struct ddl_parser *parser)
{
	size_t from = parser->token.from;
	size_t depth = 0;
	while (parser->token.kind != DDL_END) {
		bool closes = ddl_at_symbol(parser, ')');
		if (depth == 0 && (closes || ddl_at_symbol(parser, ',')))
			break;
		depth += ddl_at_symbol(parser, '(');
		depth -= closes; /* not below 0: that ended it */
		ddl_advance(parser);
	}
	return ddl_between(parser, from, parser->taken);
}

void ddl_pair_add(
	struct ddl_parser *parser, struct ddl_pairs *pairs, const char *key, const char *value)
{
	if (pairs->count == pairs->room) {
		size_t room = memory_grown(pairs->room, pairs->count + 1);
		pairs->at =
			arena_grow(parser->arena, pairs->at, pairs->count, room, sizeof *pairs->at);
		pairs->room = room;
	}
	pairs->at[pairs->count++] = (struct ddl_pair){
		arena_text(parser->arena, text_of(key)), arena_text(parser->arena, text_of(value))};
}

const char *ddl_pair_find(const struct ddl_pairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if (strcasecmp(pairs->at[i].key, key) == 0)
			return pairs->at[i].value;
	}
	return NULL;
}

/* key.with.points */
static enum status pair_key(struct ddl_parser *parser, const char **key_out)
{
	char *part = NULL;
	if (parser->token.kind == DDL_STRING)
		TRY(ddl_string(parser, &part));
	else
		TRY(ddl_name(parser, &part));
	const char *key = part;
	while (ddl_take_symbol(parser, '.')) {
		TRY(ddl_name(parser, &part));
		if (strlen(key) + strlen(part) >= LIMIT_PARAMETER_KEY_BYTES)
			return fail(parser->err, STATUS_RESOURCE_EXHAUSTED,
				"a key is longer than %d bytes", LIMIT_PARAMETER_KEY_BYTES);
		key = arena_printf(parser->arena, "%s.%s", key, part);
	}
	*key_out = key;
	return STATUS_OK;
}

enum status ddl_read_pairs(struct ddl_parser *parser, struct ddl_pairs *pairs)
{
	TRY(ddl_expect_symbol(parser, '('));
	if (ddl_take_symbol(parser, ')'))
		return STATUS_OK;
	do {
		const char *key = NULL;
		TRY(pair_key(parser, &key));
		(void)ddl_take_symbol(parser, '=');
		if (parser->token.kind == DDL_STRING) {
			ddl_pair_add(
				parser, pairs, key, arena_text(parser->arena, parser->token.text));
			ddl_advance(parser);
			continue;
		}
		struct text raw = ddl_raw(parser); /* true, 17, -0.5 */
		if (raw.length == 0)
			return ddl_refuse(parser, "a value");
		ddl_pair_add(parser, pairs, key, arena_text(parser->arena, raw));
	} while (ddl_take_symbol(parser, ','));
	return ddl_expect_symbol(parser, ')');
}

struct import_item *ddl_item(struct ddl_parser *parser, enum import_kind kind)
{
	if (parser->count == parser->room) {
		size_t room = memory_grown(parser->room, parser->count + 1);
		parser->items = arena_grow(
			parser->arena, parser->items, parser->count, room, sizeof *parser->items);
		parser->room = room;
	}
	struct import_item *item = &parser->items[parser->count++];
	*item = (struct import_item){
		.kind = kind, .line = parser->token.line, .column = parser->token.column};
	return item;
}
