#include "tests/catalog/fixture.h"

#include "catalog/rights.h"

static const unsigned char secret_hash[BEARER_HASH_BYTES] = {1, 2, 3};

struct change {
	Tenon__V1__Token token;
	const char *revoke;
	const char *of;
	int64_t purge_before_us;
	const struct bearer_use *use;
	size_t gone;
	struct arena *arena;
	Tenon__V1__Token *out;
};

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	static const struct author author = {"root", ""};
	struct change *change = state;
	catalog_act_as(txn, &author);
	if (change->use)
		return bearer_used(txn, change->use, 1, err);
	if (change->purge_before_us)
		return bearer_purge(txn, change->purge_before_us, 100, &change->gone, err);
	if (change->revoke)
		return bearer_revoke(txn, text_of(change->revoke), text_of(change->of), err);
	return bearer_put(txn, &change->token, secret_hash, change->arena, &change->out, err);
}

static enum status run(struct fixture *f, struct change *change)
{
	change->arena = f->arena;
	return catalog_write_now(f->catalog, apply, change, &f->err);
}

static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

static enum status put(struct fixture *f, const char *id, const char *principal, int64_t expire_us)
{
	struct change change = {.token = TENON__V1__TOKEN__INIT};
	change.token.id = lent(id);
	change.token.principal = lent(principal);
	change.token.expire_time_us = expire_us;
	return run(f, &change);
}

static struct rights *load(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	struct rights *rights;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(rights_load(txn, &rights, &f->err), &f->err);
	return rights;
}

#define ID_A "000000000000000a"
#define ID_B "ff000000000000bb"

static void test_a_token_is_found_by_its_id_and_lives_until_it_expires(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, ID_A, "alice", 0), &f.err);
	assert_ok(put(&f, ID_B, "bob", 1000), &f.err);
	assert_int_equal(put(&f, ID_B, "bob", 0), STATUS_ALREADY_EXISTS);
	OWNED(rights) rights = load(&f);
	const struct bearer *alice = rights_bearer(rights, 0xa);
	const struct bearer *bob = rights_bearer(rights, 0xff000000000000bb);
	assert_non_null(alice);
	assert_non_null(bob);
	assert_null(rights_bearer(rights, 0xb));
	assert_string_equal(alice->principal, "alice");
	assert_true(bearer_lives(alice, INT64_MAX));
	assert_true(bearer_lives(bob, 999));
	assert_false(bearer_lives(bob, 1000));
	fixture_close(&f);
}

static void test_only_the_whole_hash_matches(void **state)
{
	(void)state;
	struct bearer bearer = {.id = 1};
	unsigned char hash[BEARER_HASH_BYTES] = {0};
	assert_true(bearer_is(&bearer, hash));
	for (size_t i = 0; i < BEARER_HASH_BYTES; i++) {
		hash[i] = 0x80;
		assert_false(bearer_is(&bearer, hash));
		hash[i] = 0;
	}
}

static void test_a_token_is_revoked_by_its_own_and_by_who_may(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, ID_A, "alice", 0), &f.err);
	assert_ok(put(&f, ID_B, "bob", 0), &f.err);
	assert_int_equal(run(&f, &(struct change){.revoke = ID_A, .of = "bob"}), STATUS_NOT_FOUND);
	assert_int_equal(
		run(&f, &(struct change){.revoke = "nothing", .of = ""}), STATUS_NOT_FOUND);
	assert_ok(run(&f, &(struct change){.revoke = ID_A, .of = "alice"}), &f.err);
	assert_ok(run(&f, &(struct change){.revoke = ID_B, .of = ""}), &f.err);
	assert_ok(run(&f, &(struct change){.revoke = ID_B, .of = ""}), &f.err);
	OWNED(rights) rights = load(&f);
	assert_false(bearer_lives(rights_bearer(rights, 0xa), 1));
	assert_false(bearer_lives(rights_bearer(rights, 0xff000000000000bb), 1));
	fixture_close(&f);
}

static void test_the_last_use_is_kept_and_never_runs_back(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, ID_A, "alice", 0), &f.err);
	OWNED(rights) before = load(&f);
	struct bearer_use late = {0xa, 600};
	struct bearer_use early = {0xa, 60};
	struct bearer_use unknown = {0xc, 60};
	assert_ok(run(&f, &(struct change){.use = &late}), &f.err);
	assert_ok(run(&f, &(struct change){.use = &early}), &f.err);
	assert_ok(run(&f, &(struct change){.use = &unknown}), &f.err);
	OWNED(rights) after = load(&f);
	assert_int_equal(rights_bearer(after, 0xa)->stored_time_us, 600);
	assert_int_equal(rights_generation(before), rights_generation(after));
	fixture_close(&f);
}

static void test_dead_tokens_are_forgotten_and_live_ones_are_not(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_ok(put(&f, ID_A, "alice", 1000), &f.err);
	assert_ok(put(&f, ID_B, "bob", 0), &f.err);
	struct change purge = {.purge_before_us = 1000};
	assert_ok(run(&f, &purge), &f.err);
	assert_int_equal(purge.gone, 0);
	purge.purge_before_us = INT64_MAX;
	assert_ok(run(&f, &purge), &f.err);
	assert_int_equal(purge.gone, 1);
	OWNED(rights) rights = load(&f);
	assert_null(rights_bearer(rights, 0xa));
	assert_non_null(rights_bearer(rights, 0xff000000000000bb));
	fixture_close(&f);
}

static void test_tokens_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	struct fixture f;
	fixture_open(&f, 0);
	assert_int_equal(put(&f, "short", "alice", 0), STATUS_INVALID_ARGUMENT);
	assert_int_equal(put(&f, "000000000000000G", "alice", 0), STATUS_INVALID_ARGUMENT);
	assert_int_equal(put(&f, ID_A, "", 0), STATUS_INVALID_ARGUMENT);
	assert_int_equal(put(&f, ID_A, "*", 0), STATUS_INVALID_ARGUMENT);
	assert_int_equal(put(&f, ID_A, "Local", 0), STATUS_INVALID_ARGUMENT);
	struct change change = {.token = TENON__V1__TOKEN__INIT};
	Tenon__V1__Action action = (Tenon__V1__Action)17;
	change.token.id = lent(ID_A);
	change.token.principal = lent("alice");
	change.token.scope = &action;
	change.token.n_scope = 1;
	assert_int_equal(run(&f, &change), STATUS_INVALID_ARGUMENT);
	change.token.n_scope = 0;
	change.token.principal = lent("\xd0\xb0"
				      "dmin");
	assert_int_equal(run(&f, &change), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(f.err.message, "not ASCII"));
	change.token.principal = lent("alice");
	change.token.databases = lent("a*b");
	assert_int_equal(run(&f, &change), STATUS_INVALID_ARGUMENT);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_is_found_by_its_id_and_lives_until_it_expires),
		cmocka_unit_test(test_only_the_whole_hash_matches),
		cmocka_unit_test(test_a_token_is_revoked_by_its_own_and_by_who_may),
		cmocka_unit_test(test_the_last_use_is_kept_and_never_runs_back),
		cmocka_unit_test(test_dead_tokens_are_forgotten_and_live_ones_are_not),
		cmocka_unit_test(test_tokens_that_make_no_sense_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
