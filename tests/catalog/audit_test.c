#include "tests/catalog/fixture.h"

#include "catalog/audit.h"

struct change {
	Tenon__V1__AuditEntry *entry;
	int64_t before_us;
	uint64_t most;
	size_t batch;
	size_t gone;
};

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct change *change = state;
	if (change->entry)
		return audit_append(txn, change->entry, err);
	return audit_trim(txn, change->before_us, change->most, change->batch, &change->gone, err);
}

static void append(struct fixture *f, const char *principal, const char *kind, const char *resource,
	int64_t time_us)
{
	Tenon__V1__AuditEntry entry = TENON__V1__AUDIT_ENTRY__INIT;
	entry.principal = arena_text(f->arena, text_of(principal));
	entry.kind = arena_text(f->arena, text_of(kind));
	entry.resource = arena_text(f->arena, text_of(resource));
	entry.time_us = time_us;
	struct change change = {.entry = &entry};
	assert_ok(catalog_write_now(f->catalog, apply, &change, &f->err), &f->err);
}

/* The numbers of all pages, "3 2 1". */
static const char *listed(struct fixture *f, Tenon__V1__ListAuditRequest *request, size_t limit)
{
	OWNED(catalog_txn) txn = NULL;
	const char *all = "";
	static char none[] = "";
	request->page_token = none;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	do {
		Tenon__V1__ListAuditResponse page = TENON__V1__LIST_AUDIT_RESPONSE__INIT;
		assert_ok(audit_list(txn, request, limit, f->arena, &page, &f->err), &f->err);
		for (size_t i = 0; i < page.n_entries; i++)
			all = arena_printf(f->arena, "%s%s%d", all, *all ? " " : "",
				(int)page.entries[i]->sequence);
		request->page_token = page.next_page_token;
	} while (request->page_token[0]);
	return all;
}

static void test_entries_are_found_by_each_filter_in_both_directions(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	append(&f, "alice", "read", "sales.orders", 100);
	append(&f, "bob", "write", "sales.orders", 200);
	append(&f, "alice", "write", "hr.people", 300);
	append(&f, "alice", "denied", "hr.pay", 400);
	static char alice[] = "alice", write[] = "write", hr[] = "hr.*";
	Tenon__V1__ListAuditRequest all = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	Tenon__V1__ListAuditRequest by_principal = all, by_kind = all, by_resource = all,
				    by_time = all, all_of_it = all;
	by_principal.principal = alice;
	by_kind.kind = write;
	by_resource.resource = hr;
	by_time.from_time_us = 200;
	by_time.to_time_us = 400;
	all_of_it.principal = alice;
	all_of_it.kind = write;
	all_of_it.resource = hr;
	all_of_it.from_time_us = 300;
	struct {
		Tenon__V1__ListAuditRequest *request;
		const char *newest_first;
		const char *oldest_first;
	} cases[] = {
		{&all, "4 3 2 1", "1 2 3 4"},
		{&by_principal, "4 3 1", "1 3 4"},
		{&by_kind, "3 2", "2 3"},
		{&by_resource, "4 3", "3 4"},
		{&by_time, "3 2", "2 3"},
		{&all_of_it, "3", "3"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t limit = 1; limit < 6; limit++) {
			cases[i].request->oldest_first = false;
			assert_string_equal(
				listed(&f, cases[i].request, limit), cases[i].newest_first);
			cases[i].request->oldest_first = true;
			assert_string_equal(
				listed(&f, cases[i].request, limit), cases[i].oldest_first);
		}
	}
	fixture_close(&f);
}

static void test_old_entries_go_by_age_and_by_count_in_bounded_steps(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	for (int i = 1; i <= 10; i++)
		append(&f, "a", "read", "x", i * 100);
	Tenon__V1__ListAuditRequest all = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	struct change by_age = {.before_us = 401, .most = 100, .batch = 3};
	assert_ok(catalog_write_now(f.catalog, apply, &by_age, &f.err), &f.err);
	assert_int_equal(by_age.gone, 3);
	assert_string_equal(listed(&f, &all, 100), "10 9 8 7 6 5 4");
	assert_ok(catalog_write_now(f.catalog, apply, &by_age, &f.err), &f.err);
	assert_int_equal(by_age.gone, 1);
	struct change by_count = {.before_us = 0, .most = 2, .batch = 100};
	assert_ok(catalog_write_now(f.catalog, apply, &by_count, &f.err), &f.err);
	assert_int_equal(by_count.gone, 4);
	assert_string_equal(listed(&f, &all, 100), "10 9");
	append(&f, "a", "read", "x", 1100);
	assert_string_equal(listed(&f, &all, 100), "11 10 9");
	fixture_close(&f);
}

static void test_a_token_of_another_listing_and_a_kind_that_is_none_are_refused(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	append(&f, "a", "read", "x", 1);
	append(&f, "a", "read", "x", 2);
	static char bad[] = "reads", who[] = "a";
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__ListAuditRequest request = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	Tenon__V1__ListAuditResponse page = TENON__V1__LIST_AUDIT_RESPONSE__INIT;
	assert_ok(catalog_read(f.catalog, &txn, &f.err), &f.err);
	request.kind = bad;
	assert_int_equal(
		audit_list(txn, &request, 1, f.arena, &page, &f.err), STATUS_INVALID_ARGUMENT);
	Tenon__V1__ListAuditRequest all = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	assert_ok(audit_list(txn, &all, 1, f.arena, &page, &f.err), &f.err);
	all.page_token = page.next_page_token;
	all.principal = who;
	assert_int_equal(audit_list(txn, &all, 1, f.arena, &page, &f.err), STATUS_INVALID_ARGUMENT);
	catalog_txn_free(TAKE(txn));
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_are_found_by_each_filter_in_both_directions),
		cmocka_unit_test(test_old_entries_go_by_age_and_by_count_in_bounded_steps),
		cmocka_unit_test(
			test_a_token_of_another_listing_and_a_kind_that_is_none_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
