#include "tests/catalog/fixture.h"
#include "tests/catalog/helper.h"

#include "base/clock.h"
#include "catalog/check.h"

enum { PARTS = 3 };

/* Numbers that are there, each with all of its parts or the test fails. */
static size_t check(struct fixture *f, const bool *acknowledged, size_t count)
{
	struct text after = TEXT("");
	bool *there = calloc(count, sizeof *there);
	size_t seen = 0;
	for (;;) {
		OWNED(catalog_txn) txn = NULL;
		OWNED(arena) arena = arena_new();
		Tenon__V1__LedgerEntry **entries;
		size_t got;
		assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
		assert_ok(ledger_list(txn, TEXT("kill"), TEXT(""), after, PARTS * 1000, arena,
				  &entries, &got, &f->err),
			&f->err);
		for (size_t i = 0; i < got; i++) {
			char path[64];
			uint64_t number = entries[i]->bytes;
			(void)snprintf(path, sizeof path, "%016llx/%d", (unsigned long long)number,
				(int)(i % PARTS));
			assert_string_equal(entries[i]->path, path);
			assert_true(number < count && number % 5 != 4);
			there[number] = true;
		}
		assert_int_equal(got % PARTS, 0);
		seen += got / PARTS;
		if (got < PARTS * 1000)
			break;
		after = arena_copy(f->arena, text_of(entries[got - 1]->path));
	}
	for (size_t i = 0; i < count; i++) {
		if (acknowledged[i] && !there[i])
			fail_msg("write %zu was acknowledged and is lost", i);
	}
	free(there);
	return seen;
}

static void problem_fails(void *state, const struct check_problem *problem)
{
	(void)state;
	fail_msg("%s: %s: %s", problem->invariant, problem->place, problem->message);
}

static void check_invariants(struct fixture *f)
{
	struct check_sink sink = {problem_fails, NULL};
	uint64_t records;
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
}

static void acknowledged_writes_survive_kill(void **state)
{
	(void)state;
	enum { NUMBERS_MAX = 4000000, ROUND_MS_MAX = 300 };
	const char *told = getenv("KILL_ROUNDS");
	uint64_t rounds = 25;
	if (told)
		assert_int_equal(text_uint64(text_of(told), &rounds), strlen(told));
	bool *acknowledged = calloc(NUMBERS_MAX, sizeof *acknowledged);
	struct fixture f;
	fixture_open(&f, 0);
	uint64_t first = 0;
	size_t total = 0;
	unsigned seed = (unsigned)clock_now_us();
	print_message("seed %u\n", seed);
	for (uint64_t round = 0; round < rounds && first < NUMBERS_MAX / 2; round++) {
		catalog_free(f.catalog);
		f.catalog = NULL;
		struct helper helper;
		char from[32];
		(void)snprintf(from, sizeof from, "%llu", (unsigned long long)first);
		helper_start(&helper, f.folder, "write", from);
		seed = seed * 1103515245u + 12345u;
		int64_t end = clock_now_us() + 1000 * (int64_t)((seed >> 16) % ROUND_MS_MAX);
		uint64_t number;
		uint64_t newest = first;
		size_t taken = 0;
		while (helper_read(&helper, &number)) {
			assert_true(number < NUMBERS_MAX);
			acknowledged[number] = true;
			newest = number > newest ? number : newest;
			taken++;
			if (clock_now_us() < end)
				continue;
			helper_kill(&helper); /* and read what the pipe still holds */
			end = INT64_MAX;
		}
		helper_end(&helper);
		total += taken;
		assert_ok(catalog_open(&f.options, &f.catalog, &f.err), &f.err);
		check_invariants(&f);
		size_t there = check(&f, acknowledged, NUMBERS_MAX);
		assert_true(there >= total);
		/* Past what may be there without having been acknowledged. */
		first = (newest + 2000) / 5 * 5;
	}
	print_message("%zu writes acknowledged in %d rounds\n", total, (int)rounds);
	assert_true(total > 0);
	fixture_close(&f);
	free(acknowledged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acknowledged_writes_survive_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
