#include "tests/catalog/fixture.h"

#include "service/auditing.h"

static const struct caller alice = {
	.principal = "alice", .address = "ipv4:127.0.0.1:4233", .scope = RIGHTS_ALL};

static bool note(
	struct auditing *auditing, enum audit_kind kind, const char *resource, const char *message)
{
	struct audited audited = {.kind = kind,
		.caller = &alice,
		.method = "/tenon.v1.Catalog/GetTable",
		.resource = resource,
		.status = *message ? STATUS_NOT_FOUND : STATUS_OK,
		.message = message};
	return auditing_note(auditing, &audited);
}

static Tenon__V1__ListAuditResponse listed(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__ListAuditRequest request = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	Tenon__V1__ListAuditResponse response = TENON__V1__LIST_AUDIT_RESPONSE__INIT;
	request.oldest_first = true;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(audit_list(txn, &request, 1000, f->arena, &response, &f->err), &f->err);
	return response;
}

static void test_calls_alike_share_an_entry_and_others_do_not(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	OWNED(auditing) auditing = auditing_new(f.catalog, AUDIT_ALL);
	for (int i = 0; i < 3; i++)
		(void)note(auditing, AUDITED_READ, "a.b", "");
	(void)note(auditing, AUDITED_READ, "a.c", "");
	(void)note(auditing, AUDITED_READ, "a.b", "no such table");
	(void)note(auditing, AUDITED_DENIED, "a.b", "");
	assert_ok(auditing_flush(auditing, &f.err), &f.err);
	Tenon__V1__ListAuditResponse got = listed(&f);
	assert_int_equal(got.n_entries, 4);
	assert_int_equal(got.entries[0]->count, 3);
	assert_string_equal(got.entries[0]->kind, "read");
	assert_string_equal(got.entries[0]->peer, "ipv4:127.0.0.1");
	assert_string_equal(got.entries[2]->message, "no such table");
	assert_int_equal(got.entries[2]->code, STATUS_NOT_FOUND);
	assert_string_equal(got.entries[3]->kind, "denied");
	assert_ok(auditing_flush(auditing, &f.err), &f.err);
	assert_int_equal(listed(&f).n_entries, 4);
	fixture_close(&f);
}

static void test_what_finds_no_room_is_counted_and_said(void **state)
{
	(void)state;
	enum { EXTRA = 5 };
	struct fixture f;
	char resource[32];
	int asked = 0;
	fixture_open(&f, 0);
	OWNED(auditing) auditing = auditing_new(f.catalog, AUDIT_ALL);
	for (int i = 0; i < LIMIT_AUDIT_WAITING + EXTRA; i++) {
		(void)snprintf(resource, sizeof resource, "a.t%d", i);
		asked += note(auditing, AUDITED_READ, resource, "");
	}
	assert_int_equal(asked, 1); /* once for each filling, to be written soon */
	(void)note(auditing, AUDITED_READ, "a.t0", "");
	assert_ok(auditing_flush(auditing, &f.err), &f.err);
	Tenon__V1__ListAuditResponse got = listed(&f);
	assert_string_equal(got.entries[0]->kind, "lost");
	assert_int_equal(got.entries[0]->count, EXTRA);
	assert_string_equal(got.entries[1]->resource, "a.t0");
	assert_int_equal(got.entries[1]->count, 2);
	fixture_close(&f);
}

static void test_a_level_leaves_out_what_it_says(void **state)
{
	(void)state;
	static const struct {
		enum audit_level level;
		size_t entries;
	} cases[] = {{AUDIT_NONE, 0}, {AUDIT_WRITES, 2}, {AUDIT_ALL, 3}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture f;
		fixture_open(&f, 0);
		OWNED(auditing) auditing = auditing_new(f.catalog, cases[i].level);
		(void)note(auditing, AUDITED_READ, "a.b", "");
		(void)note(auditing, AUDITED_WRITE, "a.b", "");
		(void)note(auditing, AUDITED_DENIED, "a.b", "");
		assert_ok(auditing_flush(auditing, &f.err), &f.err);
		assert_int_equal(listed(&f).n_entries, cases[i].entries);
		fixture_close(&f);
	}
}

/* A cut leaves whole characters: what is stored is read back as UTF-8. */
static void test_long_texts_are_cut_between_characters(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	OWNED(auditing) auditing = auditing_new(f.catalog, AUDIT_ALL);
	for (size_t before = 0; before < 3; before++) {
		char message[2 * LIMIT_AUDIT_MESSAGE] = "";
		memset(message, 'x', before);
		while (strlen(message) < LIMIT_AUDIT_MESSAGE + 10)
			strcat(message, "€");
		(void)note(auditing, AUDITED_READ, "a.b", message);
	}
	assert_ok(auditing_flush(auditing, &f.err), &f.err);
	Tenon__V1__ListAuditResponse got = listed(&f);
	assert_int_equal(got.n_entries, 3);
	for (size_t i = 0; i < got.n_entries; i++) {
		struct text message = text_of(got.entries[i]->message);
		assert_true(message.length <= LIMIT_AUDIT_MESSAGE);
		assert_true(text_is_utf8(message));
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_alike_share_an_entry_and_others_do_not),
		cmocka_unit_test(test_what_finds_no_room_is_counted_and_said),
		cmocka_unit_test(test_a_level_leaves_out_what_it_says),
		cmocka_unit_test(test_long_texts_are_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
