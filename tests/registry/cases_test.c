/* Compatibility by cases: the files of tests/cases/registry say of two definitions
 * whether each reads the other's data, and what stands in the way. The verdicts are
 * written by hand, from the specifications; UPDATE=1 rewrites what is indented.
 *
 *   # label
 *   > LEFT, on one line
 *   < RIGHT
 *   left reads right: no
 *     removed a.b: string -> (nothing): why
 *   right reads left: yes
 */
#include "tests/unit.h"

#include "registry/registry.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 1 << 20 };

static const struct file {
	const char *path;
	Tenon__V1__DataFormat format;
	size_t least; /* cases that must be in it */
} files[] = {
	{"tests/cases/registry/avro.txt", TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO, 40},
	{"tests/cases/registry/json.txt", TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON, 40},
	{"tests/cases/registry/protobuf.txt", TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF, 30},
};

struct sheet {
	struct arena *arena;
	const struct file *file;
	struct buffer got;
	struct text label;
	struct text sides[2]; /* left, right */
	size_t cases;
	size_t wrong;
};

static struct text slurp(struct arena *arena, const char *path)
{
	char *bytes = arena_alloc(arena, FILE_BYTES_MAX);
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is missing", path);
	size_t length = fread(bytes, 1, FILE_BYTES_MAX, file);
	(void)fclose(file);
	assert_true(length < FILE_BYTES_MAX);
	return (struct text){bytes, length};
}

static const struct definition *parsed(struct sheet *sheet, struct text text)
{
	const struct definition *definition = NULL;
	struct error err;
	if (definition_parse(sheet->arena, sheet->file->format, text, &definition, &err) !=
		STATUS_OK)
		fail_msg("%s: %.*s: %s", sheet->file->path, TEXT_ARG(sheet->label), err.message);
	return definition;
}

static bool reads(struct sheet *sheet, struct text reader, struct text writer, bool newer,
	struct obstacles *obstacles)
{
	struct error err;
	bool reads = false;
	*obstacles = (struct obstacles){0};
	assert_ok(definition_reads(sheet->arena, parsed(sheet, reader), parsed(sheet, writer),
			  newer, obstacles, &reads, &err),
		&err);
	if (!reads && obstacles->count == 0)
		fail_msg("%.*s: no, and nothing says why", TEXT_ARG(sheet->label));
	if (reads && obstacles->count)
		fail_msg("%.*s: yes, and yet '%.*s'", TEXT_ARG(sheet->label),
			TEXT_ARG(obstacles->at[0].reason));
	return reads;
}

/* The right one is taken for the older. */
static void verdict(struct sheet *sheet, struct text line)
{
	bool left = text_starts(line, TEXT("left"));
	bool expected = text_ends(line, TEXT(": yes"));
	struct obstacles obstacles;
	bool got = reads(sheet, sheet->sides[!left], sheet->sides[left], left, &obstacles);
	if (!expected && !text_ends(line, TEXT(": no")))
		fail_msg("%.*s: '%.*s' says neither yes nor no", TEXT_ARG(sheet->label),
			TEXT_ARG(line));
	if (got != expected) {
		print_error("%s: %.*s: %.*s, but it was said: %s %.*s\n", sheet->file->path,
			TEXT_ARG(sheet->label), TEXT_ARG(line), got ? "yes" : "no",
			TEXT_ARG(obstacles.count ? obstacles.at[0].reason : TEXT("")));
		sheet->wrong++;
	}
	for (size_t i = 0; i < obstacles.count; i++) {
		const struct obstacle *o = &obstacles.at[i];
		buffer_printf(&sheet->got, "  %s %.*s: %.*s -> %.*s: %.*s\n", o->kind,
			TEXT_ARG(o->path.length ? o->path : TEXT("(all)")),
			TEXT_ARG(o->before.length ? o->before : TEXT("(nothing)")),
			TEXT_ARG(o->after.length ? o->after : TEXT("(nothing)")),
			TEXT_ARG(o->reason));
	}
}

/* What holds of every definition there is. */
static void laws(struct sheet *sheet, struct text text)
{
	struct obstacles obstacles;
	struct error err;
	if (!reads(sheet, text, text, true, &obstacles))
		fail_msg("%.*s: does not read itself", TEXT_ARG(sheet->label));
	struct text canonical = definition_canonical(sheet->arena, parsed(sheet, text));
	struct text again = definition_canonical(sheet->arena, parsed(sheet, canonical));
	if (!text_equal(canonical, again))
		fail_msg("canonical text '%.*s' became '%.*s'", TEXT_ARG(canonical),
			TEXT_ARG(again));
	assert_true(reads(sheet, canonical, text, true, &obstacles));
	assert_true(reads(sheet, text, canonical, true, &obstacles));
	Tenon__V1__DiffSchemaVersionsResponse diff = TENON__V1__DIFF_SCHEMA_VERSIONS_RESPONSE__INIT;
	assert_ok(definition_diff(
			  sheet->arena, parsed(sheet, text), parsed(sheet, canonical), &diff, &err),
		&err);
	assert_string_equal(diff.severity, "safe");
}

