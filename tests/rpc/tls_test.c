#include "tests/rpc/certificates.h"
#include "tests/rpc/fixture.h"

#include "rpc/local.h"

#include <dirent.h>

static struct {
	char folder[64];
	struct authority ours;
	struct authority others;
	struct made server;
	struct made client;
} pki;

static const struct wanted localhost = {.name = "tenond", .also = "DNS:localhost,IP:127.0.0.1"};

static int pki_start(void **state)
{
	(void)state;
	(void)snprintf(pki.folder, sizeof pki.folder, "/tmp/tenon-tls-XXXXXX");
	assert_non_null(mkdtemp(pki.folder));
	pki.ours = authority_new(pki.folder, "ours");
	pki.others = authority_new(pki.folder, "others");
	pki.server = made_by(&pki.ours, pki.folder, "server", &localhost);
	pki.client = made_by(&pki.ours, pki.folder, "client",
		&(struct wanted){.name = "someone", .also = "DNS:etl.example"});
	return 0;
}

static int pki_stop(void **state)
{
	(void)state;
	char path[512];
	DIR *folder = opendir(pki.folder);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		(void)snprintf(path, sizeof path, "%s/%s", pki.folder, entry->d_name);
		(void)unlink(path);
	}
	(void)closedir(folder);
	(void)rmdir(pki.folder);
	authority_done(&pki.ours);
	authority_done(&pki.others);
	return 0;
}

static struct rpc_server_options tls_options(const struct made *server)
{
	struct rpc_server_options options = fixture_options("127.0.0.1:0");
	options.tls.certificate = server->certificate;
	options.tls.key = server->key;
	return options;
}

static struct rpc_channel_options to(const struct fixture *fixture)
{
	return (struct rpc_channel_options){
		.address = rpc_server_address(fixture->server), .ca = pki.ours.file};
}

/* One call over a channel of its own; what the server saw of the caller. */
static enum status ask(const struct rpc_channel_options *options, struct arena *arena,
	const char **caller_out, struct error *err)
{
	OWNED(rpc_channel) channel = NULL;
	Tenon__V1__GetTableResponse *response;
	TRY(rpc_channel_open_with(options, &channel, err));
	TRY(ask_table(channel, "caller", 10000, arena, &response, err));
	*caller_out = response->table->description;
	return STATUS_OK;
}

static void check_says(const struct rpc_channel_options *options, enum status wanted,
	const char *says, const char *label)
{
	OWNED(arena) arena = arena_new();
	const char *caller = "";
	struct error err = {0};
	enum status status = ask(options, arena, &caller, &err);
	if (status != wanted || (says && !strstr(err.message, says)))
		fail_msg("%s: %s: %s", label, status_name(status), err.message);
}

static void calls_go_over_tls_and_bring_their_token(void **state)
{
	(void)state;
	struct rpc_server_options server = tls_options(&pki.server);
	struct fixture *fixture = fixture_start_with(server);
	struct rpc_channel_options options = to(fixture);
	OWNED(arena) arena = arena_new();
	const char *caller = "";
	struct error err;
	options.token = "s3cret";
	assert_ok(ask(&options, arena, &caller, &err), &err);
	assert_true(text_starts(text_of(caller), TEXT("ipv4:127.0.0.1:")));
	assert_true(text_ends(text_of(caller), TEXT("|-|s3cret")));
	fixture_stop(fixture, 1000);
}

