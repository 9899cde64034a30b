#include "schema/lexer.h"
#include "schema/notation.h"
#include "schema/predicate_node.h"

/* Partition expressions in, by recursive descent:
 *
 *   or := and (OR and)*    and := not (AND not)*    not := NOT not | ( or ) | test
 *   test := key (= | <> | != | < | <= | > | >=) literal
 *         | key [NOT] IN ( literal, … ) | key [NOT] BETWEEN literal AND literal
 *         | key [NOT] LIKE string | key IS [NOT] NULL
 *
 * Redundant parentheses around keys and literals are taken. */
struct parser {
	struct lexer lexer;
	struct token token; /* the next one */
	const struct column *keys;
	size_t key_count;
	unsigned depth;
	struct arena *arena;
	struct error *err;
};

enum { DEPTH_MAX = 64 };

static enum status advance(struct parser *parser)
{
	return lexer_next(&parser->lexer, &parser->token, parser->err);
}

static enum status refuse(const struct parser *parser, const char *expected)
{
	if (parser->token.kind == TOKEN_END)
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"unsupported expression: expected %s at byte %zu, where it ends", expected,
			parser->token.at);
	return fail(parser->err, STATUS_INVALID_ARGUMENT,
		"unsupported expression: expected %s at byte %zu, not '%.*s'", expected,
		parser->token.at, TEXT_ARG(text_until(parser->token.text, 64)));
}

static bool at_keyword(const struct parser *parser, const char *word)
{
	return parser->token.kind == TOKEN_WORD &&
	       text_equal_folded(parser->token.text, text_of(word));
}

static enum status take_keyword(struct parser *parser, const char *word, bool *taken_out)
{
	*taken_out = at_keyword(parser, word);
	return *taken_out ? advance(parser) : STATUS_OK;
}

static enum status expect(struct parser *parser, enum token_kind kind, const char *expected)
{
	return parser->token.kind == kind ? advance(parser) : refuse(parser, expected);
}

static enum status expect_keyword(struct parser *parser, const char *word)
{
	return at_keyword(parser, word) ? advance(parser) : refuse(parser, word);
}

static const struct predicate *node(struct parser *parser, struct predicate predicate)
{
	struct predicate *kept = arena_alloc(parser->arena, sizeof *kept);
	*kept = predicate;
	return kept;
}

static const struct predicate *negated(struct parser *parser, const struct predicate *first)
{
	return node(parser, (struct predicate){.kind = PREDICATE_NOT, .first = first});
}

static enum status unknown_column(struct parser *parser, struct text name, size_t at)
{
	struct buffer SCOPED_BUFFER known;
	buffer_init(&known, 256);
	for (size_t i = 0; i < parser->key_count; i++)
		buffer_printf(&known, "%s'%.*s'", i ? ", " : "", TEXT_ARG(parser->keys[i].name));
	if (parser->key_count == 0)
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"unknown column '%.*s' at byte %zu: the table is not partitioned",
			TEXT_ARG(text_until(name, 128)), at);
	return fail(parser->err, STATUS_INVALID_ARGUMENT,
		"unknown column '%.*s' at byte %zu: the partition keys are %.*s",
		TEXT_ARG(text_until(name, 128)), at, TEXT_ARG(buffer_text(&known)));
}

/* Kinds that an expression may compare (glue-behaviour 1.4). */
static bool is_comparable(enum type_kind kind)
{
	return type_is_integer(kind) || kind == TYPE_DECIMAL || kind == TYPE_DATE ||
	       kind == TYPE_TIMESTAMP || (scalar_is_text(kind) && kind != TYPE_BINARY);
}

static enum status parse_key(struct parser *parser, struct predicate *test)
{
	struct token token = parser->token;
	if (token.kind != TOKEN_WORD && token.kind != TOKEN_NAME)
		return refuse(parser, "a partition key's name");
	for (size_t i = 0; i < parser->key_count; i++) {
		if (!text_equal_folded(parser->keys[i].name, token.text))
			continue;
		test->key = i;
		test->column = &parser->keys[i];
		if (!is_comparable(test->column->type->kind))
			return fail(parser->err, STATUS_INVALID_ARGUMENT,
				"unknown type '%s' of key '%.*s': expressions compare text, whole "
				"numbers, decimals, dates and timestamps",
				type_text(parser->arena, test->column->type), TEXT_ARG(token.text));
		return advance(parser);
	}
	return unknown_column(parser, token.text, token.at);
}

/* A literal's text; its kind of token in *kind_out. */
static enum status parse_text(
	struct parser *parser, struct text *text_out, enum token_kind *kind_out)
{
	unsigned parentheses = 0;
	while (parser->token.kind == TOKEN_OPEN) {
		parentheses++;
		TRY(advance(parser));
	}
	bool typed; /* DATE '2020-01-01': the key says it anyway */
	TRY(take_keyword(parser, "date", &typed));
	if (!typed)
		TRY(take_keyword(parser, "timestamp", &typed));
	*kind_out = parser->token.kind;
	*text_out = parser->token.text;
	if (parser->token.kind != TOKEN_STRING && (typed || parser->token.kind != TOKEN_NUMBER))
		return refuse(parser, typed ? "a quoted literal" : "a number or a quoted literal");
	TRY(advance(parser));
	while (parentheses--)
		TRY(expect(parser, TOKEN_CLOSE, "')'"));
	return STATUS_OK;
}

