#include "imports/ddl_cut.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>

enum { BLOCK_BYTES = 65536 };

enum within { PLAIN, QUOTED, LINE_COMMENT, BLOCK_COMMENT };

struct ddl_cut {
	struct byte_source source;
	char *block;
	size_t block_at, block_filled;

	struct buffer line; /* being cut, its end included */
	size_t at; /* in it */
	size_t number; /* of the line, from 1 */
	bool framed;

	struct buffer text; /* of the statement */
	size_t text_line, text_column;
	bool solid; /* more than space and comments */

	enum within within;
	char quote;
	bool escaped;
	char before; /* the byte before this one */
	size_t open_line, open_column; /* of the quote or comment */
};

struct ddl_cut *ddl_cut_new(struct byte_source source)
{
	struct ddl_cut *cut = memory_new(sizeof *cut);
	cut->source = source;
	cut->block = memory_new(BLOCK_BYTES);
	buffer_init(&cut->line, LIMIT_RECORD_BYTES);
	buffer_init(&cut->text, LIMIT_RECORD_BYTES);
	return cut;
}

void ddl_cut_free(struct ddl_cut *cut)
{
	if (!cut)
		return;
	buffer_done(&cut->line);
	buffer_done(&cut->text);
	free(cut->block);
	free(cut);
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       (byte >= '0' && byte <= '9');
}

/* False at the end of the stream. */
static enum status read_line(struct ddl_cut *cut, bool *found_out, struct error *err)
{
	buffer_clear(&cut->line);
	cut->at = 0;
	for (;;) {
		if (cut->block_at == cut->block_filled) {
			cut->block_at = cut->block_filled = 0;
			TRY(cut->source.read(cut->source.state, cut->block, BLOCK_BYTES,
				&cut->block_filled, err));
		}
		if (cut->block_filled == 0)
			break;
		struct text rest = {cut->block + cut->block_at, cut->block_filled - cut->block_at};
		size_t end = text_find(rest, '\n');
		size_t length = end < rest.length ? end + 1 : end;
		buffer_add(&cut->line, rest.at, length);
		cut->block_at += length;
		if (cut->line.full)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"line %zu is longer than %u bytes", cut->number + 1,
				LIMIT_RECORD_BYTES);
		if (end < rest.length)
			break;
	}
	*found_out = cut->line.length > 0;
	cut->number += *found_out;
	return STATUS_OK;
}

/* "+----+" and "| text |" become space; what is between stays where it is. */
static void take_off_frame(struct ddl_cut *cut)
{
	char *line = cut->line.at;
	size_t length = cut->line.length;
	while (length && is_space(line[length - 1]))
		length--;
	if (length == 0 || (line[0] != '|' && line[0] != '+'))
		return;
	if (line[0] == '+')
		memset(line, ' ', length);
	line[0] = ' ';
	if (line[length - 1] == '|')
		line[length - 1] = ' ';
}

static enum status first_line(struct ddl_cut *cut, struct error *err)
{
	struct text line = buffer_text(&cut->line);
	if (text_starts(line, TEXT("\xFF\xFE")) || text_starts(line, TEXT("\xFE\xFF")))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the file is UTF-16, as PowerShell writes it: save it as UTF-8");
	cut->framed = text_starts(line, TEXT("+-"));
	if (text_starts(line, TEXT("\xEF\xBB\xBF")))
		cut->at = 3;
	return STATUS_OK;
}

static void open(struct ddl_cut *cut, enum within within, char quote)
{
	cut->within = within;
	cut->quote = quote;
	cut->escaped = false;
	cut->open_line = cut->number;
	cut->open_column = cut->at + 1;
}

static void step_plain(struct ddl_cut *cut, char byte, char before)
{
	if (byte == '\'' || byte == '"' || byte == '`') {
		open(cut, QUOTED, byte);
	} else if (byte == '-' && before == '-') {
		open(cut, LINE_COMMENT, 0);
	} else if (byte == '*' && before == '/') {
		open(cut, BLOCK_COMMENT, 0);
		cut->before = 0; /* its star does not close it */
	}
	cut->solid = cut->solid || cut->within == QUOTED ||
		     (cut->within == PLAIN && !is_space(byte) && byte != '-' && byte != '/');
}

