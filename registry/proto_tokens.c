#include "registry/proto_tokens.h"

#include "base/limits.h"
#include "base/memory.h"

struct cutter {
	struct arena *arena;
	struct text text;
	size_t at;
	uint32_t line;
	struct token *tokens;
	size_t count;
	size_t capacity;
	struct error *err;
};

static char byte_at(const struct cutter *c, size_t ahead)
{
	return c->at + ahead < c->text.length ? c->text.at[c->at + ahead] : 0;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_word(char byte)
{
	char low = text_lower(byte);
	return is_digit(byte) || byte == '_' || (low >= 'a' && low <= 'z');
}

static enum status wrong(struct cutter *c, const char *what)
{
	return fail(c->err, STATUS_INVALID_ARGUMENT, "line %u: %s", c->line, what);
}

static void advance(struct cutter *c)
{
	c->line += c->text.at[c->at] == '\n';
	c->at++;
}

static enum status comment_skip(struct cutter *c)
{
	bool block = byte_at(c, 1) == '*';
	uint32_t began = c->line;
	c->at += 2;
	while (c->at < c->text.length) {
		if (!block && byte_at(c, 0) == '\n')
			return STATUS_OK;
		if (block && byte_at(c, 0) == '*' && byte_at(c, 1) == '/') {
			c->at += 2;
			return STATUS_OK;
		}
		advance(c);
	}
	if (!block)
		return STATUS_OK;
	return fail(c->err, STATUS_INVALID_ARGUMENT, "line %u: a comment does not end", began);
}

static enum status space_skip(struct cutter *c)
{
	for (;;) {
		char byte = byte_at(c, 0);
		if (byte == '/' && (byte_at(c, 1) == '/' || byte_at(c, 1) == '*'))
			TRY(comment_skip(c));
		else if (byte && strchr(" \t\r\n\f\v", byte))
			advance(c);
		else
			return STATUS_OK;
	}
}

static enum status string_skip(struct cutter *c)
{
	char quote = byte_at(c, 0);
	c->at++;
	while (c->at < c->text.length && byte_at(c, 0) != quote) {
		if (byte_at(c, 0) == '\n')
			break;
		c->at += byte_at(c, 0) == '\\' && byte_at(c, 1) != '\n' ? 2 : 1;
	}
	if (c->at >= c->text.length || byte_at(c, 0) != quote)
		return wrong(c, "a string does not end on its line");
	c->at++;
	return STATUS_OK;
}

/* Decimal, octal, hex, or with a point or exponent. */
static enum token_kind number_skip(struct cutter *c)
{
	bool hex = byte_at(c, 0) == '0' && text_lower(byte_at(c, 1)) == 'x';
	bool real = false;
	while (is_word(byte_at(c, 0)) || byte_at(c, 0) == '.') {
		char byte = text_lower(byte_at(c, 0));
		bool exponent = !hex && byte == 'e';
		real |= byte == '.' || exponent;
		c->at++;
		if (exponent && (byte_at(c, 0) == '+' || byte_at(c, 0) == '-'))
			c->at++;
	}
	return real ? TOKEN_REAL : TOKEN_INTEGER;
}

static enum status token_cut(struct cutter *c, struct token *token)
{
	size_t start = c->at;
	char byte = byte_at(c, 0);
	token->line = c->line;
	if (c->at >= c->text.length) {
		token->kind = TOKEN_END;
	} else if (is_digit(byte) || (byte == '.' && is_digit(byte_at(c, 1)))) {
		token->kind = number_skip(c);
	} else if (is_word(byte)) {
		token->kind = TOKEN_WORD;
		while (is_word(byte_at(c, 0)))
			c->at++;
	} else if (byte == '"' || byte == '\'') {
		token->kind = TOKEN_STRING;
		TRY(string_skip(c));
	} else if (byte && strchr("{}[]()<>=;,.:-+/", byte)) {
		token->kind = TOKEN_SIGN;
		c->at++;
	} else {
		return fail(c->err, STATUS_INVALID_ARGUMENT,
			"line %u: byte 0x%02x belongs to no word of a .proto file", c->line,
			(unsigned char)byte);
	}
	token->text = (struct text){c->text.at + start, c->at - start};
	return STATUS_OK;
}

enum status tokens_read(
	struct arena *arena, struct text text, struct tokens *tokens_out, struct error *err)
{
	struct cutter c = {.arena = arena, .text = text, .line = 1, .err = err};
	if (!text_is_utf8(text) || text_find(text, 0) != text.length)
		return fail(err, STATUS_INVALID_ARGUMENT, "it is not UTF-8 text");
	for (;;) {
		size_t wanted = memory_grown(c.capacity, c.count + 1);
		if (wanted != c.capacity)
			c.tokens = arena_grow(arena, c.tokens, c.count, wanted, sizeof *c.tokens);
		c.capacity = wanted;
		TRY(space_skip(&c));
		TRY(token_cut(&c, &c.tokens[c.count]));
		if (c.tokens[c.count++].kind == TOKEN_END)
			break;
	}
	*tokens_out = (struct tokens){c.tokens, c.count};
	return STATUS_OK;
}