static enum status parse_literal(struct parser *parser, const struct predicate *test,
	struct text *text_out, struct scalar *scalar_out)
{
	size_t at = parser->token.at;
	enum token_kind kind;
	TRY(parse_text(parser, text_out, &kind));
	const struct type *type = test->column->type;
	if (kind == TOKEN_NUMBER && (type->kind == TYPE_DATE || type->kind == TYPE_TIMESTAMP))
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"literal %.*s at byte %zu must be quoted, as key '%.*s' is a %s",
			TEXT_ARG(*text_out), at, TEXT_ARG(test->column->name),
			type_text(parser->arena, type));
	/* Text longer than a char(n) key can still be compared with it. */
	if (scalar_is_text(type->kind))
		type = type_simple(TYPE_STRING);
	if (!scalar_parse(type, *text_out, scalar_out) || scalar_out->null)
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"literal '%.*s' at byte %zu is not a value of key '%.*s' of type %s",
			TEXT_ARG(text_until(*text_out, 64)), at, TEXT_ARG(test->column->name),
			type_text(parser->arena, type));
	return STATUS_OK;
}

struct literals {
	struct scalar *scalars;
	struct text *texts;
	size_t count, capacity;
};

static enum status add_literal(
	struct parser *parser, const struct predicate *test, struct literals *literals)
{
	struct text text;
	struct scalar scalar;
	TRY(parse_literal(parser, test, &text, &scalar));
	if (literals->count == literals->capacity) {
		size_t grown = literals->capacity ? literals->capacity * 2 : 2;
		literals->scalars = arena_grow(parser->arena, literals->scalars, literals->count,
			grown, sizeof *literals->scalars);
		literals->texts = arena_grow(parser->arena, literals->texts, literals->count, grown,
			sizeof *literals->texts);
		literals->capacity = grown;
	}
	literals->scalars[literals->count] = scalar;
	literals->texts[literals->count++] = text;
	return STATUS_OK;
}

static enum status parse_comparison(
	struct parser *parser, struct predicate *test, struct literals *literals, bool *negate_out)
{
	static const struct {
		const char *operator;
		enum predicate_kind kind;
		bool negate;
	} operators[] = {
		{"=", PREDICATE_EQUAL, false},
		{"==", PREDICATE_EQUAL, false},
		{"<>", PREDICATE_EQUAL, true},
		{"!=", PREDICATE_EQUAL, true},
		{"<", PREDICATE_LESS, false},
		{">=", PREDICATE_LESS, true},
		{"<=", PREDICATE_LESS_EQUAL, false},
		{">", PREDICATE_LESS_EQUAL, true},
	};
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		if (text_equal(parser->token.text, text_of(operators[i].operator))) {
			test->kind = operators[i].kind;
			*negate_out = operators[i].negate;
		}
	}
	TRY(advance(parser));
	return add_literal(parser, test, literals);
}

static enum status parse_in(
	struct parser *parser, struct predicate *test, struct literals *literals)
{
	test->kind = PREDICATE_IN;
	TRY(expect(parser, TOKEN_OPEN, "'(' after IN"));
	for (;;) {
		TRY(add_literal(parser, test, literals));
		if (parser->token.kind != TOKEN_COMMA)
			break;
		TRY(advance(parser));
	}
	return expect(parser, TOKEN_CLOSE, "',' or ')'");
}

static enum status parse_between(
	struct parser *parser, struct predicate *test, struct literals *literals)
{
	test->kind = PREDICATE_BETWEEN;
	TRY(add_literal(parser, test, literals));
	TRY(expect_keyword(parser, "AND"));
	return add_literal(parser, test, literals);
}

static enum status parse_like(struct parser *parser, struct predicate *test)
{
	test->kind = PREDICATE_LIKE;
	if (!scalar_is_text(test->column->type->kind))
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"LIKE at byte %zu needs a text key, and '%.*s' is a %s", parser->token.at,
			TEXT_ARG(test->column->name), type_text(parser->arena, test->column->type));
	enum token_kind kind;
	return parse_text(parser, &test->pattern, &kind);
}

static enum status parse_is_null(struct parser *parser, struct predicate *test, bool *negate_out)
{
	test->kind = PREDICATE_NULL;
	TRY(take_keyword(parser, "not", negate_out));
	return expect_keyword(parser, "NULL");
}

/* What follows the key. */
static enum status parse_condition(
	struct parser *parser, struct predicate *test, struct literals *literals, bool *negate_out)
{
	if (parser->token.kind == TOKEN_OPERATOR)
		return parse_comparison(parser, test, literals, negate_out);
	bool taken = false;
	TRY(take_keyword(parser, "is", &taken));
	if (taken)
		return parse_is_null(parser, test, negate_out);
	TRY(take_keyword(parser, "not", negate_out));
	TRY(take_keyword(parser, "in", &taken));
	if (taken)
		return parse_in(parser, test, literals);
	TRY(take_keyword(parser, "between", &taken));
	if (taken)
		return parse_between(parser, test, literals);
	TRY(take_keyword(parser, "like", &taken));
	if (taken)
		return parse_like(parser, test);
	return refuse(parser, "a comparison, IN, BETWEEN, LIKE or IS NULL");
}

