#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* The words of one DDL statement, with their places in its file. */
enum ddl_kind {
	DDL_END,
	DDL_WORD, /* a name or keyword, or a number: letters, digits and '_' */
	DDL_NAME, /* in backticks, or in double quotes where a name stands: never a keyword */
	DDL_STRING, /* in quotes; `text` is its value */
	DDL_SYMBOL, /* one byte */
};

struct ddl_token {
	enum ddl_kind kind;
	struct text text;
	size_t from, to; /* bytes of the statement */
	size_t line, column;
};

struct ddl_lexer {
	struct text text;
	size_t at;
	size_t line, column; /* of the byte at `at` */
	struct arena *arena; /* for values */
};

/* INVALID_ARGUMENT for a quote that stays open, which a statement that was cut has not. */
enum status ddl_lex(
	struct ddl_lexer *lexer, struct ddl_token *token_out, struct error *err) MUST_USE;
