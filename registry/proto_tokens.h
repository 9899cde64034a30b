#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

/* Inside the room: a .proto file cut into tokens, comments and white space gone
 * (Protocol Buffers Language Specification, "Lexical Elements"). */
enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_INTEGER, TOKEN_REAL, TOKEN_STRING, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	uint32_t line; /* from 1 */
	struct text text; /* as written; a string with its quotes */
};

struct tokens {
	const struct token *at; /* the last one is TOKEN_END */
	size_t count;
};

enum status tokens_read(struct arena *arena, struct text text, struct tokens *tokens_out,
	struct error *err) MUST_USE;