/* Every mode is made of the one question. */
static void modes_agree(struct sheet *sheet)
{
	struct obstacles obstacles;
	bool forth = reads(sheet, sheet->sides[0], sheet->sides[1], true, &obstacles);
	bool back = reads(sheet, sheet->sides[1], sheet->sides[0], true, &obstacles);
	const struct definition *newer = parsed(sheet, sheet->sides[0]);
	const struct definition *older = parsed(sheet, sheet->sides[1]);
	for (int id = TENON__V1__COMPATIBILITY__COMPATIBILITY_NONE;
		id <= TENON__V1__COMPATIBILITY__COMPATIBILITY_FULL_ALL; id++) {
		const struct mode *mode = mode_of((Tenon__V1__Compatibility)id);
		struct error err;
		bool follows;
		obstacles = (struct obstacles){0};
		assert_ok(definition_follows(
				  sheet->arena, mode, newer, older, &obstacles, &follows, &err),
			&err);
		bool expected = true;
		if (strstr(mode->name, "FULL"))
			expected = forth && back;
		else if (strstr(mode->name, "BACKWARD"))
			expected = forth;
		else if (strstr(mode->name, "FORWARD"))
			expected = back;
		if (follows != expected)
			fail_msg("%.*s: %s says %d", TEXT_ARG(sheet->label), mode->name, follows);
		assert_int_equal(follows, obstacles.count == 0);
	}
}

static void line_read(struct sheet *sheet, struct text line)
{
	if (text_starts(line, TEXT("  ")))
		return;
	buffer_add_text(&sheet->got, line);
	buffer_add_byte(&sheet->got, '\n');
	if (text_starts(line, TEXT("#")))
		sheet->label = text_from(line, 2);
	if (text_starts(line, TEXT("> ")) || text_starts(line, TEXT("< "))) {
		sheet->sides[line.at[0] == '<'] = text_from(line, 2);
		laws(sheet, text_from(line, 2));
	}
	if (text_starts(line, TEXT("left reads right")) ||
		text_starts(line, TEXT("right reads left"))) {
		verdict(sheet, line);
		sheet->cases += line.at[0] == 'l';
		modes_agree(sheet);
	}
}

static void a_file_holds(const struct file *file)
{
	struct sheet sheet = {.arena = arena_new(), .file = file};
	struct text all = slurp(sheet.arena, file->path);
	struct text rest = all;
	struct text line;
	bool more = true;
	buffer_init(&sheet.got, FILE_BYTES_MAX);
	while (text_split(&rest, &more, '\n', &line)) {
		if (line.length || more)
			line_read(&sheet, line);
	}
	assert_int_equal(sheet.wrong, 0);
	assert_true(sheet.cases >= file->least);
	if (!text_equal(all, buffer_text(&sheet.got)) && getenv("UPDATE")) {
		FILE *out = fopen(file->path, "wb");
		assert_non_null(out);
		(void)fwrite(sheet.got.at, 1, sheet.got.length, out);
		(void)fclose(out);
	} else if (!text_equal(all, buffer_text(&sheet.got))) {
		size_t at = 0;
		while (at < all.length && at < sheet.got.length && all.at[at] == sheet.got.at[at])
			at++;
		struct text now = text_from(buffer_text(&sheet.got), at);
		fail_msg("%s differs at byte %zu (UPDATE=1 accepts it), now: %.*s", file->path, at,
			TEXT_ARG(text_until(now, text_find(now, '\n'))));
	}
	buffer_done(&sheet.got);
	arena_free(sheet.arena);
}

static void avro_is_read_as_its_specification_resolves_it(void **state)
{
	(void)state;
	a_file_holds(&files[0]);
}

static void json_is_read_when_all_that_may_be_written_is_valid(void **state)
{
	(void)state;
	a_file_holds(&files[1]);
}

static void protobuf_is_read_as_its_wire_format_allows(void **state)
{
	(void)state;
	a_file_holds(&files[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(avro_is_read_as_its_specification_resolves_it),
		cmocka_unit_test(json_is_read_when_all_that_may_be_written_is_valid),
		cmocka_unit_test(protobuf_is_read_as_its_wire_format_allows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
