#include "tests/imports/read_cases.h"

#include "base/buffer.h"
#include "proto/json.h"
#include "proto/tree.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 1 << 22 };

enum status memory_read(void *state, char *at, size_t size, size_t *got_out, struct error *err)
{
	struct memory_source *source = state;
	(void)err;
	size_t most = source->piece < size ? source->piece : size;
	*got_out = source->rest.length < most ? source->rest.length : most;
	if (*got_out)
		memcpy(at, source->rest.at, *got_out);
	source->rest = text_from(source->rest, *got_out);
	return STATUS_OK;
}

static struct text slurp(struct arena *arena, const char *path)
{
	struct buffer SCOPED_BUFFER bytes;
	char piece[4096];
	size_t got;
	buffer_init(&bytes, FILE_BYTES_MAX);
	FILE *file = fopen(path, "rb");
	if (!file)
		return TEXT("");
	while ((got = fread(piece, 1, sizeof piece, file)) > 0)
		buffer_add(&bytes, piece, got);
	(void)fclose(file);
	return arena_copy(arena, buffer_text(&bytes));
}

struct report {
	struct buffer out;
	struct arena *arena;
};

static void add_leaves(struct report *report, const char *path, const struct node *node)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];
		const char *below = node->kind == NODE_LIST
					    ? arena_printf(report->arena, "%s[%zu]", path, i)
					    : arena_printf(report->arena, "%s%s%.*s", path,
						      path[0] ? "." : "", TEXT_ARG(item->key));
		add_leaves(report, below, item);
	}
	bool empty = node->kind == NODE_NULL || node->kind == NODE_LIST ||
		     node->kind == NODE_OBJECT || (node->kind == NODE_BOOLEAN && !node->boolean) ||
		     (node->kind == NODE_WHOLE && node->whole == 0) ||
		     (node->kind == NODE_TEXT && node->text.length == 0);
	if (empty)
		return;
	buffer_printf(&report->out, "  %s = ", path);
	if (node->kind == NODE_TEXT)
		json_add_string(&report->out, node->text);
	else
		json_add_node(&report->out, node);
	buffer_add_byte(&report->out, '\n');
}

static void add_item(void *state, const struct import_item *item)
{
	static const char *const kinds[] = {
		"database", "table", "function", "partition", "statistics", "item"};
	struct report *report = state;
	struct buffer SCOPED_BUFFER json;
	struct node root = {0};
	struct error err;
	buffer_init(&json, FILE_BYTES_MAX);
	buffer_printf(&report->out, "%s at %zu:%zu", kinds[item->kind], item->line, item->column);
	if (item->why.status != STATUS_OK) {
		buffer_printf(&report->out, " %s: %s\n", status_name(item->why.status),
			item->why.message);
		return;
	}
	if (item->in_database && item->in_database[0])
		buffer_printf(&report->out, " in %s.%s", item->in_database, item->in_table);
	buffer_add_byte(&report->out, '\n');
	assert_ok(json_print(&item->table->base, JSON_COMPACT, &json, &err), &err);
	assert_ok(json_tree(buffer_text(&json), report->arena, &root, &err), &err);
	add_leaves(report, "", &root);
}

/* Read in pieces of `piece` bytes: that must make no difference. */
static struct text report_of(
	const struct case_reader *reader, struct text file, size_t piece, struct arena *arena)
{
	struct report report = {.arena = arena};
	struct import_notes *notes = arena_alloc(arena, sizeof *notes);
	struct error err;
	notes->arena = arena;
	buffer_init(&report.out, FILE_BYTES_MAX);
	enum status status = reader->read(file, piece, notes, add_item, &report, arena, &err);
	if (status != STATUS_OK)
		buffer_printf(&report.out, "ends %s: %s\n", status_name(status), err.message);
	for (size_t i = 0; i < notes->count; i++)
		buffer_printf(&report.out, "note %s %s%s%s (%" PRIu64 ")\n",
			import_fate_name(notes->rows[i].fate), notes->rows[i].what,
			notes->rows[i].how[0] ? ": " : "", notes->rows[i].how,
			notes->rows[i].count);
	struct text text = arena_copy(arena, buffer_text(&report.out));
	buffer_done(&report.out);
	return text;
}

static void read_case(const struct case_reader *reader, const char *path)
{
	OWNED(arena) arena = arena_new();
	struct text file = slurp(arena, path);
	struct text now = report_of(reader, file, SIZE_MAX, arena);
	struct text slow = report_of(reader, file, 1, arena);
	if (!text_equal(now, slow))
		fail_msg("%s: read byte by byte it says otherwise:\n%.*s", path, TEXT_ARG(slow));
	const char *expected = arena_printf(arena, "%s.expected", path);
	if (text_equal(now, slurp(arena, expected)))
		return;
	if (!getenv("UPDATE"))
		fail_msg("%s (UPDATE=1 accepts it) now:\n%.*s", expected, TEXT_ARG(now));
	FILE *out = fopen(expected, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(now.at, 1, now.length, out), now.length);
	assert_int_equal(fclose(out), 0);
}

void read_cases(const struct case_reader *reader)
{
	glob_t found;
	assert_int_equal(glob(reader->pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_case(reader, found.gl_pathv[i]);
	globfree(&found);
}
