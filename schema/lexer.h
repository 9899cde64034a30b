#pragma once

#include "base/arena.h"
#include "base/error.h"

/* The words of a partition expression (predicate.c): a small SQL. */
enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* an identifier or keyword */
	TOKEN_NAME, /* an identifier in backticks: never a keyword */
	TOKEN_NUMBER, /* [+-]digits[.digits] */
	TOKEN_STRING, /* quoted; `text` is its value */
	TOKEN_OPERATOR, /* = == <> != < <= > >= */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
};

struct token {
	enum token_kind kind;
	struct text text;
	size_t at; /* byte where it starts */
};

struct lexer {
	struct text text;
	size_t at;
	struct arena *arena; /* for strings with escapes */
};

/* INVALID_ARGUMENT naming the byte where no token can start or a quote is open. */
enum status lexer_next(struct lexer *lexer, struct token *token_out, struct error *err) MUST_USE;
