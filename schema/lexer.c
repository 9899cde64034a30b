#include "schema/lexer.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	char lower = text_lower(byte);
	return (lower >= 'a' && lower <= 'z') || byte == '_' || (unsigned char)byte >= 0x80;
}

static char peek(const struct lexer *lexer, size_t ahead)
{
	size_t at = lexer->at + ahead;
	return at < lexer->text.length ? lexer->text.at[at] : '\0';
}

static struct text since(const struct lexer *lexer, size_t from)
{
	return text_until(text_from(lexer->text, from), lexer->at - from);
}

/* 'it''s' and 'it\'s' (Hive's clients write the latter); "…" is a string too, as
 * in Spark SQL. A backslash before anything but a quote is itself. */
static enum status quoted(struct lexer *lexer, char quote, struct text *text_out, struct error *err)
{
	size_t from = lexer->at++;
	char *value = arena_alloc(lexer->arena, lexer->text.length - from + 1);
	size_t length = 0;
	while (lexer->at < lexer->text.length) {
		char byte = lexer->text.at[lexer->at++];
		bool doubled = byte == quote && peek(lexer, 0) == quote;
		bool escaped = byte == '\\' && quote != '`' &&
			       (peek(lexer, 0) == '\'' || peek(lexer, 0) == '"');
		if (byte == quote && !doubled) {
			*text_out = (struct text){value, length};
			return STATUS_OK;
		}
		if (doubled || escaped)
			byte = lexer->text.at[lexer->at++];
		value[length++] = byte;
	}
	return fail(err, STATUS_INVALID_ARGUMENT, "the quote at byte %zu is never closed", from);
}

static void number(struct lexer *lexer)
{
	lexer->at += !is_digit(peek(lexer, 0)) && peek(lexer, 0) != '.';
	while (is_digit(peek(lexer, 0)))
		lexer->at++;
	lexer->at += peek(lexer, 0) == '.';
	while (is_digit(peek(lexer, 0)))
		lexer->at++;
}

static bool starts_number(const struct lexer *lexer)
{
	char first = peek(lexer, 0);
	bool sign = first == '-' || first == '+';
	bool point = peek(lexer, sign) == '.';
	return is_digit(peek(lexer, (size_t)sign + point));
}

static enum token_kind punctuation(struct lexer *lexer)
{
	static const char *const operators[] = {"==", "<>", "!=", "<=", ">=", "=", "<", ">"};
	struct text rest = text_from(lexer->text, lexer->at);
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		if (text_starts(rest, text_of(operators[i]))) {
			lexer->at += strlen(operators[i]);
			return TOKEN_OPERATOR;
		}
	}
	char byte = lexer->text.at[lexer->at++];
	if (byte == '(')
		return TOKEN_OPEN;
	if (byte == ')')
		return TOKEN_CLOSE;
	return byte == ',' ? TOKEN_COMMA : TOKEN_END;
}

enum status lexer_next(struct lexer *lexer, struct token *token_out, struct error *err)
{
	while (lexer->at < lexer->text.length && strchr(" \t\r\n", peek(lexer, 0)) &&
		peek(lexer, 0))
		lexer->at++;
	struct token token = {.at = lexer->at};
	char first = peek(lexer, 0);
	if (lexer->at == lexer->text.length) {
		token.kind = TOKEN_END;
	} else if (first == '\'' || first == '"' || first == '`') {
		token.kind = first == '`' ? TOKEN_NAME : TOKEN_STRING;
		TRY(quoted(lexer, first, &token.text, err));
	} else if (is_letter(first)) {
		token.kind = TOKEN_WORD;
		while (is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
			lexer->at++;
		token.text = since(lexer, token.at);
	} else if (starts_number(lexer)) {
		token.kind = TOKEN_NUMBER;
		number(lexer);
		token.text = since(lexer, token.at);
	} else {
		token.kind = punctuation(lexer);
		token.text = since(lexer, token.at);
		if (token.kind == TOKEN_END)
			return fail(err, STATUS_INVALID_ARGUMENT, "unexpected '%.*s' at byte %zu",
				TEXT_ARG(token.text), token.at);
	}
	*token_out = token;
	return STATUS_OK;
}
