#include "tests/catalog/fixture.h"

#include "base/buffer.h"
#include "catalog/grants.h"
#include "catalog/rights.h"
#include "catalog/store.h"
#include "tenon/store/v1/access.pb-c.h"

/* Grants as they are typed: "alice write sales.raw_*", "bob run job/daily". */
static Tenon__V1__Grant *grant_of(struct arena *arena, const char *line)
{
	static const char *const names[] = {"", "read", "write", "crawl", "run", "admin"};
	Tenon__V1__Grant *grant = arena_alloc(arena, sizeof *grant);
	struct text rest = text_of(line);
	struct text word;
	struct text action;
	bool more = true;
	tenon__v1__grant__init(grant);
	assert_true(text_split(&rest, &more, ' ', &word));
	grant->principal = arena_text(arena, word);
	assert_true(text_split(&rest, &more, ' ', &word));
	grant->actions = arena_array(arena, 5, sizeof *grant->actions);
	for (bool again = true; text_split(&word, &again, ',', &action);) {
		for (size_t i = 1; i < 6; i++) {
			if (text_equal(action, text_of(names[i])))
				grant->actions[grant->n_actions++] = (Tenon__V1__Action)i;
		}
	}
	size_t point = text_find(rest, '.');
	if (text_find(rest, '/') < rest.length) {
		grant->resource = arena_text(arena, rest);
		return grant;
	}
	grant->database = arena_text(arena, text_until(rest, point));
	grant->table = arena_text(arena, text_from(rest, point + 1));
	return grant;
}

struct change {
	const Tenon__V1__Grant *put;
	const Tenon__V1__Grant *drop;
	struct arena *arena;
	Tenon__V1__Grant *out;
};

static enum status change_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct change *change = state;
	if (change->drop)
		return grant_delete(txn, change->drop, err);
	return grant_put(txn, change->put, change->arena, &change->out, err);
}

static enum status put(struct fixture *f, const char *line)
{
	struct change change = {.put = grant_of(f->arena, line), .arena = f->arena};
	return catalog_write_now(f->catalog, change_apply, &change, &f->err);
}

static enum status drop(struct fixture *f, const char *line)
{
	struct change change = {.drop = grant_of(f->arena, line)};
	return catalog_write_now(f->catalog, change_apply, &change, &f->err);
}

static struct rights *load(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	struct rights *rights;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(rights_load(txn, &rights, &f->err), &f->err);
	return rights;
}

/* "sales.orders", "sales" (all of the database), "sales?" (anything in it), "job/daily",
 * "*" (everything). */
static struct place place_of(const char *text)
{
	struct text all = text_of(text);
	size_t point = text_find(all, '.');
	if (text_equal(all, TEXT("*")))
		return (struct place){.kind = PLACE_ALL};
	if (text_find(all, '/') < all.length)
		return (struct place){.kind = PLACE_RESOURCE, .database = all};
	if (text_ends(all, TEXT("?")))
		return (struct place){
			.kind = PLACE_WITHIN, .database = text_until(all, all.length - 1)};
	if (point == all.length)
		return (struct place){.kind = PLACE_DATABASE, .database = all};
	return (struct place){.kind = PLACE_TABLE,
		.database = text_until(all, point),
		.table = text_from(all, point + 1)};
}

static unsigned allowed(const struct rights *rights, const char *principal, const char *where)
{
	struct place place = place_of(where);
	return rights_on(rights, text_of(principal), &place);
}

