#include "tests/unit.h"

#include "catalog/value_secret.h"

static const struct {
	const char *label, *value, *hidden;
} rows[] = {
	{"nothing", "", ""},
	{"no secret", "jdbc:postgresql://db:5432/shop?ssl=true", NULL},
	{"the user of a URL", "postgres://etl:hush@db:5432/shop",
		"postgres://etl:***@db:5432/shop"},
	{"a user without a password", "postgres://etl@db:5432/shop", NULL},
	{"nothing between ':' and '@'", "postgres://etl:@db/shop", NULL},
	{"a password without a user", "redis://:hush@cache:6379/0", "redis://:***@cache:6379/0"},
	{"an '@' in the password", "amqp://u:hu@sh@mq", "amqp://u:***@mq"},
	{"a '/' in the password", "postgres://u:hu/sh@db/shop", "postgres://u:***@db/shop"},
	{"a port is no password", "https://host:8443/a@b", NULL},
	{"several hosts", "mongodb://u:hush@a:1,b:2/db", "mongodb://u:***@a:1,b:2/db"},
	{"several hosts without one", "mongodb://a:27017,b:27017/x@y", NULL},
	{"IPv6", "http://[::1]:80/", NULL},
	{"parameters", "jdbc:mysql://db/shop?user=u&password=hush&ssl=1",
		"jdbc:mysql://db/shop?user=u&password=***&ssl=1"},
	{"parameters after ';'", "jdbc:sqlserver://db;user=u;Password=hush;encrypt=true",
		"jdbc:sqlserver://db;user=u;Password=***;encrypt=true"},
	{"in braces", "jdbc:sqlserver://db;password={hu;sh};x=1",
		"jdbc:sqlserver://db;password={***};x=1"},
	{"after ','", "jdbc:teradata://db/USER=u,PASSWORD=hu,sh,TMODE=ANSI",
		"jdbc:teradata://db/USER=u,PASSWORD=***,TMODE=ANSI"},
	{"words of libpq", "host=db user=u password = 'hu sh' dbname=x",
		"host=db user=u password = '***' dbname=x"},
	{"JAAS", "required username=\"u\" password=\"hush\";",
		"required username=\"u\" password=\"***\";"},
	{"both kinds", "http://u:hush@h/?token=hush&a=b", "http://u:***@h/?token=***&a=b"},
	{"Oracle", "jdbc:oracle:thin:scott/hush@//db:1521/x",
		"jdbc:oracle:thin:scott/***@//db:1521/x"},
	{"Oracle without a user", "jdbc:oracle:thin:@//db:1521/x", NULL},
	{"an empty one", "a?password=&b=c", NULL},
	{"a name that only begins so", "a?password_file=/etc/pw&secret_id=7", NULL},
	{"hidden already", "postgres://etl:***@db/?pwd=***", NULL},
	{"the end of a value", "password=", NULL},
	{"a quote that does not close", "password='hush", "password='***"},
};

static void a_password_inside_a_value_is_hidden_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct text hidden = value_secrets_hidden(arena, text_of(rows[i].value));
		const char *expected = rows[i].hidden ? rows[i].hidden : rows[i].value;
		if (!text_equal(hidden, text_of(expected)))
			fail_msg("%s: '%.*s'", rows[i].label, TEXT_ARG(hidden));
	}
}

static void what_was_shown_and_comes_back_is_what_is_stored(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct text stored = text_of(rows[i].value);
		struct text back;
		assert_true(value_secrets_kept(
			arena, value_secrets_hidden(arena, stored), stored, &back));
		if (!text_equal(back, stored))
			fail_msg("%s: '%.*s'", rows[i].label, TEXT_ARG(back));
	}
}

static void a_value_may_change_around_its_password(void **state)
{
	(void)state;
	static const struct {
		const char *label, *value, *stored, *kept; /* NULL: refused */
	} changes[] = {
		{"another host", "pg://u:***@other/x", "pg://u:hush@db/x", "pg://u:hush@other/x"},
		{"another password", "pg://u:new@db/x", "pg://u:hush@db/x", "pg://u:new@db/x"},
		{"the second of two", "pg://u:new@db/?token=***", "pg://u:a@db/?token=b",
			"pg://u:new@db/?token=b"},
		{"none is stored", "pg://u:***@db/x", "pg://u@db/x", NULL},
		{"nothing is stored", "pg://u:***@db/x", "", NULL},
		{"fewer are stored", "pg://u:***@db/?token=***", "pg://u:a@db/", NULL},
	};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		OWNED(arena) arena = arena_new();
		struct text kept = {"", 0};
		bool is_kept = value_secrets_kept(
			arena, text_of(changes[i].value), text_of(changes[i].stored), &kept);
		if (is_kept != (changes[i].kept != NULL) ||
			(is_kept && !text_equal(kept, text_of(changes[i].kept))))
			fail_msg("%s: '%.*s'", changes[i].label, TEXT_ARG(kept));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_inside_a_value_is_hidden_and_nothing_else),
		cmocka_unit_test(what_was_shown_and_comes_back_is_what_is_stored),
		cmocka_unit_test(a_value_may_change_around_its_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
