#include "tests/catalog/fixture.h"

#include "catalog/key.h"
#include "catalog/store.h"

enum { KEYS = 600 };

struct keys {
	struct text at[KEYS];
	size_t count;
	unsigned seed;
};

static unsigned chance(struct keys *keys, unsigned below)
{
	keys->seed = keys->seed * 1103515245u + 12345u;
	return (keys->seed >> 16) % below;
}

/* Lengths about every place where a stretch of a key ends, and few letters, so
 * that long keys share long heads. */
static struct text key_made(struct keys *keys, struct arena *arena)
{
	static const size_t edges[] = {
		1, 100, 509, 510, 511, 512, 1011, 1012, 1013, 1014, 1514, 4096};
	size_t length = edges[chance(keys, sizeof edges / sizeof *edges)] + chance(keys, 2);
	char *bytes = arena_alloc(arena, length + 1);
	memset(bytes, 'm', length);
	for (int i = 0; i < 2; i++)
		bytes[chance(keys, (unsigned)length)] = "\0am\377"[chance(keys, 4)];
	if (chance(keys, 3) == 0)
		bytes[length - 1] = "\0az\377"[chance(keys, 4)];
	return (struct text){bytes, length};
}

static int by_text(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static size_t keys_place(const struct keys *keys, struct text key)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (text_equal(keys->at[i], key))
			return i;
	}
	return keys->count;
}

static enum status same_scan(struct catalog_txn *txn, const struct keys *keys, struct text prefix,
	struct text after, struct error *err)
{
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_FILES, prefix, after, &scan, err));
	for (size_t i = 0; i <= keys->count; i++) {
		if (i < keys->count && (!text_starts(keys->at[i], prefix) ||
					       text_compare(keys->at[i], after) <= 0))
			continue;
		bool found;
		struct text key;
		struct text value;
		TRY(scan_next(scan, &found, &key, &value, err));
		if (found != (i < keys->count))
			return fail(err, STATUS_INTERNAL, "%s at %zu of %zu",
				found ? "one too many" : "ends", i, keys->count);
		if (found && (!text_equal(key, keys->at[i]) || !text_equal(key, value)))
			return fail(err, STATUS_INTERNAL, "another key at %zu", i);
	}
	return STATUS_OK;
}

static enum status compare(
	struct catalog_txn *txn, struct keys *keys, struct arena *arena, struct error *err)
{
	qsort(keys->at, keys->count, sizeof *keys->at, by_text);
	TRY(same_scan(txn, keys, TEXT(""), TEXT(""), err));
	for (int i = 0; i < 40; i++) {
		struct text any = key_made(keys, arena);
		struct text some =
			keys->count ? keys->at[chance(keys, (unsigned)keys->count)] : any;
		TRY(same_scan(txn, keys, TEXT(""), some, err));
		TRY(same_scan(txn, keys, TEXT(""), any, err));
		TRY(same_scan(txn, keys, text_until(some, chance(keys, 1200)), TEXT(""), err));
		TRY(same_scan(txn, keys, text_until(some, chance(keys, 1200)), any, err));
	}
	return STATUS_OK;
}

static enum status random_puts_and_deletes(struct catalog_txn *txn, void *state, struct error *err)
{
	struct fixture *fixture = state;
	struct keys *keys = arena_alloc(fixture->arena, sizeof *keys);
	keys->seed = 7;
	for (int round = 0; round < 12; round++) {
		for (int i = 0; i < 60 && keys->count < KEYS; i++) {
			struct text key = key_made(keys, fixture->arena);
			TRY(store_put(txn, DB_FILES, key, key, err));
			if (keys_place(keys, key) == keys->count)
				keys->at[keys->count++] = key;
		}
		for (int i = 0; i < 30; i++) {
			struct text key = chance(keys, 2)
						  ? keys->at[chance(keys, (unsigned)keys->count)]
						  : key_made(keys, fixture->arena);
			size_t place = keys_place(keys, key);
			bool found;
			struct text value;
			TRY(store_find(txn, DB_FILES, key, &found, &value, err));
			if (found != (place < keys->count))
				return fail(err, STATUS_INTERNAL, "find says %d", found);
			TRY(store_delete(txn, DB_FILES, key, &found, err));
			if (found != (place < keys->count))
				return fail(err, STATUS_INTERNAL, "delete says %d", found);
			if (found)
				keys->at[place] = keys->at[--keys->count];
		}
		TRY(compare(txn, keys, fixture->arena, err));
	}
	uint64_t deleted;
	TRY(store_delete_prefix(txn, DB_FILES, TEXT(""), &deleted, err));
	if (deleted != keys->count)
		return fail(err, STATUS_INTERNAL, "%zu deleted", (size_t)deleted);
	MDB_stat left;
	(void)mdb_stat(txn->mdb, txn->catalog->dbis[DB_LONG], &left);
	if (left.ms_entries)
		return fail(err, STATUS_INTERNAL, "%zu stretches are left", left.ms_entries);
	return STATUS_OK;
}

static void keys_of_any_length_keep_their_order(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(catalog_write_now(f.catalog, random_puts_and_deletes, &f, &f.err), &f.err);
	fixture_close(&f);
}

static enum status longest_key(struct catalog_txn *txn, void *state, struct error *err)
{
	struct arena *arena = state;
	char *bytes = arena_alloc(arena, KEY_BYTES_MAX);
	memset(bytes, 'k', KEY_BYTES_MAX);
	struct text key = {bytes, KEY_BYTES_MAX};
	bool found;
	struct text value;
	TRY(store_put(txn, DB_FILES, key, TEXT("v"), err));
	TRY(store_find(txn, DB_FILES, key, &found, &value, err));
	if (!found || !text_equal(value, TEXT("v")))
		return fail(err, STATUS_INTERNAL, "not found");
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_FILES, TEXT("kk"), TEXT(""), &scan, err));
	struct text again;
	TRY(scan_next(scan, &found, &again, &value, err));
	if (!found || !text_equal(again, key))
		return fail(err, STATUS_INTERNAL, "scanned another key");
	return STATUS_OK;
}

static void the_longest_key_is_found_again(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(catalog_write_now(f.catalog, longest_key, f.arena, &f.err), &f.err);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_any_length_keep_their_order),
		cmocka_unit_test(the_longest_key_is_found_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