static void what_tls_does_not_like_is_said_in_words(void **state)
{
	(void)state;
	struct wanted old = localhost;
	struct wanted early = localhost;
	old.from_s = -3 * DAY_S;
	old.until_s = 2; /* the server takes no expired one, but one that expires */
	early.name = "x";
	early.also = "DNS:lake.example";
	struct made elsewhere = made_by(&pki.ours, pki.folder, "elsewhere", &early);
	struct made expired = made_by(&pki.ours, pki.folder, "expired", &old);
	struct fixture *fixture = fixture_start_with(tls_options(&expired));
	struct rpc_channel_options options = to(fixture);
	(void)sleep(3);
	check_says(&options, STATUS_UNAVAILABLE, "has expired: renew it", "expired");
	fixture_stop(fixture, 1000);

	fixture = fixture_start_with(tls_options(&elsewhere));
	options = to(fixture);
	check_says(&options, STATUS_UNAVAILABLE, "is for 'lake.example', and not for '127.0.0.1'",
		"another name");
	options.server_name = "lake.example";
	check_says(&options, STATUS_OK, NULL, "the name that was told");
	options.ca = pki.others.file;
	check_says(&options, STATUS_UNAVAILABLE, "is not signed by any authority of '/tmp/",
		"an authority of others");
	options.ca = NULL;
	options.tls = true;
	check_says(&options, STATUS_UNAVAILABLE, "is not signed by any authority of this system",
		"the system's authorities");
	options.tls = false;
	check_says(&options, STATUS_UNAVAILABLE, "speaks TLS: say --tls-ca", "plain to TLS");
	fixture_stop(fixture, 1000);

	fixture = fixture_start("127.0.0.1:0");
	options = to(fixture);
	check_says(&options, STATUS_UNAVAILABLE, "does not speak TLS", "TLS to plain");
	fixture_stop(fixture, 1000);
	options.address = "127.0.0.1:1";
	check_says(&options, STATUS_UNAVAILABLE, "no tenond answers at '127.0.0.1:1'", "nobody");
}

static void a_caller_is_named_by_its_certificate(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		struct wanted wanted;
		const char *seen; /* NULL: refused */
	} rows[] = {
		{"a DNS name before the common name", {"cn", 0, "DNS:etl.example", 0, 0, 0},
			"|etl.example|-"},
		{"the first in the certificate's order",
			{"cn", 0, "email:a@b.c,URI:spiffe://lake/etl,DNS:etl.example", 0, 0, 0},
			"|spiffe://lake/etl|-"},
		{"a common name alone", {"nightly job", 0, NULL, 0, 0, 0}, "|nightly job|-"},
		{"an address is no name", {"cn", 0, "IP:10.0.0.1", 0, 0, 0}, "|cn|-"},
		{"in Unicode", {"Zoë", 0, NULL, 0, 0, 0}, "|Zoë|-"},
		{"no name at all", {NULL, 0, "IP:10.0.0.1", 0, 0, 0}, "|-|-"},
		{"a NUL in it", {"admin\0.evil.example", 19, NULL, 0, 0, 0}, NULL},
		{"a line end in it", {"admin\nx", 0, NULL, 0, 0, 0}, NULL},
	};
	struct rpc_server_options server = tls_options(&pki.server);
	server.tls.client_ca = pki.ours.file;
	struct fixture *fixture = fixture_start_with(server);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		const char *caller = "";
		struct error err;
		struct made client = made_by(&pki.ours, pki.folder, "named", &rows[i].wanted);
		struct rpc_channel_options options = to(fixture);
		options.certificate = client.certificate;
		options.key = client.key;
		enum status status = ask(&options, arena, &caller, &err);
		if (rows[i].seen &&
			(status != STATUS_OK || !text_ends(text_of(caller), text_of(rows[i].seen))))
			fail_msg("%s: '%s' %s", rows[i].label, caller, err.message);
		if (!rows[i].seen && status != STATUS_UNAUTHENTICATED)
			fail_msg("%s: '%s'", rows[i].label, caller);
	}
	struct rpc_channel_options without = to(fixture);
	check_says(&without, STATUS_OK, NULL, "without a certificate");
	fixture_stop(fixture, 1000);
}

