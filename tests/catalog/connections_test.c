#include "tests/catalog/fixture.h"

#include "catalog/connections.h"

struct putting {
	struct connection_put put;
	struct arena *arena;
	Tenon__V1__Connection *out;
	bool created;
	const char *drop;
};

static enum status apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct putting *putting = state;
	if (putting->drop)
		return connection_delete(txn, text_of(putting->drop), err);
	return connection_put(
		txn, &putting->put, putting->arena, &putting->out, &putting->created, err);
}

static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* With a password unless NULL. */
static Tenon__V1__Connection *made(struct arena *arena, const char *user, const char *password)
{
	Tenon__V1__Connection *connection = arena_alloc(arena, sizeof *connection);
	tenon__v1__connection__init(connection);
	connection->name = lent("warehouse");
	connection->type = lent("JDBC");
	connection->properties = arena_array(arena, 2, sizeof *connection->properties);
	const char *pairs[][2] = {{"USERNAME", user}, {"PASSWORD", password}};
	for (size_t i = 0; i < 2 && pairs[i][1]; i++) {
		connection->properties[i] = arena_alloc(arena, sizeof **connection->properties);
		tenon__v1__connection__properties_entry__init(connection->properties[i]);
		connection->properties[i]->key = lent(pairs[i][0]);
		connection->properties[i]->value = lent(pairs[i][1]);
		connection->n_properties++;
	}
	return connection;
}

static enum status put(
	struct fixture *f, const Tenon__V1__Connection *connection, struct putting *putting)
{
	*putting = (struct putting){.put = {.connection = connection}, .arena = f->arena};
	return catalog_write_now(f->catalog, apply, putting, &f->err);
}

static const char *password(struct fixture *f, bool with_secrets)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Connection *connection;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(connection_get(
			  txn, TEXT("warehouse"), with_secrets, f->arena, &connection, &f->err),
		&f->err);
	for (size_t i = 0; i < connection->n_properties; i++) {
		if (strcmp(connection->properties[i]->key, "PASSWORD") == 0)
			return connection->properties[i]->value;
	}
	return NULL;
}

static void a_secret_is_shown_only_when_asked_for_and_stays_when_it_reads_stars(void **state)
{
	(void)state;
	struct fixture f;
	struct putting putting;
	fixture_open(&f, 0);
	assert_ok(put(&f, made(f.arena, "etl", "s3cret"), &putting), &f.err);
	assert_true(putting.created);
	assert_string_equal(putting.out->properties[0]->value, "***");
	assert_string_equal(password(&f, false), "***");
	assert_string_equal(password(&f, true), "s3cret");
	assert_ok(put(&f, made(f.arena, "other", "***"), &putting), &f.err);
	assert_false(putting.created);
	assert_string_equal(password(&f, true), "s3cret");
	fixture_close(&f);
}

static void stars_without_a_stored_secret_are_refused(void **state)
{
	(void)state;
	struct fixture f;
	struct putting putting;
	fixture_open(&f, 0);
	assert_int_equal(put(&f, made(f.arena, "etl", "***"), &putting), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(f.err.message, "PASSWORD"));
	fixture_close(&f);
}

static void the_same_again_writes_nothing_and_what_is_dropped_is_gone(void **state)
{
	(void)state;
	struct fixture f;
	struct putting putting;
	struct catalog_stats before;
	struct catalog_stats after;
	fixture_open(&f, 0);
	assert_ok(put(&f, made(f.arena, "etl", "s3cret"), &putting), &f.err);
	catalog_stats(f.catalog, &before);
	assert_ok(put(&f, made(f.arena, "etl", "s3cret"), &putting), &f.err);
	catalog_stats(f.catalog, &after);
	assert_int_equal(after.commits, before.commits);
	putting.drop = "warehouse";
	assert_ok(catalog_write_now(f.catalog, apply, &putting, &f.err), &f.err);
	assert_int_equal(catalog_write_now(f.catalog, apply, &putting, &f.err), STATUS_NOT_FOUND);
	fixture_close(&f);
}

static void what_is_secret_goes_by_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		bool secret;
	} rows[] = {
		{"PASSWORD", true},
		{"kafka_client_keystore_password", true},
		{"passphrase", true},
		{"pwd", true},
		{"fs.s3a.secret.key", true},
		{"ACCOUNT_KEY", true},
		{"sasl.jaas.config", true},
		{"primary_key", false},
		{"OAUTH_CLIENT_SECRET", true},
		{"access_token", true},
		{"RSA_PRIVATE_KEY", true},
		{"api_key", true}, /* the connection says so */
		{"SECRET_ID", false}, /* where a secret is, not the secret */
		{"USERNAME", false},
		{"", false},
	};
	char *named[] = {lent("API_KEY")};
	Tenon__V1__Connection connection = TENON__V1__CONNECTION__INIT;
	connection.secret_keys = named;
	connection.n_secret_keys = 1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (connection_key_is_secret(&connection, text_of(rows[i].key)) != rows[i].secret)
			fail_msg("'%s'", rows[i].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_secret_is_shown_only_when_asked_for_and_stays_when_it_reads_stars),
		cmocka_unit_test(stars_without_a_stored_secret_are_refused),
		cmocka_unit_test(the_same_again_writes_nothing_and_what_is_dropped_is_gone),
		cmocka_unit_test(what_is_secret_goes_by_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
