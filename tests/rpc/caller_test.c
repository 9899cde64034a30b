#include "tests/rpc/fixture.h"

#include "base/memory.h"
#include "rpc/channel.h"

static const char *caller_seen(struct rpc_channel *channel, struct arena *arena)
{
	Tenon__V1__GetTableResponse *response;
	struct error err;
	assert_ok(ask_table(channel, "caller", 5000, arena, &response, &err), &err);
	return response->table->description;
}

static void a_caller_is_an_address_and_the_token_it_brings(void **state)
{
	(void)state;
	static const struct {
		const char *listen, *begins;
	} rows[] = {
		{NULL, "unix:"}, {"127.0.0.1:0", "ipv4:127.0.0.1:"}, {"[::1]:0", "ipv6:[::1]:"}};
	static const struct {
		const char *token, *ends;
	} tokens[] = {{NULL, "|-|-"}, {"s3cret", "|-|s3cret"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture *fixture = fixture_start(rows[i].listen);
		for (size_t k = 0; k < sizeof tokens / sizeof *tokens; k++) {
			OWNED(arena) arena = arena_new();
			OWNED(rpc_channel) channel = dial(fixture, tokens[k].token);
			struct text seen = text_of(caller_seen(channel, arena));
			if (!text_starts(seen, text_of(rows[i].begins)) ||
				!text_ends(seen, text_of(tokens[k].ends)))
				fail_msg("'%s'", seen.at);
		}
		fixture_stop(fixture, 1000);
	}
}

/* A client that writes the header as it likes. */
static void a_header_that_is_none_is_refused_before_any_handler_sees_the_call(void **state)
{
	(void)state;
	struct fixture *fixture = fixture_start(NULL);
	char *too_long = memory_new(2000);
	memset(too_long, 'x', 1999);
	memcpy(too_long, "Bearer ", 7);
	const char *const headers[] = {
		"Basic dXNlcjpw", "Bearer", "Bearer a b", "s3cret", too_long};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		OWNED(arena) arena = arena_new();
		OWNED(rpc_channel) channel = dial(fixture, NULL);
		Tenon__V1__GetTableResponse *response;
		struct error err;
		channel->authorization = memory_text(headers[i]);
		assert_int_equal(ask_table(channel, "caller", 5000, arena, &response, &err),
			STATUS_UNAUTHENTICATED);
		assert_null(strstr(err.message, "s3cret"));
	}
	free(too_long);
	fixture_stop(fixture, 1000);
}

static void a_client_does_not_send_what_is_no_token(void **state)
{
	(void)state;
	static const char *const tokens[] = {"", "a b", "a\n", "a\r\nx: y", "\xc3\xa9"};
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		struct rpc_channel *channel = NULL;
		struct error err;
		assert_int_equal(rpc_channel_open("127.0.0.1:1", tokens[i], &channel, &err),
			STATUS_INVALID_ARGUMENT);
		assert_null(channel);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_caller_is_an_address_and_the_token_it_brings),
		cmocka_unit_test(a_header_that_is_none_is_refused_before_any_handler_sees_the_call),
		cmocka_unit_test(a_client_does_not_send_what_is_no_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