static void a_client_certificate_that_is_required_must_be_of_the_authorities(void **state)
{
	(void)state;
	struct wanted name = {.name = "someone"};
	struct wanted past = {.name = "someone", .from_s = -2 * DAY_S, .until_s = 2};
	struct made foreign = made_by(&pki.others, pki.folder, "foreign", &name);
	struct made expiring = made_by(&pki.ours, pki.folder, "expiring", &past);
	struct rpc_server_options server = tls_options(&pki.server);
	server.tls.client_ca = pki.ours.file;
	server.tls.require_client_certificate = true;
	struct fixture *fixture = fixture_start_with(server);
	struct rpc_channel_options options = to(fixture);
	check_says(&options, STATUS_UNAVAILABLE, "wants a client certificate", "none");
	options.certificate = pki.client.certificate;
	options.key = pki.client.key;
	check_says(&options, STATUS_OK, NULL, "one of ours");
	options.certificate = foreign.certificate;
	options.key = foreign.key;
	check_says(&options, STATUS_UNAVAILABLE, "does not accept the client certificate",
		"one of others");
	options.certificate = expiring.certificate;
	options.key = expiring.key;
	(void)sleep(3);
	check_says(&options, STATUS_FAILED_PRECONDITION, "has expired on", "an expired one");
	fixture_stop(fixture, 1000);
}

