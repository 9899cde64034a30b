#include "tests/service/daemon/callers.h"

#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/feed.pb-c.h"

#include <string.h>
#include <unistd.h>

/* The life of tokens and grants: what they are good for, how they end, and what is
 * written down of their use. */

#define ACCESS &tenon__v1__access__descriptor

/* ---- tokens and grants ---- */

static enum status who(struct daemon_process *daemon, const char *token, struct error *err)
{
	Tenon__V1__WhoAmIRequest request = TENON__V1__WHO_AM_IREQUEST__INIT;
	Tenon__V1__WhoAmIResponse *response;
	become(daemon, token);
	return daemon_call(daemon, ACCESS, "WhoAmI", &request, &response, err);
}

static enum status revoke_token(struct daemon_process *daemon, const char *id, struct error *err)
{
	Tenon__V1__RevokeTokenRequest request = TENON__V1__REVOKE_TOKEN_REQUEST__INIT;
	void *response;
	request.id = lent(id);
	return daemon_call(daemon, ACCESS, "RevokeToken", &request, &response, err);
}

static void test_a_token_that_is_held_in_revokes_none_but_itself(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	Tenon__V1__CreateTokenResponse *wide =
		create_token(&daemon, (struct token_asked){.principal = "ada"});
	const struct token_asked narrow[] = {
		{.principal = "ada", .scope = READ}, {.principal = "ada", .databases = "sales*"}};
	for (size_t i = 0; i < 2; i++) {
		become(&daemon, administrator(&daemon));
		Tenon__V1__CreateTokenResponse *held = create_token(&daemon, narrow[i]);
		become(&daemon, held->secret);
		assert_int_equal(
			revoke_token(&daemon, wide->token->id, &err), STATUS_PERMISSION_DENIED);
		assert_ok(revoke_token(&daemon, held->token->id, &err), &err);
	}
	become(&daemon, wide->secret);
	assert_ok(revoke_token(&daemon, wide->token->id, &err), &err);
	daemon_done(&daemon);
}

static void test_a_revoked_token_is_unknown_at_once_and_like_one_that_never_was(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	struct error foreign;
	daemon_with_auth(&daemon);
	Tenon__V1__CreateTokenResponse *alice =
		create_token(&daemon, (struct token_asked){.principal = "alice"});
	Tenon__V1__CreateTokenResponse *bob =
		create_token(&daemon, (struct token_asked){.principal = "bob"});
	assert_ok(who(&daemon, alice->secret, &err), &err);
	/* Others' tokens are not hers, nor even there. */
	assert_int_equal(revoke_token(&daemon, bob->token->id, &err), STATUS_NOT_FOUND);
	assert_ok(revoke_token(&daemon, alice->token->id, &err), &err);
	assert_int_equal(who(&daemon, alice->secret, &err), STATUS_UNAUTHENTICATED);
	char *changed_one = arena_text(daemon.arena, text_of(bob->secret));
	size_t last = strlen(changed_one) - 1;
	changed_one[last] = changed_one[last] == '0' ? '1' : '0';
	assert_int_equal(who(&daemon, changed_one, &foreign), STATUS_UNAUTHENTICATED);
	assert_string_equal(err.message, foreign.message);
	assert_ok(who(&daemon, bob->secret, &err), &err);
	daemon_done(&daemon);
}

static void test_tokens_and_grants_outlive_the_daemon(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	put_database(&daemon, "sales");
	put_table(&daemon, "sales", "orders");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "sales", "*");
	assert_int_equal(daemon_stop(&daemon), 0);
	daemon_start(&daemon, (const char *const[]){"--auth", NULL}, NULL);
	become(&daemon, alice);
	assert_ok(read_table(&daemon, "sales", "orders", &err), &err);
	assert_int_equal(daemon_stop(&daemon), 0);
	/* Without --auth the way in for who has lost every token. */
	daemon_start(&daemon, NULL, NULL);
	become(&daemon, NULL);
	assert_true(strlen(token_for(&daemon, "admin")) > 64);
	daemon_done(&daemon);
}

