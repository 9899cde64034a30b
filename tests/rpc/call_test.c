#include "tests/rpc/fixture.h"

static int start(void **state)
{
	*state = fixture_start(NULL);
	return 0;
}

static int stop(void **state)
{
	fixture_stop(*state, 2000);
	return 0;
}

static void a_unary_call_is_answered_however_its_handler_answers(void **state)
{
	static const struct {
		const char *name, *description;
	} rows[] = {
		{"orders", "sales"},
		{"late", "from another thread"},
		{"bytes", ""},
		{"token", "s3cret"},
		{"method", "/tenon.v1.Catalog/GetTable"},
	};
	OWNED(rpc_channel) channel = dial(*state, "s3cret");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableResponse *response;
		struct error err;
		assert_ok(ask_table(channel, rows[i].name, 0, arena, &response, &err), &err);
		assert_string_equal(response->table->name, rows[i].name);
		assert_string_equal(response->table->description, rows[i].description);
	}
}

static void a_handler_may_answer_through_the_closure(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	struct error err;
	assert_ok(ask_table(channel, "closure", 0, arena, &response, &err), &err);
	assert_null(response->table);
}

static void a_call_without_a_token_has_an_empty_one(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	struct error err;
	assert_ok(ask_table(channel, "token", 0, arena, &response, &err), &err);
	assert_string_equal(response->table->description, "");
}

static void an_error_arrives_with_its_status_and_words(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response = NULL;
	struct error err;
	assert_int_equal(
		ask_table(channel, "missing", 0, arena, &response, &err), STATUS_NOT_FOUND);
	assert_string_equal(err.message, "table 'sales.missing' does not exist: 100% sure é");
	assert_int_equal(err.status, STATUS_NOT_FOUND);
	assert_null(response);
}

static void a_method_without_a_handler_is_unimplemented(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__ListDatabasesRequest request = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	void *response;
	struct error err;
	assert_int_equal(rpc_invoke(channel, &tenon__v1__catalog__descriptor, "ListDatabases",
				 &request.base, 5000, arena, &response, &err),
		STATUS_UNIMPLEMENTED);
	assert_non_null(strstr(err.message, "/tenon.v1.Catalog/ListDatabases"));
}

static void an_unknown_path_is_unimplemented_at_once_and_again(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	ProtobufCMethodDescriptor methods[] = {{"Nope", &tenon__v1__get_table_request__descriptor,
		&tenon__v1__get_table_response__descriptor}};
	const unsigned indices[] = {0};
	ProtobufCServiceDescriptor service = tenon__v1__catalog__descriptor;
	service.name = "no.such.Service";
	service.n_methods = 1;
	service.methods = methods;
	service.method_indices_by_name = indices;
	for (int i = 0; i < 40; i++) { /* more often than there are slots for it */
		OWNED(arena) arena = arena_new();
		Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
		void *response;
		struct error err;
		assert_int_equal(rpc_invoke(channel, &service, "Nope", &request.base, 5000, arena,
					 &response, &err),
			STATUS_UNIMPLEMENTED);
		assert_non_null(strstr(err.message, "no method '/no.such.Service/Nope'"));
	}
}

static void a_message_over_the_limit_is_refused_before_a_handler_sees_it(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	size_t length = (64u << 20) + 1000;
	char *big = malloc(length + 1);
	assert_non_null(big);
	memset(big, 'x', length);
	big[length] = 0;
	request.name = big;
	void *response;
	struct error err;
	assert_int_equal(rpc_invoke(channel, &tenon__v1__catalog__descriptor, "GetTable",
				 &request.base, 0, arena, &response, &err),
		STATUS_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(err.message, "67108864"));
	free(big);
}

static void text_that_is_not_utf8_is_refused_by_field(void **state)
{
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	struct error err;
	assert_int_equal(
		ask_table(channel, "bad\xff", 0, arena, &response, &err), STATUS_INVALID_ARGUMENT);
	assert_string_equal(err.message, "field 'name' is not UTF-8");
}

static void bytes_that_are_no_message_are_refused(void **state)
{
	/* PutJobRequest.job (field 1) is a message; this sends text in its place. */
	OWNED(rpc_channel) channel = dial(*state, NULL);
	OWNED(arena) arena = arena_new();
	ProtobufCServiceDescriptor service = tenon__v1__catalog__descriptor;
	Tenon__V1__ReadLogResponse garbage = TENON__V1__READ_LOG_RESPONSE__INIT;
	uint8_t bytes[] = {0xff, 0xff};
	garbage.text = (ProtobufCBinaryData){sizeof bytes, bytes};
	void *response;
	struct error err;
	assert_int_equal(rpc_invoke(channel, &service, "GetTable", &garbage.base, 5000, arena,
				 &response, &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "database"));
}

static void a_deadline_ends_the_call_and_tells_the_handler(void **state)
{
	struct fixture *fixture = *state;
	OWNED(rpc_channel) channel = dial(fixture, NULL);
	OWNED(arena) arena = arena_new();
	Tenon__V1__GetTableResponse *response;
	struct error err;
	uint64_t before = clock_monotonic_ns();
	assert_int_equal(
		ask_table(channel, "park", 100, arena, &response, &err), STATUS_DEADLINE_EXCEEDED);
	assert_true(clock_monotonic_ns() - before < 5000000000);
	assert_non_null(strstr(err.message, "no answer in time"));
	assert_true(becomes(&fixture->cancelled, 1));
}

struct asker {
	struct fixture *fixture;
	struct rpc_channel *channel;
	unsigned failed;
};

static void *ask_often(void *state)
{
	struct asker *asker = state;
	OWNED(arena) arena = arena_new();
	for (int i = 0; i < 200; i++) {
		char name[32];
		Tenon__V1__GetTableResponse *response;
		struct error err;
		arena_reset(arena);
		(void)snprintf(name, sizeof name, "table_%d_%p", i, state);
		if (ask_table(asker->channel, name, 0, arena, &response, &err) != STATUS_OK ||
			strcmp(response->table->name, name) != 0)
			asker->failed++;
	}
	return NULL;
}

static void threads_may_share_a_channel(void **state)
{
	enum { THREADS = 8 };
	OWNED(rpc_channel) channel = dial(*state, NULL);
	struct asker askers[THREADS];
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) {
		askers[i] = (struct asker){*state, channel, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &askers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(askers[i].failed, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
		CASE(a_unary_call_is_answered_however_its_handler_answers),
		CASE(a_handler_may_answer_through_the_closure),
		CASE(a_call_without_a_token_has_an_empty_one),
		CASE(an_error_arrives_with_its_status_and_words),
		CASE(a_method_without_a_handler_is_unimplemented),
		CASE(an_unknown_path_is_unimplemented_at_once_and_again),
		CASE(a_message_over_the_limit_is_refused_before_a_handler_sees_it),
		CASE(text_that_is_not_utf8_is_refused_by_field),
		CASE(bytes_that_are_no_message_are_refused),
		CASE(a_deadline_ends_the_call_and_tells_the_handler),
		CASE(threads_may_share_a_channel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