static void test_a_grant_reaches_what_its_pattern_names_and_nothing_else(void **state)
{
	(void)state;
	enum { R = RIGHT_READ, W = RIGHT_READ | RIGHT_WRITE, ALL = RIGHTS_ALL };
	static const struct {
		const char *label;
		const char *grant;
		const char *where;
		unsigned expected;
	} cases[] = {
		{"a table by name", "a read sales.orders", "sales.orders", R},
		{"another table", "a read sales.orders", "sales.order", 0},
		{"a longer name", "a read sales.orders", "sales.orders2", 0},
		{"another database", "a read sales.orders", "sale.orders", 0},
		{"names folded when granted", "a read Sales.Orders", "sales.orders", R},
		{"every table", "a write sales.*", "sales.orders", W},
		{"every table: the database too", "a write sales.*", "sales", W},
		{"the table left out", "a write sales.", "sales.orders", W},
		{"one table: not its database", "a write sales.orders", "sales", 0},
		{"one table: it is seen", "a read sales.orders", "sales?", R},
		{"nothing in another", "a read sales.orders", "salt?", 0},
		{"a beginning of tables", "a write sales.raw_*", "sales.raw_a", W},
		{"the beginning itself", "a write sales.raw_*", "sales.raw_", W},
		{"shorter than the beginning", "a write sales.raw_*", "sales.raw", 0},
		{"a beginning is not the database", "a write sales.raw_*", "sales", 0},
		{"a beginning of databases", "a read s*.*", "sales.orders", R},
		{"that beginning, the database", "a read s*.*", "sales", R},
		{"outside it", "a read s*.*", "hr.people", 0},
		{"both", "a read s*.o*", "sales.orders", R},
		{"one name everywhere", "a read *.orders", "hr.orders", R},
		{"and no other", "a read *.orders", "hr.people", 0},
		{"everything", "a admin *.*", "*", ALL},
		{"everything: a table", "a admin *.*", "sales.orders", ALL},
		{"everything: a resource", "a read *.*", "job/daily", R},
		{"all tables of a database are not all", "a admin sales.*", "*", 0},
		{"nor a resource", "a admin sales.*", "job/daily", 0},
		{"a resource", "a run job/daily", "job/daily", RIGHT_RUN},
		{"another resource", "a run job/daily", "job/weekly", 0},
		{"a kind of them", "a run job/*", "job/weekly", RIGHT_RUN},
		{"and no other kind", "a run job/*", "schema/x/y", 0},
		{"a resource is no table", "a run job/*", "job.daily", 0},
		{"everybody's", "* read sales.*", "sales.orders", R},
		{"somebody else's", "b read sales.*", "sales.orders", 0},
		{"write includes read", "a write t.t", "t.t", W},
		{"crawl stands alone", "a crawl t.*", "t", RIGHT_CRAWL},
		{"admin includes all", "a admin t.t", "t.t", ALL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		fixture_open(&f, 0);
		assert_ok(put(&f, cases[i].grant), &f.err);
		OWNED(rights) rights = load(&f);
		unsigned got = allowed(rights, "a", cases[i].where);
		if (got != cases[i].expected)
			fail_msg("%s: '%s' on '%s' gives %x, not %x", cases[i].label,
				cases[i].grant, cases[i].where, got, cases[i].expected);
		fixture_close(&f);
	}
}

static void test_a_pattern_is_covered_by_what_has_all_of_it(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, "a admin sales_*.*"), &f.err);
	assert_ok(put(&f, "a admin hr.raw_*"), &f.err);
	assert_ok(put(&f, "a admin one.two"), &f.err);
	OWNED(rights) rights = load(&f);
	static const struct {
		struct place place;
		bool covered;
	} cases[] = {
		{{PLACE_DATABASE, {"sales_eu", 8}, {"", 0}, true, false}, true},
		{{PLACE_DATABASE, {"sales_", 6}, {"", 0}, true, false}, true},
		{{PLACE_DATABASE, {"sales", 5}, {"", 0}, true, false}, false},
		{{PLACE_TABLE, {"hr", 2}, {"raw_a", 5}, false, true}, true},
		{{PLACE_TABLE, {"hr", 2}, {"raw", 3}, false, true}, false},
		{{PLACE_TABLE, {"hr", 2}, {"raw_", 4}, true, true}, false},
		{{PLACE_TABLE, {"one", 3}, {"two", 3}, false, false}, true},
		{{PLACE_TABLE, {"one", 3}, {"two", 3}, false, true}, false},
		{{PLACE_TABLE, {"one", 3}, {"two", 3}, true, false}, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(rights_on(rights, TEXT("a"), &cases[i].place),
			cases[i].covered ? RIGHTS_ALL : 0);
	fixture_close(&f);
}

static void test_actions_are_added_and_taken_one_by_one(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, "a read sales.*"), &f.err);
	assert_ok(put(&f, "a crawl,write sales.*"), &f.err);
	OWNED(rights) three = load(&f);
	assert_int_equal(allowed(three, "a", "sales"), RIGHT_READ | RIGHT_WRITE | RIGHT_CRAWL);
	assert_int_equal(rights_grants(three), 1);
	assert_ok(drop(&f, "a write sales.*"), &f.err);
	OWNED(rights) two = load(&f);
	assert_int_equal(allowed(two, "a", "sales"), RIGHT_READ | RIGHT_CRAWL);
	assert_int_equal(drop(&f, "a write sales.*"), STATUS_NOT_FOUND);
	assert_ok(drop(&f, "a  sales.*"), &f.err);
	OWNED(rights) none = load(&f);
	assert_int_equal(allowed(none, "a", "sales"), 0);
	assert_int_equal(rights_grants(none), 0);
	assert_int_equal(drop(&f, "a  sales.*"), STATUS_NOT_FOUND);
	assert_string_equal(f.err.message, "'a' has no such grant on 'sales.*'");
	assert_true(rights_generation(none) > rights_generation(three));
	fixture_close(&f);
}