static void test_who_administers_a_pattern_gives_rights_on_it_and_no_further(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", ADMIN, "sales_*", "*");
	become(&daemon, alice);
	static const struct {
		const char *database;
		const char *table;
		enum status expected;
	} cases[] = {
		{"sales_eu", "*", STATUS_OK},
		{"sales_eu", "orders", STATUS_OK},
		{"sales_e*", "*", STATUS_OK},
		{"sales_*", "*", STATUS_OK},
		{"sales*", "*", STATUS_PERMISSION_DENIED},
		{"*", "*", STATUS_PERMISSION_DENIED},
		{"*", "orders", STATUS_PERMISSION_DENIED},
		{"hr", "*", STATUS_PERMISSION_DENIED},
		{"job/*", "", STATUS_PERMISSION_DENIED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum status status = change_grant(
			&daemon, "PutGrant", "bob", READ, cases[i].database, cases[i].table, &err);
		if (status != cases[i].expected)
			fail_msg("%s.%s: %s", cases[i].database, cases[i].table,
				status_name(status));
	}
	daemon_done(&daemon);
}

static void test_a_scope_bounds_what_grants_give(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	put_database(&daemon, "sales");
	put_table(&daemon, "sales", "orders");
	const char *reader =
		create_token(&daemon, (struct token_asked){.principal = "admin", .scope = READ})
			->secret;
	become(&daemon, reader);
	assert_ok(read_table(&daemon, "sales", "orders", &err), &err);
	Tenon__V1__DeleteTableRequest request = TENON__V1__DELETE_TABLE_REQUEST__INIT;
	void *response;
	request.database = lent("sales");
	request.name = lent("orders");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteTable",
				 &request, &response, &err),
		STATUS_PERMISSION_DENIED);
	assert_int_equal(change_grant(&daemon, "PutGrant", "bob", READ, "sales", "*", &err),
		STATUS_PERMISSION_DENIED);
	daemon_done(&daemon);
}

/* ---- streams ---- */

static struct rpc_reading *open_watch(struct daemon_process *daemon)
{
	struct error err;
	struct rpc_reading *reading;
	Tenon__V1__WatchRequest request = TENON__V1__WATCH_REQUEST__INIT;
	Tenon__V1__WatchResponse *first;
	assert_ok(rpc_read_open(daemon->channel, &tenon__v1__feed__descriptor, "Watch",
			  &request.base, 30000, &reading, &err),
		&err);
	assert_ok(rpc_read_next(reading, daemon->arena, &first, &err), &err);
	return reading;
}

/* How the stream ends, whatever comes before; its deadline fails the test. */
static enum status watch_end(
	struct daemon_process *daemon, struct rpc_reading *reading, struct error *err)
{
	Tenon__V1__WatchResponse *message;
	for (;;) {
		enum status status = rpc_read_next(reading, daemon->arena, &message, err);
		if (status != STATUS_OK || !message)
			return status;
	}
}

static void test_a_watch_ends_when_its_token_is_revoked_or_expires(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	const char *admin = administrator(&daemon);
	Tenon__V1__CreateTokenResponse *alice =
		create_token(&daemon, (struct token_asked){.principal = "alice"});
	Tenon__V1__CreateTokenResponse *brief =
		create_token(&daemon, (struct token_asked){.principal = "alice", .lifetime_s = 3});
	OWNED(rpc_channel) alices = NULL;
	OWNED(rpc_channel) briefs = NULL;
	struct daemon_process as = daemon;
	assert_ok(rpc_channel_open(daemon.address, alice->secret, &alices, &err), &err);
	assert_ok(rpc_channel_open(daemon.address, brief->secret, &briefs, &err), &err);
	as.channel = briefs;
	OWNED(rpc_reading) expiring = open_watch(&as);
	as.channel = alices;
	OWNED(rpc_reading) revoked = open_watch(&as);
	become(&daemon, admin);
	assert_ok(revoke_token(&daemon, alice->token->id, &err), &err);
	assert_int_equal(watch_end(&daemon, revoked, &err), STATUS_UNAUTHENTICATED);
	assert_int_equal(watch_end(&daemon, expiring, &err), STATUS_UNAUTHENTICATED);
	daemon_done(&daemon);
}

