#include "catalog/search_chunk.h"

#include "catalog/key.h"
#include "catalog/search_cursor.h"
#include "catalog/store.h"
#include "tests/catalog/fixture.h"

enum { IDS = 6000, ABSENT = -1 };

/* Words that are beginnings of each other, and one whose keys are as long as another's. */
static const struct text words[] = {
	{"a", 1}, {"ab", 2}, {"abc", 3}, {"abd", 3}, {"\1n d\1t", 6}, {"z", 1}};
enum { WORDS = sizeof words / sizeof *words };

struct model {
	int fields[WORDS][IDS]; /* ABSENT, or the entry's */
};

struct writing {
	size_t word;
	struct chunk_change *changes;
	size_t count;
};

static enum status write_chunks(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct writing *writing = state;
	return chunk_write(txn, words[writing->word], writing->changes, writing->count, err);
}

/* Some ids between two, each written or taken away; the model knows. */
static void change(struct fixture *f, struct model *model, size_t word, int from, int to, int step)
{
	struct writing writing = {
		.word = word, .changes = calloc((size_t)(to - from), sizeof(struct chunk_change))};
	for (int id = from; id < to; id += 1 + rand() % step) {
		bool there = rand() % 4 != 0;
		unsigned fields = (unsigned)rand() % 2048;
		model->fields[word][id] = there ? (int)fields : ABSENT;
		writing.changes[writing.count++] =
			(struct chunk_change){{(uint64_t)id, fields}, there};
	}
	assert_ok(catalog_write_now(f->catalog, write_chunks, &writing, &f->err), &f->err);
	free(writing.changes);
}

static void must_find_as_the_model(struct catalog_txn *txn, const struct model *model, size_t word)
{
	for (int id = 0; id < IDS; id++) {
		bool found;
		unsigned fields;
		struct error err;
		assert_ok(chunk_find(txn, words[word], (uint64_t)id, &found, &fields, &err), &err);
		assert_int_equal(found, model->fields[word][id] != ABSENT);
		if (found)
			assert_int_equal(fields, model->fields[word][id]);
	}
}

static struct text key_of(struct buffer *key, size_t word, uint64_t id)
{
	key_init(key);
	key_add_part(key, words[word]);
	key_add_u64(key, id);
	return buffer_text(key);
}

/* From random places, a few steps in each direction. */
static void must_walk_as_the_model(struct catalog_txn *txn, const struct model *model, size_t word)
{
	OWNED(search_cursor) cursor = NULL;
	struct error err;
	struct buffer SCOPED_BUFFER prefix = {0};
	struct text all = text_until(key_of(&prefix, word, 0), words[word].length + 1);
	assert_ok(search_cursor_open(txn, all, &cursor, &err), &err);
	for (int i = 0; i < 300; i++) {
		struct buffer SCOPED_BUFFER key = {0};
		bool backwards = rand() % 2;
		int id = rand() % IDS;
		bool found;
		struct search_entry entry;
		assert_ok(search_cursor_seek(cursor, key_of(&key, word, (uint64_t)id), backwards,
				  &found, &entry, &err),
			&err);
		id -= backwards;
		for (int step = 0; step < 20; step++) {
			while (id >= 0 && id < IDS && model->fields[word][id] == ABSENT)
				id += backwards ? -1 : 1;
			assert_int_equal(found, id >= 0 && id < IDS);
			if (!found)
				break;
			assert_int_equal(key_u64(entry.key.at + entry.key.length - 8), id);
			assert_int_equal(entry.fields, model->fields[word][id]);
			assert_ok(search_cursor_next(cursor, &found, &entry, &err), &err);
			id += backwards ? -1 : 1;
		}
	}
}

struct sizes {
	size_t records, entries;
};

static struct sizes sizes_of(struct catalog_txn *txn, size_t word)
{
	OWNED(scan) scan = NULL;
	struct sizes sizes = {0};
	struct error err;
	struct buffer SCOPED_BUFFER prefix = {0};
	struct text all = text_until(key_of(&prefix, word, 0), words[word].length + 1);
	assert_ok(scan_open(txn, DB_SEARCH, all, TEXT(""), &scan, &err), &err);
	for (;;) {
		bool found;
		struct text key;
		struct text value;
		struct chunk chunk;
		assert_ok(scan_next(scan, &found, &key, &value, &err), &err);
		if (!found)
			return sizes;
		assert_true(value.length <= CHUNK_BYTES_MAX);
		assert_ok(chunk_read(key, value, &chunk, &err), &err);
		sizes.records++;
		sizes.entries += chunk.count;
	}
}

