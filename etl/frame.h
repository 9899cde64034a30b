#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "etl/run.h"
#include "schema/schema.h"

/* A frame is a query and its exact schema, choices included. It is known to SQL
 * by its node's name: each is a view. A choice column is STRUCT(tag, text) there. */
struct frame {
	struct text name;
	struct schema schema; /* columns only */
	struct text sql;
};

/* One column that a transform gives: an SQL expression over its inputs. */
struct output {
	struct column column;
	struct text expr;
};
struct outputs {
	struct output *at;
	size_t count, capacity;
};

struct engine;

/* What compiling a plan needs besides the plan. Everything made is in `arena`. */
struct compile {
	struct arena *arena;
	struct engine *engine; /* has a view for each frame compiled so far */
	const struct etl_host *host;
};

void outputs_add(struct arena *arena, struct outputs *outputs, struct text name,
	const struct type *type, struct text expr);
/* `SELECT outputs FROM from` as `frame`. INVALID_ARGUMENT when two outputs have one
 * name (letters' case apart) or none is left. */
enum status outputs_frame(struct arena *arena, const struct outputs *outputs, struct text from,
	struct frame *frame, struct error *err) MUST_USE;
/* A column of a frame as an expression. */
struct text column_expr(struct arena *arena, const struct column *column);
/* A line for the run's log. */
void compile_note(const struct compile *compile, const char *format, ...) PRINTF_LIKE(2, 3);
