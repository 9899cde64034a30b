#include "clients/cli/grid.h"
#include "clients/cli/load.h"
#include "proto/json.h"

#include <inttypes.h>

static const char *const kinds[IMPORT_KINDS_] = {
	[IMPORT_DATABASE] = "database",
	[IMPORT_TABLE] = "table",
	[IMPORT_FUNCTION] = "function",
	[IMPORT_PARTITION] = "partition",
	[IMPORT_STATISTICS] = "statistics",
};

static const struct {
	const char *done, *planned;
	enum paint paint;
	const char *key; /* in JSON */
} outcomes[LOAD_OUTCOMES_] = {
	[LOAD_CREATED] = {"created", "to create", PAINT_GREEN, "created"},
	[LOAD_REPLACED] = {"replaced", "to replace", PAINT_YELLOW, "replaced"},
	[LOAD_UNCHANGED] = {"unchanged", "unchanged", PAINT_DIM, "unchanged"},
	[LOAD_EXISTS] = {"left as is", "to leave", PAINT_DIM, "exists"},
	[LOAD_FAILED] = {"failed", "failed", PAINT_RED, "failed"},
};

static const char *outcome_name(const struct load *load, enum load_outcome outcome)
{
	return load->options.plan ? outcomes[outcome].planned : outcomes[outcome].done;
}

/* "1,204 created, 3 exists" */
static const char *counts_text(const struct load *load, const uint64_t *counts)
{
	struct arena *arena = load->cli->arena;
	const char *text = "";
	for (enum load_outcome i = 0; i < LOAD_OUTCOMES_; i++) {
		if (counts[i])
			text = arena_printf(arena, "%s%s%s %s", text, text[0] ? ", " : "",
				human_count(arena, counts[i]), outcome_name(load, i));
	}
	return text;
}

static bool is_shown(const struct load_row *row)
{
	/* A database that a table only needed, and that was there. */
	if (row->kind == IMPORT_DATABASE && row->implied && row->outcome == LOAD_EXISTS)
		return false;
	return row->outcome != LOAD_OUTCOMES_ || row->kind == IMPORT_TABLE;
}

static void render_rows(const struct load *load)
{
	static const struct grid_column columns[] = {{.title = "KIND"},
		{.title = "NAME", .elastic = true}, {.title = "OUTCOME"}, {.title = "PARTITIONS"}};
	struct grid *grid = grid_new(&load->cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < load->rows_count; i++) {
		const struct load_row *row = &load->rows[i];
		bool known = row->outcome != LOAD_OUTCOMES_;
		if (!is_shown(row))
			continue;
		grid_cell(grid, kinds[row->kind]);
		grid_cell(grid, row->name);
		grid_painted(grid, known ? outcomes[row->outcome].paint : PAINT_NONE,
			known ? outcome_name(load, row->outcome) : "-");
		grid_cell(grid, counts_text(load, row->partitions));
	}
	if (grid_rows(grid))
		grid_draw(grid, "");
	if (load->rows_others)
		screen_printf(&load->cli->screen, PAINT_DIM, "and %s more\n",
			human_count(load->cli->arena, load->rows_others));
}

static void render_notes(const struct load *load)
{
	struct screen *screen = &load->cli->screen;
	struct arena *arena = load->cli->arena;
	for (enum import_fate fate = IMPORT_LEFT_OUT; fate <= IMPORT_ADDED; fate++) {
		for (size_t i = 0; i < load->notes.count; i++) {
			const struct import_note *note = &load->notes.rows[i];
			if (note->fate != fate)
				continue;
			screen_printf(screen, PAINT_DIM, "%-9s", import_fate_name(fate));
			screen_printf(screen, PAINT_NONE, " %s%s%s", note->what,
				note->how[0] ? ": " : "", note->how);
			screen_printf(screen, PAINT_DIM, " (%s)\n",
				human_things(arena, note->count, "time"));
		}
	}
	if (load->notes.others)
		screen_printf(screen, PAINT_DIM, "and %s more of this kind\n",
			human_count(arena, load->notes.others));
}

static const char *place(const struct load *load, const struct load_failure *failure)
{
	struct arena *arena = load->cli->arena;
	return failure->column ? arena_printf(arena, "%s:%zu:%zu", failure->file, failure->line,
					 failure->column)
			       : arena_printf(arena, "%s:%zu", failure->file, failure->line);
}

static void render_failures(const struct load *load)
{
	struct screen *screen = &load->cli->screen;
	for (size_t i = 0; i < load->failures_count; i++) {
		const struct load_failure *failure = &load->failures[i];
		screen_text(screen, PAINT_RED, "failed");
		screen_printf(screen, PAINT_NONE, " %s: %s%s%s: %s\n", place(load, failure),
			failure->kind < IMPORT_KINDS_ ? kinds[failure->kind] : "item",
			failure->name[0] ? " " : "", failure->name, failure->why.message);
	}
	if (load->failures_others)
		screen_printf(screen, PAINT_RED, "and %s more failed\n",
			human_count(load->cli->arena, load->failures_others));
}