static enum status parse_test(
	struct parser *parser, unsigned parentheses, const struct predicate **predicate_out)
{
	struct predicate test = {.kind = PREDICATE_EQUAL, .column = parser->keys};
	struct literals literals = {0};
	bool negate = false;
	TRY(parse_key(parser, &test));
	while (parentheses--)
		TRY(expect(parser, TOKEN_CLOSE, "')'"));
	TRY(parse_condition(parser, &test, &literals, &negate));
	test.literals = literals.scalars;
	test.texts = literals.texts;
	test.count = literals.count;
	*predicate_out = node(parser, test);
	if (negate)
		*predicate_out = negated(parser, *predicate_out);
	return STATUS_OK;
}

static enum status parse_or(struct parser *parser, const struct predicate **predicate_out);

/* How many parentheses hold nothing but a key's name: ((k)) = 1 has two. */
static enum status key_parentheses(struct parser *parser, unsigned *count_out)
{
	struct lexer lexer = parser->lexer;
	struct token token = parser->token;
	unsigned opened = 0;
	unsigned closed = 0;
	for (; token.kind == TOKEN_OPEN; opened++)
		TRY(lexer_next(&lexer, &token, parser->err));
	if (token.kind == TOKEN_WORD || token.kind == TOKEN_NAME)
		TRY(lexer_next(&lexer, &token, parser->err));
	for (; token.kind == TOKEN_CLOSE && closed < opened; closed++)
		TRY(lexer_next(&lexer, &token, parser->err));
	*count_out = closed == opened ? opened : 0;
	return STATUS_OK;
}

static enum status parse_primary(struct parser *parser, const struct predicate **predicate_out)
{
	if (parser->token.kind != TOKEN_OPEN)
		return parse_test(parser, 0, predicate_out);
	unsigned parentheses;
	TRY(key_parentheses(parser, &parentheses));
	for (unsigned i = 0; i < parentheses; i++)
		TRY(advance(parser));
	if (parentheses)
		return parse_test(parser, parentheses, predicate_out);
	TRY(advance(parser));
	TRY(parse_or(parser, predicate_out));
	return expect(parser, TOKEN_CLOSE, "')'");
}

static enum status parse_not(struct parser *parser, const struct predicate **predicate_out)
{
	bool negate = false;
	bool taken = false;
	for (;;) {
		TRY(take_keyword(parser, "not", &taken));
		if (!taken)
			break;
		negate = !negate;
	}
	TRY(parse_primary(parser, predicate_out));
	if (negate)
		*predicate_out = negated(parser, *predicate_out);
	return STATUS_OK;
}

static enum status parse_and(struct parser *parser, const struct predicate **predicate_out)
{
	TRY(parse_not(parser, predicate_out));
	for (;;) {
		bool taken = false;
		const struct predicate *second = NULL;
		TRY(take_keyword(parser, "and", &taken));
		if (!taken)
			return STATUS_OK;
		TRY(parse_not(parser, &second));
		*predicate_out = node(parser,
			(struct predicate){
				.kind = PREDICATE_AND, .first = *predicate_out, .second = second});
	}
}

static enum status parse_or(struct parser *parser, const struct predicate **predicate_out)
{
	if (++parser->depth > DEPTH_MAX)
		return fail(parser->err, STATUS_RESOURCE_EXHAUSTED,
			"expression is nested deeper than %d at byte %zu", DEPTH_MAX,
			parser->token.at);
	TRY(parse_and(parser, predicate_out));
	for (;;) {
		bool taken = false;
		const struct predicate *second = NULL;
		TRY(take_keyword(parser, "or", &taken));
		if (!taken)
			break;
		TRY(parse_and(parser, &second));
		*predicate_out = node(parser,
			(struct predicate){
				.kind = PREDICATE_OR, .first = *predicate_out, .second = second});
	}
	parser->depth--;
	return STATUS_OK;
}

enum status predicate_parse(struct arena *arena, struct text expression, const struct column *keys,
	size_t key_count, const struct predicate **predicate_out, struct error *err)
{
	if (expression.length > LIMIT_EXPRESSION_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"expression of %zu bytes is longer than %d", expression.length,
			LIMIT_EXPRESSION_BYTES);
	struct parser parser = {
		.lexer = {.text = expression, .arena = arena},
		.keys = keys,
		.key_count = key_count,
		.arena = arena,
		.err = err,
	};
	const struct predicate *predicate = NULL;
	TRY(advance(&parser));
	TRY(parse_or(&parser, &predicate));
	if (parser.token.kind != TOKEN_END)
		return refuse(&parser, "AND, OR or the end");
	*predicate_out = predicate;
	return STATUS_OK;
}
