#include "imports/ddl_lexer.h"

#include "base/buffer.h"
#include "base/limits.h"

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r' || byte == '\f';
}

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       (byte >= '0' && byte <= '9') || (byte & 0x80);
}

static bool ahead(const struct ddl_lexer *lexer, struct text what)
{
	return text_starts(text_from(lexer->text, lexer->at), what);
}

static void forward(struct ddl_lexer *lexer, size_t bytes)
{
	for (; bytes && lexer->at < lexer->text.length; bytes--) {
		bool end = lexer->text.at[lexer->at++] == '\n';
		lexer->line += end;
		lexer->column = end ? 1 : lexer->column + 1;
	}
}

static void skip_comment(struct ddl_lexer *lexer, struct text end)
{
	while (lexer->at < lexer->text.length && !ahead(lexer, end))
		forward(lexer, 1);
	forward(lexer, end.length);
}

static void skip_space(struct ddl_lexer *lexer)
{
	while (lexer->at < lexer->text.length) {
		if (ahead(lexer, TEXT("--"))) {
			skip_comment(lexer, TEXT("\n"));
		} else if (ahead(lexer, TEXT("/*"))) {
			forward(lexer, 2);
			skip_comment(lexer, TEXT("*/"));
		} else if (is_space(lexer->text.at[lexer->at])) {
			forward(lexer, 1);
		} else {
			return;
		}
	}
}

static bool hex(struct text digits, uint32_t *code_out)
{
	uint32_t code = 0;
	for (size_t i = 0; i < 4; i++) {
		char byte = i < digits.length ? text_lower(digits.at[i]) : 'x';
		bool number = byte >= '0' && byte <= '9';
		if (!number && !(byte >= 'a' && byte <= 'f'))
			return false;
		code = code * 16 + (uint32_t)(number ? byte - '0' : byte - 'a' + 10);
	}
	*code_out = code;
	return true;
}

/* NUL cannot be in a text of ours: it stays written as it was. */
static void add_character(struct buffer *out, uint32_t code)
{
	if (code == 0) {
		buffer_add_string(out, "\\u0000");
	} else if (code < 0x80) {
		buffer_add_byte(out, (char)code);
	} else if (code < 0x800) {
		buffer_add_byte(out, (char)(0xC0 | code >> 6));
		buffer_add_byte(out, (char)(0x80 | (code & 0x3F)));
	} else if (code < 0x10000) {
		buffer_add_byte(out, (char)(0xE0 | code >> 12));
		buffer_add_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
		buffer_add_byte(out, (char)(0x80 | (code & 0x3F)));
	} else {
		buffer_add_byte(out, (char)(0xF0 | code >> 18));
		buffer_add_byte(out, (char)(0x80 | (code >> 12 & 0x3F)));
		buffer_add_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
		buffer_add_byte(out, (char)(0x80 | (code & 0x3F)));
	}
}

/* \uXXXX, two of them for what UTF-16 needs two for; a lone half is U+FFFD. How many
 * bytes of `rest`, which begins behind the backslash. */
static size_t unicode(struct text rest, struct buffer *out)
{
	uint32_t code, low;
	if (!hex(text_from(rest, 1), &code))
		return 0;
	if (code >= 0xD800 && code < 0xDC00 && text_starts(text_from(rest, 5), TEXT("\\u")) &&
		hex(text_from(rest, 7), &low) && low >= 0xDC00 && low < 0xE000) {
		add_character(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
		return 11;
	}
	add_character(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
	return 5;
}

/* \ooo, to \177: above that it would be half a character. */
static size_t octal(struct text rest, struct buffer *out)
{
	if (rest.length < 3 || rest.at[0] > '1' || rest.at[0] < '0' || rest.at[1] < '0' ||
		rest.at[1] > '7' || rest.at[2] < '0' || rest.at[2] > '7')
		return 0;
	add_character(out,
		(uint32_t)((rest.at[0] - '0') * 64 + (rest.at[1] - '0') * 8 + (rest.at[2] - '0')));
	return 3;
}

/* What stands behind a backslash, as Hive reads it; how many bytes that was. */
static size_t unescape(struct text rest, struct buffer *out)
{
	static const struct {
		char written, meant;
	} letters[] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'Z', 0x1A}};
	size_t used = rest.at[0] == 'u' ? unicode(rest, out) : octal(rest, out);
	if (used)
		return used;
	if (rest.at[0] == '0') {
		add_character(out, 0);
		return 1;
	}
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
		if (rest.at[0] == letters[i].written) {
			buffer_add_byte(out, letters[i].meant);
			return 1;
		}
	}
	/* \% and \_ keep their backslash, for LIKE. */
	if (rest.at[0] == '%' || rest.at[0] == '_')
		buffer_add_byte(out, '\\');
	buffer_add_byte(out, rest.at[0]);
	return 1;
}

/* One quoted piece, from its quote on, into `out`. */
static bool lex_quoted(struct ddl_lexer *lexer, struct buffer *out)
{
	char quote = lexer->text.at[lexer->at];
	forward(lexer, 1);
	while (lexer->at < lexer->text.length) {
		struct text rest = text_from(lexer->text, lexer->at);
		size_t used = 1;
		if (rest.at[0] == quote) {
			forward(lexer, 1);
			return true;
		}
		if (rest.at[0] == '\\' && quote != '`' && rest.length > 1)
			used += unescape(text_from(rest, 1), out);
		else if (rest.at[0] == 0)
			buffer_add_string(out, "\\u0000");
		else
			buffer_add_byte(out, rest.at[0]);
		forward(lexer, used);
	}
	return false;
}

static enum status lex_text(struct ddl_lexer *lexer, struct ddl_token *token, struct error *err)
{
	struct buffer SCOPED_BUFFER out;
	char quote = lexer->text.at[lexer->at];
	bool closed = true;
	buffer_init(&out, LIMIT_RECORD_BYTES);
	/* Literals that touch are one, as in Hive; a doubled backtick is a backtick. */
	for (bool first = true;
		closed && lexer->at < lexer->text.length && lexer->text.at[lexer->at] == quote;
		first = false) {
		if (!first && quote == '`')
			buffer_add_byte(&out, '`');
		closed = lex_quoted(lexer, &out);
	}
	if (!closed)
		return fail(err, STATUS_INVALID_ARGUMENT, "the %c is never closed", quote);
	token->kind = quote == '`' ? DDL_NAME : DDL_STRING;
	token->text = arena_copy(lexer->arena, buffer_text(&out));
	return STATUS_OK;
}

enum status ddl_lex(struct ddl_lexer *lexer, struct ddl_token *token_out, struct error *err)
{
	skip_space(lexer);
	struct ddl_token token = {
		.kind = DDL_END, .from = lexer->at, .line = lexer->line, .column = lexer->column};
	struct text rest = text_from(lexer->text, lexer->at);
	if (rest.length && (rest.at[0] == '\'' || rest.at[0] == '"' || rest.at[0] == '`')) {
		TRY(lex_text(lexer, &token, err));
	} else if (rest.length) {
		size_t length = 0;
		while (length < rest.length && is_word(rest.at[length]))
			length++;
		token.kind = length ? DDL_WORD : DDL_SYMBOL;
		forward(lexer, length ? length : 1);
		token.text = text_until(rest, length ? length : 1);
	}
	token.to = lexer->at;
	*token_out = token;
	return STATUS_OK;
}