static void test_the_same_grant_again_changes_nothing(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, "a read sales.*"), &f.err);
	OWNED(rights) before = load(&f);
	assert_ok(put(&f, "a read SALES.*"), &f.err);
	OWNED(rights) after = load(&f);
	assert_int_equal(rights_generation(before), rights_generation(after));
	fixture_close(&f);
}

static void test_patterns_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"a read sa*les.*", "a read .t", "a read sales.o*s",
		"local read sales.*", "TenonD read sales.*", "a read /daily", "a read job/d*y",
		"a run jobs/daily", "a read table/sales/orders", "a  sales.*", " read sales.*"};
	struct fixture f;
	fixture_open(&f, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (put(&f, bad[i]) != STATUS_INVALID_ARGUMENT)
			fail_msg("'%s' was taken", bad[i]);
	}
	fixture_close(&f);
}

/* The compiled form against the plain meaning of patterns, over all short names. */
static void test_compiled_rights_are_those_of_the_patterns(void **state)
{
	(void)state;
	static const char *const parts[] = {"a", "ab", "b", "a*", "ab*", "*", "b*"};
	static const char *const names[] = {"a", "ab", "abc", "b", "ba", "c"};
	enum { PARTS = 7, NAMES = 6 };
	struct fixture f;
	fixture_open(&f, 0);
	/* Half of the pairs, by their number. */
	for (size_t d = 0; d < PARTS; d++) {
		for (size_t t = d % 2; t < PARTS; t += 2) {
			const char *action = (d + t) % 3 ? "read" : "run";
			assert_ok(put(&f, arena_printf(f.arena, "p%zu %s %s.%s", d % 2, action,
						  parts[d], parts[t])),
				&f.err);
		}
	}
	OWNED(rights) rights = load(&f);
	for (size_t p = 0; p < 2; p++) {
		for (size_t n = 0; n < (size_t)NAMES * NAMES; n++) {
			const char *database = names[n / NAMES];
			const char *table = names[n % NAMES];
			unsigned expected = 0;
			for (size_t d = p; d < PARTS; d += 2) {
				for (size_t t = d % 2; t < PARTS; t += 2) {
					if (pattern_has(text_of(parts[d]), text_of(database)) &&
						pattern_has(text_of(parts[t]), text_of(table)))
						expected |= (d + t) % 3 ? RIGHT_READ : RIGHT_RUN;
				}
			}
			unsigned got = allowed(rights, p ? "p1" : "p0",
				arena_printf(f.arena, "%s.%s", database, table));
			assert_int_equal(got, expected);
		}
	}
	fixture_close(&f);
}

static void test_grants_are_listed_page_by_page_of_one_and_of_all(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	for (int i = 0; i < 5; i++) {
		assert_ok(put(&f, arena_printf(f.arena, "a read d%d.*", i)), &f.err);
		assert_ok(put(&f, arena_printf(f.arena, "b read d%d.*", i)), &f.err);
	}
	assert_ok(put(&f, "* read public.*"), &f.err);
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
	size_t seen = 0;
	struct text token = TEXT("");
	do {
		Tenon__V1__Grant **grants;
		size_t count;
		assert_ok(grant_list(txn, TEXT("a"), token, 2, f.arena, &grants, &count, &token,
				  &f.err),
			&f.err);
		assert_true(count <= 2);
		seen += count;
	} while (token.length);
	assert_int_equal(seen, 6);
	catalog_txn_free(TAKE(txn));
	fixture_close(&f);
}

