#include "registry/protobuf.h"

#include "base/memory.h"

#include <stdlib.h>

/* Canonical text: the tokens with a space between them, and the fields of each message
 * by number behind what else is in it. All else stays in its order, for order says
 * something there: the first value of an enum is its default, the place of a message is
 * what some serializers write. The file has been parsed, so brackets meet. */

struct statement {
	const struct token *first;
	const struct token *block; /* its '{', or NULL */
	const struct token *end; /* behind it */
	uint64_t number; /* of a field; else 0 */
	size_t order;
};

static bool is(const struct token *token, const char *text)
{
	return token->kind != TOKEN_STRING && text_equal(token->text, text_of(text));
}

static const struct token *balanced(const struct token *token)
{
	unsigned depth = 0;
	do {
		if (token->kind == TOKEN_SIGN && strchr("{[(", token->text.at[0]))
			depth++;
		if (token->kind == TOKEN_SIGN && strchr("}])", token->text.at[0]))
			depth--;
		token++;
	} while (depth > 0);
	return token;
}

/* A '{' that begins a block and no value: `option (x) = { … };` has one. */
static bool is_block(const struct token *first, const struct token *token)
{
	return is(token, "{") && (token == first || !is(token - 1, "="));
}

static struct statement statement_at(const struct token *first)
{
	struct statement statement = {.first = first};
	const struct token *token = first;
	while (token->kind != TOKEN_END && !is(token, ";") && !is_block(first, token)) {
		bool number = is(token, "=") && token[1].kind == TOKEN_INTEGER;
		if (number && statement.number == 0)
			statement.number = strtoull(token[1].text.at, NULL, 0);
		token = is(token, "[") || is(token, "(") || is(token, "{") ? balanced(token)
									   : token + 1;
	}
	if (is(token, "{"))
		statement.block = token;
	statement.end = is(token, "{") ? balanced(token) : token + 1;
	return statement;
}

static bool holds_fields(const struct token *first)
{
	static const char *const words[] = {"message", "oneof", "extend"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (is(first, words[i]))
			return true;
	}
	/* A group: optional group Name = 1 { … } */
	return is(first, "group") || is(first + 1, "group");
}

static int statements_compare(const void *a, const void *b)
{
	const struct statement *left = a;
	const struct statement *right = b;
	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

static void token_print(const struct token *token, struct buffer *out)
{
	struct text inside = {token->text.at + 1, token->text.length - 2};
	if (out->length)
		buffer_add_byte(out, ' ');
	if (token->kind != TOKEN_STRING || text_find(inside, '"') < inside.length ||
		text_find(inside, '\\') < inside.length) {
		buffer_add_text(out, token->text);
		return;
	}
	buffer_add_byte(out, '"');
	buffer_add_text(out, inside);
	buffer_add_byte(out, '"');
}

static void tokens_print(const struct token *from, const struct token *end, struct buffer *out)
{
	for (; from < end; from++)
		token_print(from, out);
}

static void block_print(
	const struct token *from, const struct token *end, bool sorted, struct buffer *out)
{
	struct statement *all = NULL;
	size_t count = 0;
	size_t capacity = 0;
	while (from < end && from->kind != TOKEN_END) {
		size_t wanted = memory_grown(capacity, count + 1);
		if (wanted != capacity)
			all = memory_resize(all, wanted, sizeof *all);
		capacity = wanted;
		all[count] = statement_at(from);
		all[count].order = count;
		/* A plain statement in a message that has no '=' is not a field, nor are
		 * options and what is reserved. */
		if (!sorted || is(from, "option"))
			all[count].number = 0;
		from = all[count].end;
		count += !is(all[count].first, ";"); /* an empty statement says nothing */
	}
	if (sorted && count)
		qsort(all, count, sizeof *all, statements_compare);
	for (size_t i = 0; i < count; i++) {
		const struct statement *statement = &all[i];
		if (!statement->block) {
			tokens_print(statement->first, statement->end, out);
			continue;
		}
		tokens_print(statement->first, statement->block + 1, out);
		block_print(statement->block + 1, statement->end - 1,
			holds_fields(statement->first), out);
		token_print(statement->end - 1, out);
	}
	free(all);
}

void protobuf_print(const void *parsed, struct buffer *out)
{
	const struct proto_file *file = parsed;
	block_print(file->tokens.at, file->tokens.at + file->tokens.count - 1, false, out);
}
