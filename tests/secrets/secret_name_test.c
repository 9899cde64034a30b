#include "tests/unit.h"

#include "secrets/secret_name.h"

static void a_name_is_secret_by_how_it_ends(void **state)
{
	static const struct {
		const char *name;
		bool is_secret;
	} rows[] = {
		{"PASSWORD", true},
		{"db.password", true},
		{"Api_Key", true},
		{"secret.key", true},
		{"session_token", true},
		{"sasl.jaas.config", true},
		{"pwd", true},
		{"", false},
		{"password_hint", false},
		{"tokens", false},
		{"key", false},
		{"skip.header.line.count", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (name_is_secret(text_of(rows[i].name)) != rows[i].is_secret)
			fail_msg("'%s'", rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_secret_by_how_it_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
