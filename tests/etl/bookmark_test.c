#include "tests/unit.h"

#include "base/memory.h"
#include "etl/bookmark.h"

#include <stdio.h>
#include <stdlib.h>

/* The merge-join against every subset: which of ten files were seen is a bit
 * mask, and so is which of them changed since. */
enum { FILES = 10, PAGE = 3 };

struct world {
	unsigned seen, changed;
	bool unsorted;
	size_t asked;
};

static enum status on_bookmark(void *state, const char *context, struct text after,
	struct arena *arena, Tenon__V1__SeenFile ***files_out, size_t *count_out, struct error *err)
{
	(void)err;
	struct world *world = state;
	assert_string_equal(context, "node");
	Tenon__V1__SeenFile **page = arena_array(arena, PAGE, sizeof *page);
	size_t count = 0;
	/* Files -1 and 10 were read once and are gone from the listing. */
	for (int i = -1; i <= FILES && count < PAGE; i++) {
		char path[16];
		snprintf(path, sizeof path, "/f/%02d", i + 1);
		bool seen = i < 0 || i == FILES || (world->seen >> i & 1);
		if (!seen || text_compare(text_of(path), after) <= 0)
			continue;
		Tenon__V1__SeenFile *file = arena_alloc(arena, sizeof *file);
		tenon__v1__seen_file__init(file);
		file->path = arena_text(arena, text_of(path));
		file->bytes = i >= 0 && (world->changed >> i & 1) ? 2 : 1;
		file->run_id = arena_text(arena, TEXT("r0"));
		page[count++] = file;
	}
	if (world->unsorted && count > 1) {
		Tenon__V1__SeenFile *first = page[0];
		page[0] = page[1];
		page[1] = first;
	}
	world->asked++;
	*files_out = page;
	*count_out = count;
	return STATUS_OK;
}

static enum status select_in(struct world *world, Tenon__V1__OverwriteMode mode,
	struct arena *arena, struct source *source, struct error *err)
{
	const struct etl_host host = {.state = world, .bookmark = on_bookmark};
	*source = (struct source){.arena = arena};
	source->files = arena_array(arena, FILES, sizeof *source->files);
	source->file_count = FILES;
	for (size_t i = 0; i < FILES; i++) {
		source->files[i].object.path = text_of(arena_printf(arena, "/f/%02zu", i + 1));
		source->files[i].object.bytes = 1;
		source->files[i].object.etag = TEXT("");
	}
	return bookmark_select(&host, "node", mode, source, err);
}

static void every_subset_is_selected_exactly(void **state)
{
	(void)state;
	for (unsigned seen = 0; seen < 1u << FILES; seen++) {
		OWNED(arena) arena = arena_new();
		struct world world = {.seen = seen, .changed = 0x155};
		struct source source;
		struct error err;
		assert_ok(select_in(&world, TENON__V1__OVERWRITE_MODE__OVERWRITE_MODE_UNSPECIFIED,
				  arena, &source, &err),
			&err);
		unsigned got = 0;
		for (size_t i = 0; i < source.file_count; i++)
			got |= 1u << (atoi(source.files[i].object.path.at + 3) - 1);
		assert_int_equal(got, ~seen & ((1u << FILES) - 1));
		assert_int_equal(source.seen_before, __builtin_popcount(seen));
		assert_int_equal(
			source.overwritten_count, __builtin_popcount(seen & world.changed));
		assert_ok(select_in(&world, TENON__V1__OVERWRITE_MODE__OVERWRITE_MODE_REPROCESS,
				  arena, &source, &err),
			&err);
		assert_int_equal(source.file_count,
			__builtin_popcount((~seen | world.changed) & ((1u << FILES) - 1)));
		enum status refused = select_in(&world,
			TENON__V1__OVERWRITE_MODE__OVERWRITE_MODE_FAIL, arena, &source, &err);
		assert_int_equal(
			refused, seen & world.changed ? STATUS_FAILED_PRECONDITION : STATUS_OK);
	}
}

static void a_bookmark_out_of_order_is_refused(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct world world = {.seen = 0x3ff, .unsorted = true};
	struct source source;
	struct error err;
	assert_int_equal(select_in(&world, TENON__V1__OVERWRITE_MODE__OVERWRITE_MODE_REPORT, arena,
				 &source, &err),
		STATUS_DATA_LOSS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_subset_is_selected_exactly),
		cmocka_unit_test(a_bookmark_out_of_order_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