void load_render(const struct load *load, bool finished)
{
	static const char *const plurals[IMPORT_KINDS_] = {
		"databases", "tables", "functions", "partitions", "statistics"};
	struct screen *screen = &load->cli->screen;
	bool any = false;
	render_rows(load);
	render_notes(load);
	render_failures(load);
	for (enum import_kind kind = 0; kind < IMPORT_KINDS_; kind++) {
		const char *text = counts_text(load, load->counts[kind]);
		if (!text[0])
			continue;
		screen_printf(screen, PAINT_NONE, "%s%s: %s", any ? "; " : "", plurals[kind], text);
		any = true;
	}
	if (any || finished)
		screen_text(screen, PAINT_NONE, any ? "\n" : "Nothing to import\n");
}

/* ---- JSON: its shape is docs/import.md's ---- */

static void add_string(struct buffer *out, const char *key, const char *value)
{
	buffer_printf(out, "\"%s\": ", key);
	json_add_string(out, text_of(value));
}

static void add_counts(struct buffer *out, const uint64_t *counts)
{
	for (enum load_outcome i = 0; i < LOAD_OUTCOMES_; i++)
		buffer_printf(
			out, "%s\"%s\": %" PRIu64, i ? ", " : "{", outcomes[i].key, counts[i]);
	buffer_add_byte(out, '}');
}

static void begin(struct buffer *out, bool *any)
{
	buffer_add_string(out, *any ? ",\n    {" : "\n    {");
	*any = true;
}

static void add_rows(const struct load *load, struct buffer *out)
{
	bool any = false;
	buffer_add_string(out, "  \"items\": [");
	for (size_t i = 0; i < load->rows_count; i++) {
		const struct load_row *row = &load->rows[i];
		if (!is_shown(row))
			continue;
		begin(out, &any);
		add_string(out, "kind", kinds[row->kind]);
		buffer_add_string(out, ", ");
		add_string(out, "name", row->name);
		buffer_add_string(out, ", ");
		add_string(out, "outcome",
			row->outcome < LOAD_OUTCOMES_ ? outcomes[row->outcome].key : "");
		buffer_add_string(out, ", \"partitions\": ");
		add_counts(out, row->partitions);
		buffer_add_byte(out, '}');
	}
	buffer_add_string(out, any ? "\n  ],\n" : "],\n");
}

static void add_notes(const struct load *load, struct buffer *out)
{
	bool any = false;
	buffer_add_string(out, "  \"notes\": [");
	for (size_t i = 0; i < load->notes.count; i++) {
		const struct import_note *note = &load->notes.rows[i];
		begin(out, &any);
		add_string(out, "fate", import_fate_name(note->fate));
		buffer_add_string(out, ", ");
		add_string(out, "what", note->what);
		buffer_add_string(out, ", ");
		add_string(out, "how", note->how);
		buffer_printf(out, ", \"count\": %" PRIu64 "}", note->count);
	}
	buffer_add_string(out, any ? "\n  ],\n" : "],\n");
}

static void add_failures(const struct load *load, struct buffer *out)
{
	bool any = false;
	buffer_add_string(out, "  \"failures\": [");
	for (size_t i = 0; i < load->failures_count; i++) {
		const struct load_failure *failure = &load->failures[i];
		begin(out, &any);
		add_string(out, "kind", failure->kind < IMPORT_KINDS_ ? kinds[failure->kind] : "");
		buffer_add_string(out, ", ");
		add_string(out, "name", failure->name);
		buffer_add_string(out, ", ");
		add_string(out, "file", failure->file);
		buffer_printf(out, ", \"line\": %zu, \"column\": %zu, \"count\": %" PRIu64 ", ",
			failure->line, failure->column, failure->count);
		add_string(out, "code", status_name(failure->why.status));
		buffer_add_string(out, ", ");
		add_string(out, "message", failure->why.message);
		buffer_add_byte(out, '}');
	}
	buffer_add_string(out, any ? "\n  ]\n" : "]\n");
}

void load_json(const struct load *load, const char *source, bool finished)
{
	static const char *const plurals[IMPORT_KINDS_] = {
		"databases", "tables", "functions", "partitions", "statistics"};
	struct buffer *out = &load->cli->screen.out;
	buffer_add_string(out, "{\n  ");
	add_string(out, "source", source);
	buffer_printf(out, ",\n  \"plan\": %s,\n  \"finished\": %s,\n  \"counts\": {",
		load->options.plan ? "true" : "false", finished ? "true" : "false");
	for (enum import_kind kind = 0; kind < IMPORT_KINDS_; kind++) {
		buffer_printf(out, "%s\n    \"%s\": ", kind ? "," : "", plurals[kind]);
		add_counts(out, load->counts[kind]);
	}
	buffer_add_string(out, "\n  },\n");
	add_rows(load, out);
	add_notes(load, out);
	add_failures(load, out);
	buffer_add_string(out, "}\n");
}
