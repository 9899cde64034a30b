#include "tests/unit.h"

#include "storage/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/tenon-store-XXXXXX";

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	char command[64];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command);
}

static char *in_root(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", root, name);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void locations_become_absolute_and_plain(void **state)
{
	(void)state;
	static const struct {
		const char *given, *normal;
	} rows[] = {
		{"/a//b/./c/../d/", "/a/b/d"},
		{"file:///x/y/", "/x/y"},
		{"/", "/"},
		{"/..", "/"},
		{"s3://bucket/key/", "s3://bucket/key"},
	};
	OWNED(arena) arena = arena_new();
	struct error err;
	struct text normal;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_ok(location_normal(arena, text_of(rows[i].given), &normal, &err), &err);
		assert_text_equal(normal, rows[i].normal);
	}
	assert_ok(location_normal(arena, TEXT("rel"), &normal, &err), &err);
	assert_int_equal(normal.at[0], '/');
	assert_true(text_ends(normal, TEXT("/rel")));
	assert_int_equal(location_normal(arena, (struct text){"a\0b", 3}, &normal, &err),
		STATUS_INVALID_ARGUMENT);
}

static void a_listing_is_sorted_and_skips_what_is_not_data(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	static const char *const folders[] = {"lake", "lake/b", "lake/_temporary", "lake/.git"};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(mkdir(in_root(arena, folders[i]), 0755), 0);
	put(in_root(arena, "lake/b/2.csv"), "x");
	put(in_root(arena, "lake/b/1.csv"), "xy");
	put(in_root(arena, "lake/b.csv"), "xyz");
	put(in_root(arena, "lake/empty"), "");
	put(in_root(arena, "lake/_SUCCESS"), "");
	put(in_root(arena, "lake/_temporary/0"), "x");
	put(in_root(arena, "lake/.part.crc"), "x");
	put(in_root(arena, "outside"), "secret");
	assert_int_equal(symlink("../b", in_root(arena, "lake/b/loop")), 0);
	assert_int_equal(symlink("../../outside", in_root(arena, "lake/b/leaves")), 0);
	assert_int_equal(symlink("1.csv", in_root(arena, "lake/b/same.csv")), 0);
	assert_int_equal(mkfifo(in_root(arena, "lake/pipe"), 0600), 0);

	OWNED(store) store = NULL;
	assert_ok(store_open(text_of(root), &store, &err), &err);
	struct listing listing;
	assert_ok(store_list(store, text_of(in_root(arena, "lake")), arena, &listing, &err), &err);
	assert_int_equal(listing.count, 4);
	assert_true(text_ends(listing.objects[0].path, TEXT("/lake/b.csv")));
	assert_true(text_ends(listing.objects[1].path, TEXT("/lake/b/1.csv")));
	assert_true(text_ends(listing.objects[2].path, TEXT("/lake/b/2.csv")));
	assert_true(text_ends(listing.objects[3].path, TEXT("/lake/b/same.csv")));
	assert_int_equal(listing.objects[1].bytes, 2);
	assert_true(listing.objects[1].modified_ns > 0);
	assert_int_equal(listing.skipped_hidden, 4);
	assert_int_equal(listing.skipped_empty, 1);
	assert_int_equal(listing.skipped_other, 3);

	assert_ok(store_list(store, text_of(in_root(arena, "lake/b/1.csv")), arena, &listing, &err),
		&err);
	assert_int_equal(listing.count, 1);
	assert_int_equal(
		store_list(store, TEXT("/no/such/lake"), arena, &listing, &err), STATUS_NOT_FOUND);
	assert_string_equal(err.message, "no file or folder '/no/such/lake'");
}

static void objects_are_read_at_any_offset(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	put(in_root(arena, "digits"), "0123456789");
	OWNED(store) store = NULL;
	assert_ok(store_open(text_of(root), &store, &err), &err);
	struct object object;
	assert_ok(store_stat(store, text_of(in_root(arena, "digits")), arena, &object, &err), &err);
	OWNED(object_file) file = NULL;
	assert_ok(object_open(store, &object, &file, &err), &err);
	char bytes[8];
	size_t got = 0;
	assert_ok(object_read(file, 7, bytes, sizeof bytes, &got, &err), &err);
	assert_int_equal(got, 3);
	assert_memory_equal(bytes, "789", 3);
	assert_ok(object_read(file, 100, bytes, sizeof bytes, &got, &err), &err);
	assert_int_equal(got, 0);
}

static void publishing_is_hidden_then_whole_and_may_be_repeated(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	OWNED(store) store = NULL;
	struct text target = text_of(in_root(arena, "out"));
	assert_ok(store_open(target, &store, &err), &err);
	assert_ok(stage_begin(store, target, TEXT("run-1"), &err), &err);
	assert_ok(stage_begin(store, target, TEXT("run-1"), &err), &err);
	struct text folder = stage_folder(arena, target, TEXT("run-1"));
	struct staged staged = {
		.from = text_of(arena_printf(arena, "%s/f.csv", folder.at)),
		.to = text_of(in_root(arena, "out/day=1/f.csv")),
		.bytes = 3,
	};
	put(staged.from.at, "abc");
	assert_ok(stage_sync(store, &staged, &err), &err);

	struct listing listing;
	assert_ok(store_list(store, target, arena, &listing, &err), &err);
	assert_int_equal(listing.count, 0);
	for (int again = 0; again < 3; again++)
		assert_ok(stage_publish(store, &staged, &err), &err);
	assert_ok(store_list(store, target, arena, &listing, &err), &err);
	assert_int_equal(listing.count, 1);
	assert_text_equal(listing.objects[0].path, staged.to.at);

	put(staged.from.at, "other");
	assert_int_equal(stage_publish(store, &staged, &err), STATUS_ALREADY_EXISTS);
	for (int again = 0; again < 2; again++)
		assert_ok(stage_discard(store, target, TEXT("run-1"), &err), &err);
	assert_int_equal(access(folder.at, F_OK), -1);
	assert_int_equal(access(staged.to.at, F_OK), 0);
}

static void a_lost_staged_file_is_told_and_no_other_folder_is_removed(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	OWNED(store) store = NULL;
	struct text target = text_of(in_root(arena, "safe"));
	assert_ok(store_open(target, &store, &err), &err);
	struct staged staged = {
		.from = text_of(in_root(arena, "safe/.tenon-stage/r/x")),
		.to = text_of(in_root(arena, "safe/x")),
		.bytes = 1,
	};
	assert_int_equal(stage_publish(store, &staged, &err), STATUS_DATA_LOSS);
	static const char *const foreign[] = {"", "..", "a/b", "../../x"};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(stage_discard(store, target, text_of(foreign[i]), &err),
			STATUS_INVALID_ARGUMENT);
}

static void an_unknown_scheme_is_named(void **state)
{
	(void)state;
	struct error err;
	struct store *store = NULL;
	assert_int_equal(store_open(TEXT("gs://bucket/x"), &store, &err), STATUS_UNIMPLEMENTED);
	assert_string_equal(
		err.message, "no storage for 'gs://' yet: local paths and file:// work");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locations_become_absolute_and_plain),
		cmocka_unit_test(a_listing_is_sorted_and_skips_what_is_not_data),
		cmocka_unit_test(objects_are_read_at_any_offset),
		cmocka_unit_test(publishing_is_hidden_then_whole_and_may_be_repeated),
		cmocka_unit_test(a_lost_staged_file_is_told_and_no_other_folder_is_removed),
		cmocka_unit_test(an_unknown_scheme_is_named),
	};
	return cmocka_run_group_tests(tests, make_root, remove_root);
}