/* What the byte at cut->at makes of what follows. */
static void step(struct ddl_cut *cut, char byte)
{
	char before = cut->before;
	cut->before = byte;
	switch (cut->within) {
	case PLAIN:
		step_plain(cut, byte, before);
		return;
	case QUOTED:
		/* Backticks know no backslash; a doubled quote closes and opens again. */
		if (cut->escaped)
			cut->escaped = false;
		else if (byte == '\\' && cut->quote != '`')
			cut->escaped = true;
		else if (byte == cut->quote)
			cut->within = PLAIN;
		return;
	case LINE_COMMENT:
		if (byte == '\n')
			cut->within = PLAIN;
		return;
	case BLOCK_COMMENT:
		if (byte == '/' && before == '*') {
			cut->within = PLAIN;
			cut->before = 0;
		}
		return;
	}
}

static bool begins_statement(struct text line)
{
	static const char *const words[] = {"CREATE", "ALTER", "USE"};
	size_t length = 0;
	while (length < line.length && is_word(line.at[length]))
		length++;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (text_equal_folded(text_until(line, length), text_of(words[i])))
			return true;
	}
	return false;
}

/* What shells print around SHOW CREATE TABLE: they end what comes before them. */
static bool is_noise(struct text line)
{
	static const char *const whole[] = {"createtab_stmt", "createdb_stmt", "OK"};
	struct text text = text_trimmed(line);
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		if (text_equal(text, text_of(whole[i])))
			return true;
	}
	size_t digits = 0;
	while (digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9')
		digits++;
	return text_starts(text, TEXT("Time taken: ")) ||
	       (digits && (text_starts(text_from(text, digits), TEXT(" rows selected (")) ||
				  text_starts(text_from(text, digits), TEXT(" row selected ("))));
}

/* In beeline's frame a statement begins behind "| ". */
static struct text line_start(const struct ddl_cut *cut)
{
	struct text line = buffer_text(&cut->line);
	return cut->framed ? text_from(line, 2) : line;
}

/* Adds what is left of the line to the text; true at a ';'. */
static bool take_line(struct ddl_cut *cut)
{
	size_t from = cut->at;
	if (cut->text.length == 0) {
		cut->text_line = cut->number;
		cut->text_column = from + 1;
	}
	for (; cut->at < cut->line.length; cut->at++) {
		char byte = cut->line.at[cut->at];
		if (cut->within == PLAIN && byte == ';') {
			buffer_add(&cut->text, cut->line.at + from, cut->at - from);
			cut->at++;
			cut->before = 0;
			return true;
		}
		step(cut, byte);
	}
	buffer_add(&cut->text, cut->line.at + from, cut->at - from);
	return false;
}

static enum status still_open(const struct ddl_cut *cut, struct error *err)
{
	if (cut->within == QUOTED)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"line %zu column %zu: the %c that opens here is never closed",
			cut->open_line, cut->open_column, cut->quote);
	if (cut->within == BLOCK_COMMENT)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"line %zu column %zu: the comment that opens here is never closed",
			cut->open_line, cut->open_column - 1);
	return STATUS_OK;
}

/* The line at hand, or the next one; true in ends_out when the statement has ended
 * before it. */
static enum status next_line(
	struct ddl_cut *cut, bool *found_out, bool *ends_out, struct error *err)
{
	*found_out = true;
	*ends_out = false;
	if (cut->at < cut->line.length)
		return STATUS_OK;
	TRY(read_line(cut, found_out, err));
	if (!*found_out)
		return still_open(cut, err);
	if (cut->number == 1)
		TRY(first_line(cut, err));
	if (cut->framed)
		take_off_frame(cut);
	bool open = cut->within == QUOTED || cut->within == BLOCK_COMMENT;
	bool noise = !open && is_noise(buffer_text(&cut->line));
	if (noise)
		cut->at = cut->line.length;
	*ends_out = cut->solid && !open && (noise || begins_statement(line_start(cut)));
	return STATUS_OK;
}

enum status ddl_cut_next(struct ddl_cut *cut, struct ddl_statement *statement_out, bool *found_out,
	struct error *err)
{
	bool found = true;
	bool ends = false;
	buffer_clear(&cut->text);
	cut->solid = false;
	while (found && !ends) {
		TRY(next_line(cut, &found, &ends, err));
		if (!found || ends)
			break;
		ends = take_line(cut);
		if (cut->text.full)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"line %zu: a statement is longer than %u bytes", cut->text_line,
				LIMIT_RECORD_BYTES);
		if (ends && !cut->solid) {
			buffer_clear(&cut->text);
			ends = false;
		}
	}
	*found_out = cut->solid;
	*statement_out =
		(struct ddl_statement){buffer_text(&cut->text), cut->text_line, cut->text_column};
	return STATUS_OK;
}
