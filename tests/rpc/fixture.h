#pragma once

#include "tests/unit.h"

#include "base/clock.h"
#include "proto/wire.h"
#include "rpc/call.h"
#include "rpc/client.h"
#include "rpc/server.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A real server with a few methods of real services; what they do is said by the
 * name that they are asked for. */
struct fixture {
	Tenon__V1__Catalog_Service catalog;
	Tenon__V1__Jobs_Service jobs;
	struct rpc_server *server;
	char folder[64];
	char socket[128];
	atomic_uint cancelled; /* parked unary calls that were cancelled */
	atomic_uint late; /* calls that are answered by another thread */
	atomic_uint sent; /* messages that streams gave */
	atomic_uint closed; /* streams that ended */
	pthread_mutex_t lock; /* for what follows */
	struct rpc_call *parked;
	bool released;
};

static struct fixture *the_fixture;

static inline void table_reply(struct rpc_call *call, char *name, struct text description)
{
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__GetTableResponse response = TENON__V1__GET_TABLE_RESPONSE__INIT;
	table.name = name;
	table.description = arena_text(rpc_arena(call), description);
	response.table = &table;
	rpc_reply(call, &response.base);
}

static inline void *reply_later(void *state)
{
	(void)usleep(20000);
	table_reply(state, (char[]){"late"}, TEXT("from another thread"));
	return NULL;
}

static inline void parked_cancelled(void *state)
{
	struct error err;
	atomic_fetch_add(&the_fixture->cancelled, 1);
	(void)fail(&err, STATUS_CANCELLED, "nobody waits any more");
	rpc_fail(state, &err);
}

static inline void get_table(Tenon__V1__Catalog_Service *service,
	const Tenon__V1__GetTableRequest *request, Tenon__V1__GetTableResponse_Closure reply,
	void *call_data)
{
	(void)service;
	struct rpc_call *call = rpc_call_of(call_data);
	struct error err;
	if (strcmp(request->name, "missing") == 0) {
		(void)fail(&err, STATUS_NOT_FOUND, "table '%s.%s' does not exist: 100%% sure é",
			request->database, request->name);
		rpc_fail(call, &err);
	} else if (strcmp(request->name, "late") == 0) {
		pthread_t thread;
		atomic_fetch_add(&the_fixture->late, 1);
		assert_int_equal(pthread_create(&thread, NULL, reply_later, call), 0);
		(void)pthread_detach(thread);
	} else if (strcmp(request->name, "park") == 0) {
		rpc_on_cancel(call, parked_cancelled, call);
	} else if (strcmp(request->name, "bytes") == 0) {
		/* GetTableResponse{table{...}} with a head made by hand */
		Tenon__V1__Table table = TENON__V1__TABLE__INIT;
		table.name = request->name;
		struct text body = wire_pack(rpc_arena(call), &table.base);
		assert_true(body.length < 128);
		char head[2] = {1 << 3 | 2, (char)body.length};
		rpc_reply_bytes(call, (struct text){head, 2}, body);
	} else if (strcmp(request->name, "token") == 0) {
		table_reply(call, request->name, text_of(rpc_caller(call)->bearer));
	} else if (strcmp(request->name, "caller") == 0) {
		const struct rpc_caller *caller = rpc_caller(call);
		table_reply(call, request->name,
			text_of(arena_printf(rpc_arena(call), "%s|%s|%s", caller->address,
				caller->certificate ? caller->certificate : "-",
				caller->bearer ? caller->bearer : "-")));
	} else if (strcmp(request->name, "method") == 0) {
		table_reply(call, request->name, text_of(rpc_method(call)));
	} else if (strcmp(request->name, "closure") == 0) {
		Tenon__V1__GetTableResponse response = TENON__V1__GET_TABLE_RESPONSE__INIT;
		reply(&response, call_data);
	} else {
		table_reply(call, request->name, text_of(request->database));
	}
}

/* A stream that gives `left` messages of `bytes` each. */
struct counter {
	unsigned left;
	size_t bytes;
	char *text;
	bool park;
};

static inline void counter_next(struct rpc_call *call, void *state)
{
	struct counter *counter = state;
	if (counter->park) {
		(void)pthread_mutex_lock(&the_fixture->lock);
		bool released = the_fixture->released;
		the_fixture->parked = call;
		(void)pthread_mutex_unlock(&the_fixture->lock);
		if (!released)
			return;
	}
	if (counter->left == 0) {
		rpc_stream_end(call);
		return;
	}
	counter->left--;
	atomic_fetch_add(&the_fixture->sent, 1);
	Tenon__V1__ReadLogResponse response = TENON__V1__READ_LOG_RESPONSE__INIT;
	response.offset = counter->left;
	response.text = (ProtobufCBinaryData){counter->bytes, (uint8_t *)counter->text};
	rpc_stream_send(call, &response.base);
}

static inline void counter_closed(void *state)
{
	struct counter *counter = state;
	(void)pthread_mutex_lock(&the_fixture->lock);
	the_fixture->parked = NULL;
	(void)pthread_mutex_unlock(&the_fixture->lock);
	free(counter->text);
	free(counter);
	atomic_fetch_add(&the_fixture->closed, 1);
}