static void test_a_watch_shows_what_grants_allow_at_the_moment(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	put_database(&daemon, "hr");
	put_database(&daemon, "sales");
	const char *secret = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "sales", "*");
	OWNED(rpc_channel) alices = NULL;
	struct daemon_process as = daemon;
	assert_ok(rpc_channel_open(daemon.address, secret, &alices, &err), &err);
	as.channel = alices;
	OWNED(rpc_reading) reading = open_watch(&as);
	put_table(&daemon, "hr", "one");
	put_table(&daemon, "sales", "two");
	assert_ok(change_grant(&daemon, "DeleteGrant", "alice", READ, "sales", "*", &err), &err);
	put_table(&daemon, "sales", "three");
	grant(&daemon, "alice", READ, "hr", "*");
	put_table(&daemon, "hr", "four");
	const char *seen = "";
	while (!strstr(seen, "four")) {
		Tenon__V1__WatchResponse *message;
		assert_ok(rpc_read_next(reading, daemon.arena, &message, &err), &err);
		assert_non_null(message);
		for (size_t i = 0; i < message->n_changes; i++)
			seen = arena_printf(
				daemon.arena, "%s %s", seen, message->changes[i]->table);
	}
	assert_null(strstr(seen, "three"));
	daemon_done(&daemon);
}

/* ---- the audit log ---- */

static Tenon__V1__ListAuditResponse *audit(
	struct daemon_process *daemon, const char *principal, const char *kind)
{
	struct error err;
	Tenon__V1__ListAuditRequest request = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	Tenon__V1__ListAuditResponse *response;
	request.principal = lent(principal);
	request.kind = lent(kind);
	assert_ok(daemon_call(daemon, ACCESS, "ListAudit", &request, &response, &err), &err);
	return response;
}

static void test_reads_writes_and_denials_are_written_down(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_with_auth(&daemon);
	const char *admin = administrator(&daemon);
	put_database(&daemon, "sales");
	put_table(&daemon, "sales", "orders");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "sales", "orders");
	become(&daemon, alice);
	for (int i = 0; i < 5; i++)
		assert_ok(read_table(&daemon, "sales", "orders", &err), &err);
	assert_int_equal(read_table(&daemon, "sales", "pay", &err), STATUS_PERMISSION_DENIED);
	become(&daemon, admin);
	/* A write is there as soon as it is answered. */
	Tenon__V1__ListAuditResponse *writes = audit(&daemon, "admin", "write");
	assert_int_equal(writes->n_entries, 4);
	assert_string_equal(writes->entries[0]->method, "/tenon.v1.Access/PutGrant");
	assert_string_equal(writes->entries[0]->resource, "grant/alice/sales.orders read");
	assert_non_null(strstr(writes->entries[1]->resource, " of alice"));
	assert_string_equal(writes->entries[2]->resource, "sales.orders");
	Tenon__V1__ListAuditResponse *denied = NULL;
	for (int i = 0; i < 200 && (!denied || denied->n_entries == 0); i++) {
		(void)usleep(50 * 1000);
		denied = audit(&daemon, "alice", "denied");
	}
	assert_int_equal(denied->n_entries, 1);
	assert_string_equal(denied->entries[0]->resource, "sales.pay");
	assert_int_equal(denied->entries[0]->code, STATUS_PERMISSION_DENIED);
	Tenon__V1__ListAuditResponse *reads = audit(&daemon, "alice", "read");
	uint64_t count = 0;
	for (size_t i = 0; i < reads->n_entries; i++)
		count += reads->entries[i]->count;
	assert_int_equal(count, 5);
	/* Nothing that waits is lost by a stop in order. */
	become(&daemon, alice);
	assert_int_equal(read_table(&daemon, "sales", "last", &err), STATUS_PERMISSION_DENIED);
	assert_int_equal(daemon_stop(&daemon), 0);
	daemon_start(&daemon, (const char *const[]){"--auth", NULL}, NULL);
	become(&daemon, admin);
	assert_int_equal(audit(&daemon, "alice", "denied")->n_entries, 2);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_token_that_is_held_in_revokes_none_but_itself),
		cmocka_unit_test(
			test_a_revoked_token_is_unknown_at_once_and_like_one_that_never_was),
		cmocka_unit_test(test_tokens_and_grants_outlive_the_daemon),
		cmocka_unit_test(test_who_administers_a_pattern_gives_rights_on_it_and_no_further),
		cmocka_unit_test(test_a_scope_bounds_what_grants_give),
		cmocka_unit_test(test_a_watch_ends_when_its_token_is_revoked_or_expires),
		cmocka_unit_test(test_a_watch_shows_what_grants_allow_at_the_moment),
		cmocka_unit_test(test_reads_writes_and_denials_are_written_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