static void changes_anywhere_read_as_a_plain_table_would(void **state)
{
	(void)state;
	struct fixture f;
	struct model *model = malloc(sizeof *model);
	memset(model, 0xff, sizeof *model);
	srand(11);
	fixture_open(&f, 0);
	for (int round = 0; round < 60; round++) {
		size_t word = (size_t)rand() % WORDS;
		int from = rand() % (IDS - 1);
		int to = round % 3 ? from + 1 + rand() % 40 : IDS;
		change(&f, model, word, from, to < IDS ? to : IDS, 1 + rand() % 5);
		if (round % 10 != 9)
			continue;
		OWNED(catalog_txn) txn = NULL;
		assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
		for (size_t i = 0; i < WORDS; i++) {
			must_find_as_the_model(txn, model, i);
			must_walk_as_the_model(txn, model, i);
		}
	}
	/* All of it goes. */
	for (size_t word = 0; word < WORDS; word++) {
		struct writing writing = {
			.word = word, .changes = calloc(IDS, sizeof(struct chunk_change))};
		for (int id = 0; id < IDS; id++)
			writing.changes[writing.count++] =
				(struct chunk_change){{(uint64_t)id, 0}, false};
		assert_ok(catalog_write_now(f.catalog, write_chunks, &writing, &f.err), &f.err);
		free(writing.changes);
		OWNED(catalog_txn) txn = NULL;
		assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
		assert_int_equal(sizes_of(txn, word).records, 0);
	}
	free(model);
	fixture_close(&f);
}

static void new_tables_fill_records_and_old_ones_leave_them_half_full(void **state)
{
	(void)state;
	struct fixture f;
	struct model *model = malloc(sizeof *model);
	memset(model, 0xff, sizeof *model);
	srand(3);
	fixture_open(&f, 0);
	for (int id = 0; id + 10 <= IDS; id += 10)
		change(&f, model, 0, id, id + 10, 1);
	for (int i = 0; i < 3000; i++) {
		int id = rand() % (IDS - 1);
		change(&f, model, 1, id, id + 1, 1);
	}
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
	struct sizes ends = sizes_of(txn, 0);
	struct sizes middles = sizes_of(txn, 1);
	assert_true(ends.entries > 4000 && middles.entries > 1500);
	/* Three bytes an entry, hardly more than one record of a thousand bytes left open. */
	assert_true(ends.records <= ends.entries * 3 / CHUNK_BYTES_MAX + 2);
	assert_true(middles.records <= middles.entries * 3 * 3 / CHUNK_BYTES_MAX + 2);
	catalog_txn_free(TAKE(txn));
	free(model);
	fixture_close(&f);
}

static void bytes_that_are_no_record_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct text key, value;
		enum status status;
	} rows[] = {
		{"one entry", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT("\0\1"), STATUS_OK},
		{"no entry", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT(""), STATUS_DATA_LOSS},
		{"a key without an id", TEXT("w"), TEXT("\0\1"), STATUS_DATA_LOSS},
		{"a key without its NUL", TEXT("ww\0\0\0\0\0\0\0\7"), TEXT("\0\1"),
			STATUS_DATA_LOSS},
		{"a first entry further on", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT("\1\1"),
			STATUS_DATA_LOSS},
		{"the same table twice", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT("\0\1\0\1"),
			STATUS_DATA_LOSS},
		{"no fields", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT("\0\1\1"), STATUS_DATA_LOSS},
		{"a number that does not end", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT("\0\x80"),
			STATUS_DATA_LOSS},
		{"fields past their bits", TEXT("w\0\0\0\0\0\0\0\0\7"), TEXT("\0\x80\x80\x04"),
			STATUS_DATA_LOSS},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct chunk chunk;
		struct error err;
		if (chunk_read(rows[i].key, rows[i].value, &chunk, &err) != rows[i].status)
			fail_msg("%s", rows[i].what);
	}
	char many[CHUNK_BYTES_MAX + 2] = {0};
	struct chunk chunk;
	struct error err;
	for (size_t i = 2; i < sizeof many; i += 2)
		many[i] = 1;
	assert_int_equal(chunk_read(rows[0].key, (struct text){many, sizeof many}, &chunk, &err),
		STATUS_DATA_LOSS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_anywhere_read_as_a_plain_table_would),
		cmocka_unit_test(new_tables_fill_records_and_old_ones_leave_them_half_full),
		cmocka_unit_test(bytes_that_are_no_record_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