/* As one that was put before such names were refused. */
static enum status store_old(struct catalog_txn *txn, void *state, struct error *err)
{
	Tenon__Store__V1__GrantRecord record = TENON__STORE__V1__GRANT_RECORD__INIT;
	struct buffer SCOPED_BUFFER key = {0};
	record.grant = state;
	grant_key(&key, record.grant);
	return store_put_message(txn, DB_GRANTS, buffer_text(&key), &record.base, err);
}

static void test_a_new_principal_is_none_that_is_taken_for_another(void **state)
{
	(void)state;
	static const struct {
		const char *label, *principal, *said; /* NULL: fine */
	} rows[] = {
		{"a word", "alice", NULL},
		{"an address", "o'brien+etl@shop.example", NULL},
		{"a name of a certificate", "CN=etl (night), O=Shop", NULL},
		{"a URI", "spiffe://shop/ns/etl", NULL},
		{"everybody", "*", NULL},
		{"a Cyrillic letter",
			"\xd0\xb0"
			"dmin",
			"not ASCII"},
		{"a full-width letter",
			"\xef\xbd\x81"
			"dmin",
			"not ASCII"},
		{"no character at all to see", "admin\xe2\x80\x8b", "not ASCII"},
		{"a letter with a mark", "J\xc3\xb6rg", "not ASCII"},
		{"a tab", "ad\tmin", "not ASCII"},
		{"a blank behind it", "admin ", "blank at byte 5"},
		{"a blank before it", " admin", "blank at byte 0"},
		{"two blanks", "ad  min", "blank at byte 2"},
		{"a pattern", "adm*", "stands alone"},
		{"the daemon's own", "Local", "goes by"},
	};
	struct fixture f;
	fixture_open(&f, 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__Grant *grant = grant_of(f.arena, "x read sales.*");
		grant->principal = arena_text(f.arena, text_of(rows[i].principal));
		struct change change = {.put = grant, .arena = f.arena};
		enum status status = catalog_write_now(f.catalog, change_apply, &change, &f.err);
		bool refused = status == STATUS_INVALID_ARGUMENT;
		if (refused != (rows[i].said != NULL) ||
			(refused && !strstr(f.err.message, rows[i].said)))
			fail_msg("%s: %s", rows[i].label, status ? f.err.message : "taken");
	}
	fixture_close(&f);
}

static void test_a_grant_of_before_such_names_were_refused_holds_and_goes(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	Tenon__V1__Grant *old = grant_of(f.arena, "J\xc3\xb6rg read sales.*");
	assert_ok(catalog_write_now(f.catalog, store_old, old, &f.err), &f.err);
	OWNED(rights) rights = load(&f);
	assert_true(allowed(rights, "J\xc3\xb6rg", "sales.orders") != 0);
	assert_ok(drop(&f, "J\xc3\xb6rg read sales.*"), &f.err);
	assert_int_equal(drop(&f, "J\xc3\xb6rg read sales.*"), STATUS_NOT_FOUND);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_grant_reaches_what_its_pattern_names_and_nothing_else),
		cmocka_unit_test(test_a_pattern_is_covered_by_what_has_all_of_it),
		cmocka_unit_test(test_actions_are_added_and_taken_one_by_one),
		cmocka_unit_test(test_the_same_grant_again_changes_nothing),
		cmocka_unit_test(test_patterns_that_are_none_are_refused),
		cmocka_unit_test(test_compiled_rights_are_those_of_the_patterns),
		cmocka_unit_test(test_a_new_principal_is_none_that_is_taken_for_another),
		cmocka_unit_test(test_a_grant_of_before_such_names_were_refused_holds_and_goes),
		cmocka_unit_test(test_grants_are_listed_page_by_page_of_one_and_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