/* run_id "park": waits for fixture_release; "fail": an error; offset: messages,
 * each as long as the number in run_id says. */
static inline void read_log(Tenon__V1__Jobs_Service *service,
	const Tenon__V1__ReadLogRequest *request, Tenon__V1__ReadLogResponse_Closure reply,
	void *call_data)
{
	(void)service;
	(void)reply;
	static const struct rpc_stream_ops ops = {counter_next, counter_closed};
	struct rpc_call *call = rpc_call_of(call_data);
	if (strcmp(request->run_id, "fail") == 0) {
		struct error err;
		(void)fail(
			&err, STATUS_FAILED_PRECONDITION, "run '%s' has no log", request->run_id);
		rpc_fail(call, &err);
		return;
	}
	struct counter *counter = calloc(1, sizeof *counter);
	assert_non_null(counter);
	uint64_t bytes = 0;
	(void)text_uint64(text_of(request->run_id), &bytes);
	counter->bytes = bytes;
	counter->text = calloc(1, bytes + 1);
	counter->left = (unsigned)request->offset;
	counter->park = strcmp(request->run_id, "park") == 0;
	rpc_stream(call, &ops, counter);
}

static inline struct rpc_server_options fixture_options(const char *address)
{
	struct text descriptors = wire_descriptors();
	return (struct rpc_server_options){.address = address,
		.descriptors = descriptors.at,
		.descriptors_length = descriptors.length,
		.pollers = 2};
}

static inline struct fixture *fixture_start_with(struct rpc_server_options options)
{
	(void)signal(SIGPIPE, SIG_IGN);
	struct fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	the_fixture = fixture;
	(void)pthread_mutex_init(&fixture->lock, NULL);
	(void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/tenon-rpc-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(fixture->socket, sizeof fixture->socket, "unix:%s/socket", fixture->folder);
	fixture->catalog = (Tenon__V1__Catalog_Service){
		.base = {.descriptor = &tenon__v1__catalog__descriptor,
			.invoke = protobuf_c_service_invoke_internal},
		.get_table = get_table,
	};
	fixture->jobs = (Tenon__V1__Jobs_Service){
		.base = {.descriptor = &tenon__v1__jobs__descriptor,
			.invoke = protobuf_c_service_invoke_internal},
		.read_log = read_log,
	};
	struct error err;
	if (!options.address)
		options.address = fixture->socket;
	assert_ok(rpc_server_new(&options, &fixture->server, &err), &err);
	rpc_server_add(fixture->server, &fixture->catalog.base);
	rpc_server_add(fixture->server, &fixture->jobs.base);
	assert_ok(rpc_server_start(fixture->server, &err), &err);
	return fixture;
}

static inline struct fixture *fixture_start(const char *address)
{
	return fixture_start_with(fixture_options(address));
}

static inline void fixture_stop(struct fixture *fixture, unsigned drain_ms)
{
	if (fixture->server)
		rpc_server_stop(fixture->server, drain_ms);
	rpc_server_free(fixture->server);
	fixture->server = NULL;
	(void)unlink(fixture->socket + strlen("unix:"));
	(void)rmdir(fixture->folder);
	(void)pthread_mutex_destroy(&fixture->lock);
	free(fixture);
}

/* Wait until the counter is at least `wanted`; false after five seconds. */
static inline bool becomes(atomic_uint *counter, unsigned wanted)
{
	for (int i = 0; i < 5000; i++) {
		if (atomic_load(counter) >= wanted)
			return true;
		(void)usleep(1000);
	}
	return false;
}

static inline struct rpc_channel *dial(const struct fixture *fixture, const char *token)
{
	struct rpc_channel *channel;
	struct error err;
	assert_ok(
		rpc_channel_open(rpc_server_address(fixture->server), token, &channel, &err), &err);
	return channel;
}

static inline enum status ask_table(struct rpc_channel *channel, const char *name,
	int64_t timeout_ms, struct arena *arena, Tenon__V1__GetTableResponse **response_out,
	struct error *err)
{
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	request.database = arena_text(arena, TEXT("sales"));
	request.name = arena_text(arena, text_of(name));
	return rpc_invoke(channel, &tenon__v1__catalog__descriptor, "GetTable", &request.base,
		timeout_ms, arena, response_out, err);
}

static inline struct rpc_reading *open_log(
	struct rpc_channel *channel, const char *run, uint64_t messages, int64_t timeout_ms)
{
	Tenon__V1__ReadLogRequest request = TENON__V1__READ_LOG_REQUEST__INIT;
	char id[32];
	(void)snprintf(id, sizeof id, "%s", run);
	request.run_id = id;
	request.offset = messages;
	struct rpc_reading *reading;
	struct error err;
	assert_ok(rpc_read_open(channel, &tenon__v1__jobs__descriptor, "ReadLog", &request.base,
			  timeout_ms, &reading, &err),
		&err);
	return reading;
}