static void files_that_cannot_be_used_are_refused_by_name(void **state)
{
	(void)state;
	struct wanted weak = localhost;
	struct wanted old = localhost;
	struct wanted early = localhost;
	weak.bits = 1024;
	old.from_s = -2 * DAY_S;
	old.until_s = -DAY_S;
	early.from_s = DAY_S;
	early.until_s = 2 * DAY_S;
	struct made short_key = made_by(&pki.ours, pki.folder, "short", &weak);
	struct made expired = made_by(&pki.ours, pki.folder, "old", &old);
	struct made not_yet = made_by(&pki.ours, pki.folder, "early", &early);
	struct made locked = made_by(&pki.ours, pki.folder, "locked", &localhost);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	key_written(key, locked.key, "open sesame");
	EVP_PKEY_free(key);
	char nothing[CERTIFICATE_PATH];
	(void)snprintf(nothing, sizeof nothing, "%s/nothing", pki.folder);
	char half[CERTIFICATE_PATH];
	(void)snprintf(half, sizeof half, "%s/half", pki.folder);
	FILE *file = fopen(half, "we");
	(void)fputs("-----BEGIN CERTIFICATE-----\nMIIB", file);
	(void)fclose(file);
	const char *certificate = pki.server.certificate;
	const char *good_key = pki.server.key;
	const struct {
		const char *label, *certificate, *key, *client_ca;
		const char *says;
	} rows[] = {
		{"no such certificate", nothing, good_key, NULL, "No such file"},
		{"no such key", certificate, nothing, NULL, "the key '"},
		{"a folder", "/tmp", good_key, NULL, "Is a directory"},
		{"no end", "/dev/zero", good_key, NULL, "is larger than 1048576 bytes"},
		{"not PEM", "/dev/null", good_key, NULL, "'/dev/null' holds no certificate in PEM"},
		{"half of one", half, good_key, NULL, "holds no certificate in PEM"},
		{"a key for a certificate", good_key, good_key, NULL, "holds no certificate"},
		{"a certificate for a key", certificate, certificate, NULL, "no private key"},
		{"of another", certificate, pki.client.key, NULL,
			"client.key' is not that of the certificate '"},
		{"encrypted", locked.certificate, locked.key, NULL, "is encrypted"},
		{"expired", expired.certificate, expired.key, NULL, "has expired on 20"},
		{"of tomorrow", not_yet.certificate, not_yet.key, NULL, "is not valid before 20"},
		{"too short a key", short_key.certificate, short_key.key, NULL, "too small"},
		{"no key", certificate, NULL, NULL, "comes without its key"},
		{"no certificate", NULL, good_key, NULL, "no TLS without"},
		{"no authority", certificate, good_key, "/dev/null", "holds no certificate"},
		{"half an authority", certificate, good_key, half, "holds no certificate"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rpc_server_options options = fixture_options("127.0.0.1:0");
		struct rpc_server *server = NULL;
		struct error err = {0};
		options.tls = (struct rpc_server_tls){
			rows[i].certificate, rows[i].key, rows[i].client_ca, false};
		enum status status = rpc_server_new(&options, &server, &err);
		if (status == STATUS_OK || !strstr(err.message, rows[i].says))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
		assert_null(server);
		/* The same files as a client's own. */
		struct rpc_channel_options client = {.address = "127.0.0.1:1",
			.certificate = rows[i].certificate,
			.key = rows[i].key,
			.ca = rows[i].client_ca};
		struct rpc_channel *channel = NULL;
		status = rpc_channel_open_with(&client, &channel, &err);
		assert_int_not_equal(status, STATUS_OK);
		assert_null(channel);
	}
	struct rpc_server_options options = tls_options(&pki.server);
	struct rpc_server *server = NULL;
	struct error err;
	options.tls.require_client_certificate = true;
	assert_int_equal(rpc_server_new(&options, &server, &err), STATUS_INVALID_ARGUMENT);
}

static void copied(const char *from, const char *path)
{
	char bytes[8192];
	FILE *in = fopen(from, "re");
	FILE *out = fopen(path, "we");
	size_t length = fread(bytes, 1, sizeof bytes, in);
	assert_int_equal(fwrite(bytes, 1, length, out), length);
	(void)fclose(in);
	(void)fclose(out);
}

/* Also with two addresses: each learns of it. */
static void a_new_certificate_is_in_use_from_the_next_connection_on(void **state)
{
	(void)state;
	static const char *const more[] = {"127.0.0.1:0", NULL};
	struct made first = made_by(&pki.others, pki.folder, "first", &localhost);
	struct made second = made_by(&pki.ours, pki.folder, "second", &localhost);
	struct made used = made_by(&pki.others, pki.folder, "used", &localhost);
	copied(first.certificate, used.certificate);
	copied(first.key, used.key);
	struct rpc_server_options server = tls_options(&used);
	server.more = more;
	struct fixture *fixture = fixture_start_with(server);
	struct rpc_channel_options ours = to(fixture);
	struct rpc_channel_options others = to(fixture);
	others.ca = pki.others.file;
	bool renewed = true;
	struct error err;
	OWNED(arena) arena = arena_new();
	OWNED(rpc_channel) living = NULL;
	Tenon__V1__GetTableResponse *response;
	assert_ok(rpc_channel_open_with(&others, &living, &err), &err);
	assert_ok(ask_table(living, "caller", 10000, arena, &response, &err), &err);
	assert_ok(rpc_server_renew(fixture->server, &renewed, &err), &err);
	assert_false(renewed);

	/* Half of a renewal: said once, and nothing changes. */
	copied(second.certificate, used.certificate);
	assert_int_equal(
		rpc_server_renew(fixture->server, &renewed, &err), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "is not that of the certificate"));
	assert_false(renewed);
	assert_ok(rpc_server_renew(fixture->server, &renewed, &err), &err);
	assert_false(renewed);
	check_says(&others, STATUS_OK, NULL, "the old one");

	copied(second.key, used.key);
	assert_ok(rpc_server_renew(fixture->server, &renewed, &err), &err);
	assert_true(renewed);
	for (size_t i = 0; i < 2; i++) {
		ours.address = rpc_server_address_at(fixture->server, i);
		others.address = ours.address;
		check_says(&ours, STATUS_OK, NULL, "the new one");
		check_says(&others, STATUS_UNAVAILABLE, "not signed by", "the old authority");
	}
	assert_null(rpc_server_address_at(fixture->server, 2));
	/* Who was connected still is. */
	assert_ok(ask_table(living, "caller", 10000, arena, &response, &err), &err);
	fixture_stop(fixture, 1000);
}

struct visitor {
	const struct rpc_channel_options *options;
	atomic_bool *over;
	unsigned visits;
	unsigned failed;
};

static void *visit_often(void *state)
{
	struct visitor *visitor = state;
	while (!atomic_load(visitor->over)) {
		OWNED(arena) arena = arena_new();
		const char *caller = "";
		struct error err;
		visitor->visits++;
		visitor->failed += ask(visitor->options, arena, &caller, &err) != STATUS_OK;
	}
	return NULL;
}

