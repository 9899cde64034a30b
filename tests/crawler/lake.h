#pragma once

#include "crawler/entry.h"
#include "crawler/group.h"
#include "crawler/rows.h"
#include "schema/notation.h"
#include "tests/unit.h"

/* A listing made by hand: one line per object, "path classification columns",
 * for example "/t/a.csv csv a:int,b:string". Classification "csv;" has its
 * delimiter after it. A line "path" alone is an object of no table. */
struct lake {
	struct arena *arena;
	struct rows *rows;
	struct found *found;
	size_t count;
};

static inline void lake_add(struct lake *lake, struct text line)
{
	struct error err;
	struct found *found = &lake->found[lake->count++];
	struct text rest = line;
	bool more = true;
	struct text path;
	struct text format = {0};
	(void)text_split(&rest, &more, ' ', &path);
	struct object *object = arena_alloc(lake->arena, sizeof *object);
	*object = (struct object){.path = arena_copy(lake->arena, path), .bytes = 10};
	found->object = object;
	found->changed = true;
	found->entry = entry_new(lake->arena, object);
	if (!text_split(&rest, &more, ' ', &format))
		return;
	const struct type *row = NULL;
	assert_ok(type_parse(lake->arena,
			  text_of(arena_printf(lake->arena, "struct<%.*s>", TEXT_ARG(rest))), &row,
			  &err),
		&err);
	char delimiter = text_starts(format, TEXT("csv")) ? ',' : 0;
	if (format.length == 4)
		delimiter = format.at[3];
	struct inferred inferred = {
		.classification =
			arena_text(lake->arena, delimiter ? text_until(format, 3) : format),
		.dialect = {.delimiter = delimiter, .header = delimiter != 0},
		.row = row,
		.rows = 5,
	};
	entry_fill(lake->arena, found->entry, &inferred);
	assert_ok(rows_of_entry(lake->rows, found->entry, &found->row, &err), &err);
}

/* `lines` are sorted by path, separated by newlines. */
static inline void lake_make(struct lake *lake, const char *lines)
{
	struct text rest = text_of(lines);
	bool more = true;
	struct text line;
	lake->arena = arena_new();
	lake->rows = rows_new(lake->arena);
	lake->found = arena_array(lake->arena, 64, sizeof *lake->found);
	lake->count = 0;
	while (text_split(&rest, &more, '\n', &line)) {
		if (line.length)
			lake_add(lake, line);
	}
}

static inline void lake_done(struct lake *lake)
{
	rows_free(lake->rows);
	arena_free(lake->arena);
}