static void no_connection_fails_while_certificates_change(void **state)
{
	(void)state;
	enum { VISITORS = 3, CHANGES = 30 };
	struct made one = made_by(&pki.ours, pki.folder, "one", &localhost);
	struct made two = made_by(&pki.ours, pki.folder, "two", &localhost);
	struct made used = made_by(&pki.ours, pki.folder, "busy", &localhost);
	struct rpc_server_options server = tls_options(&used);
	struct fixture *fixture = fixture_start_with(server);
	struct rpc_channel_options options = to(fixture);
	atomic_bool over = false;
	struct visitor visitors[VISITORS];
	pthread_t threads[VISITORS];
	for (size_t i = 0; i < VISITORS; i++) {
		visitors[i] = (struct visitor){&options, &over, 0, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, visit_often, &visitors[i]), 0);
	}
	for (size_t i = 0; i < CHANGES; i++) {
		const struct made *next = i % 2 ? &one : &two;
		bool renewed = false;
		struct error err;
		copied(next->certificate, used.certificate);
		copied(next->key, used.key);
		assert_ok(rpc_server_renew(fixture->server, &renewed, &err), &err);
		assert_true(renewed);
		(void)usleep(20000);
	}
	atomic_store(&over, true);
	for (size_t i = 0; i < VISITORS; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(visitors[i].failed, 0);
		assert_true(visitors[i].visits > 1);
	}
	fixture_stop(fixture, 1000);
}

static void a_unix_socket_beside_tls_stays_plain(void **state)
{
	(void)state;
	char path[160];
	(void)snprintf(path, sizeof path, "unix:%s/socket", pki.folder);
	const char *const more[] = {path, NULL};
	struct rpc_server_options server = tls_options(&pki.server);
	server.more = more;
	struct fixture *fixture = fixture_start_with(server);
	struct rpc_channel_options options = {.address = path, .token = "s3cret"};
	check_says(&options, STATUS_OK, NULL, "plain");
	options.ca = pki.ours.file;
	check_says(&options, STATUS_OK, NULL, "told of TLS");
	fixture_stop(fixture, 1000);
}

static void a_token_is_not_sent_in_the_clear_to_others(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool is_local;
	} rows[] = {
		{"127.0.0.1:7433", true},
		{"127.8.9.10:7433", true},
		{"localhost:7433", true},
		{"LocalHost:7433", true},
		{"[::1]:7433", true},
		{"unix:/x", true},
		{"192.0.2.1:7433", false},
		{"127.0.0.1.example:7433", false},
		{"127.1:7433", false},
		{"localhost.example:7433", false},
		{"0.0.0.0:7433", false},
		{"[::]:7433", false},
		{"lake:7433", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rpc_channel_options options = {
			.address = rows[i].address, .token = "s3cret"};
		assert_int_equal(address_is_local(text_of(rows[i].address)), rows[i].is_local);
		for (int told = 0; told < 2; told++) {
			OWNED(rpc_channel) channel = NULL;
			struct error err;
			options.token_in_the_clear = told;
			enum status status = rpc_channel_open_with(&options, &channel, &err);
			if ((status == STATUS_OK) != (rows[i].is_local || told))
				fail_msg("%s", rows[i].address);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_go_over_tls_and_bring_their_token),
		cmocka_unit_test(what_tls_does_not_like_is_said_in_words),
		cmocka_unit_test(a_caller_is_named_by_its_certificate),
		cmocka_unit_test(a_client_certificate_that_is_required_must_be_of_the_authorities),
		cmocka_unit_test(files_that_cannot_be_used_are_refused_by_name),
		cmocka_unit_test(a_new_certificate_is_in_use_from_the_next_connection_on),
		cmocka_unit_test(no_connection_fails_while_certificates_change),
		cmocka_unit_test(a_unix_socket_beside_tls_stays_plain),
		cmocka_unit_test(a_token_is_not_sent_in_the_clear_to_others),
	};
	return cmocka_run_group_tests(tests, pki_start, pki_stop);
}
