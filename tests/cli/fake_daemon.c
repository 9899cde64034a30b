#include "tests/cli/fake_daemon.h"

#include "base/memory.h"
#include "proto/json.h"
#include "proto/wire.h"
#include "rpc/call.h"
#include "rpc/server.h"
#include "tenon/v1/access.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/connections.pb-c.h"
#include "tenon/v1/crawlers.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/operations.pb-c.h"
#include "tenon/v1/registry.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"
#include "tenon/v1/tags.pb-c.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANSWERS_MAX = 64, SERVICES_MAX = 16, METHODS_MAX = 64, ASKED_BYTES_MAX = 1 << 20 };

struct answer {
	struct text method;
	struct text json; /* of a success */
	enum status status;
	struct text why;
	bool given;
};

/* rpc looks for a handler per method behind the base; `invoke` never does. */
struct fake_service {
	ProtobufCService base;
	void (*handlers[METHODS_MAX])(void);
	struct fake_daemon *fake;
};

struct fake_daemon {
	struct fake_service services[SERVICES_MAX];
	struct rpc_server *server;
	char folder[64];
	char address[96];
	pthread_mutex_t lock; /* for the rest */
	struct arena *arena;
	struct answer answers[ANSWERS_MAX];
	size_t answers_count;
	unsigned round; /* what a stream of an earlier one asks for late is not its */
	struct buffer asked;
	bool park;
	bool wakes;
	struct rpc_call *parked;
};

struct reply {
	bool found;
	ProtobufCMessage *message; /* NULL: it failed, as `err` says */
	struct error err;
};

/* The next answer of `method`, made in `arena`; under the lock, because the texts
 * are the test's. */
static struct reply next_reply(
	struct fake_daemon *fake, const ProtobufCMethodDescriptor *method, struct arena *arena)
{
	struct reply reply = {0};
	for (size_t i = 0; i < fake->answers_count && !reply.found; i++) {
		struct answer *answer = &fake->answers[i];
		if (answer->given || !text_equal(answer->method, text_of(method->name)))
			continue;
		answer->given = true;
		reply.found = true;
		if (answer->status) {
			(void)fail(&reply.err, answer->status, "%.*s", TEXT_ARG(answer->why));
		} else if (json_parse(answer->json, method->output, arena, &reply.message,
				   &reply.err) != STATUS_OK) {
			(void)fprintf(stderr, "canned answer %.*s: %s\n", TEXT_ARG(answer->json),
				reply.err.message);
			abort();
		}
	}
	return reply;
}

struct stream {
	struct fake_daemon *fake;
	const ProtobufCMethodDescriptor *method;
	unsigned round;
};

static void stream_next(struct rpc_call *call, void *state)
{
	struct stream *stream = state;
	(void)pthread_mutex_lock(&stream->fake->lock);
	if (stream->fake->park && stream->round == stream->fake->round) {
		stream->fake->parked = call;
		(void)pthread_mutex_unlock(&stream->fake->lock);
		return;
	}
	OWNED(arena) arena = arena_new();
	struct reply reply = {0};
	if (stream->round == stream->fake->round)
		reply = next_reply(stream->fake, stream->method, arena);
	(void)pthread_mutex_unlock(&stream->fake->lock);
	if (!reply.found)
		rpc_stream_end(call);
	else if (reply.message)
		rpc_stream_send(call, reply.message);
	else
		rpc_fail(call, &reply.err);
}

static void stream_closed(void *state)
{
	struct stream *stream = state;
	(void)pthread_mutex_lock(&stream->fake->lock);
	if (stream->round == stream->fake->round)
		stream->fake->parked = NULL;
	(void)pthread_mutex_unlock(&stream->fake->lock);
	free(stream);
}

static void wake_parked(struct fake_daemon *fake)
{
	fake->park = false;
	if (fake->parked)
		rpc_stream_wake(fake->parked);
	fake->parked = NULL;
}

static void handler(void)
{
}

static void invoke(ProtobufCService *service, unsigned index, const ProtobufCMessage *input,
	ProtobufCClosure closure, void *data)
{
	static const struct rpc_stream_ops ops = {stream_next, stream_closed};
	struct fake_daemon *fake = ((struct fake_service *)(void *)service)->fake;
	const ProtobufCMethodDescriptor *method = &service->descriptor->methods[index];
	struct rpc_call *call = rpc_call_of(data);
	struct error err;
	(void)closure;
	(void)pthread_mutex_lock(&fake->lock);
	buffer_printf(&fake->asked, "sent %s ", method->name);
	if (json_print(input, JSON_COMPACT, &fake->asked, &err) != STATUS_OK)
		abort();
	buffer_add_byte(&fake->asked, '\n');
	bool streams = strcmp(method->name, "WatchRun") == 0 ||
		       strcmp(method->name, "ReadLog") == 0 || strcmp(method->name, "Watch") == 0 ||
		       strcmp(method->name, "Check") == 0;
	struct reply reply = {0};
	if (!streams)
		reply = next_reply(fake, method, rpc_arena(call));
	unsigned round = fake->round;
	if (fake->wakes && strcmp(method->name, "CancelRun") == 0)
		wake_parked(fake);
	(void)pthread_mutex_unlock(&fake->lock);
	if (streams) {
		struct stream *stream = memory_new(sizeof *stream);
		*stream = (struct stream){fake, method, round};
		rpc_stream(call, &ops, stream);
	} else if (reply.message) {
		rpc_reply(call, reply.message);
	} else {
		if (!reply.found)
			(void)fail(&reply.err, STATUS_UNIMPLEMENTED, "no answer was given for %s",
				method->name);
		rpc_fail(call, &reply.err);
	}
}

struct fake_daemon *fake_daemon_start(void)
{
	static const ProtobufCServiceDescriptor *const services[] = {
		&tenon__v1__access__descriptor,
		&tenon__v1__catalog__descriptor,
		&tenon__v1__connections__descriptor,
		&tenon__v1__crawlers__descriptor,
		&tenon__v1__feed__descriptor,
		&tenon__v1__functions__descriptor,
		&tenon__v1__jobs__descriptor,
		&tenon__v1__operations__descriptor,
		&tenon__v1__registry__descriptor,
		&tenon__v1__statistics__descriptor,
		&tenon__v1__tags__descriptor,
	};
	struct fake_daemon *fake = memory_new(sizeof *fake);
	struct error err;
	(void)pthread_mutex_init(&fake->lock, NULL);
	fake->arena = arena_new();
	buffer_init(&fake->asked, ASKED_BYTES_MAX);
	(void)snprintf(fake->folder, sizeof fake->folder, "/tmp/tenon-cli-test.XXXXXX");
	if (!mkdtemp(fake->folder))
		abort();
	(void)snprintf(fake->address, sizeof fake->address, "unix:%s/socket", fake->folder);
	struct text descriptors = wire_descriptors();
	struct rpc_server_options options = {.address = fake->address,
		.descriptors = descriptors.at,
		.descriptors_length = descriptors.length,
		.pollers = 2};
	if (rpc_server_new(&options, &fake->server, &err) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		abort();
	}
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		struct fake_service *service = &fake->services[i];
		service->base = (ProtobufCService){.descriptor = services[i], .invoke = invoke};
		for (size_t h = 0; h < METHODS_MAX; h++)
			service->handlers[h] = handler;
		service->fake = fake;
		rpc_server_add(fake->server, &service->base);
	}
	if (rpc_server_start(fake->server, &err) != STATUS_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		abort();
	}
	return fake;
}

void fake_daemon_stop(struct fake_daemon *fake)
{
	rpc_server_stop(fake->server, 1000);
	rpc_server_free(fake->server);
	(void)unlink(fake->address + strlen("unix:"));
	(void)rmdir(fake->folder);
	arena_free(fake->arena);
	buffer_done(&fake->asked);
	(void)pthread_mutex_destroy(&fake->lock);
	free(fake);
}

const char *fake_daemon_address(const struct fake_daemon *fake)
{
	return fake->address;
}

static void add_answer(struct fake_daemon *fake, struct answer answer)
{
	(void)pthread_mutex_lock(&fake->lock);
	if (fake->answers_count == ANSWERS_MAX)
		abort();
	answer.method = arena_copy(fake->arena, answer.method);
	answer.json = arena_copy(fake->arena, answer.json);
	answer.why = arena_copy(fake->arena, answer.why);
	fake->answers[fake->answers_count++] = answer;
	(void)pthread_mutex_unlock(&fake->lock);
}

void fake_daemon_answer(struct fake_daemon *fake, struct text method, struct text json)
{
	add_answer(fake, (struct answer){.method = method, .json = json});
}

void fake_daemon_fail(
	struct fake_daemon *fake, struct text method, struct text status, struct text why)
{
	enum status found = STATUS_UNKNOWN;
	for (enum status i = STATUS_CANCELLED; i <= STATUS_UNAUTHENTICATED; i++) {
		if (text_equal(status, text_of(status_name(i))))
			found = i;
	}
	add_answer(fake, (struct answer){.method = method, .status = found, .why = why});
}

void fake_daemon_forget(struct fake_daemon *fake)
{
	(void)pthread_mutex_lock(&fake->lock);
	fake->park = false;
	fake->answers_count = 0;
	fake->round++;
	memset(fake->answers, 0, sizeof fake->answers);
	fake->parked = NULL;
	buffer_clear(&fake->asked);
	arena_reset(fake->arena);
	(void)pthread_mutex_unlock(&fake->lock);
}

void fake_daemon_park(struct fake_daemon *fake, bool wakes)
{
	(void)pthread_mutex_lock(&fake->lock);
	fake->park = true;
	fake->wakes = wakes;
	(void)pthread_mutex_unlock(&fake->lock);
}

struct text fake_daemon_asked(struct fake_daemon *fake)
{
	(void)pthread_mutex_lock(&fake->lock);
	struct text asked = buffer_text(&fake->asked);
	(void)pthread_mutex_unlock(&fake->lock);
	return asked;
}

bool fake_daemon_await(struct fake_daemon *fake, const char *method)
{
	bool found = false;
	for (unsigned tries = 0; tries < 1000 && !found; tries++) {
		(void)pthread_mutex_lock(&fake->lock);
		struct text asked = buffer_text(&fake->asked);
		found = memmem(asked.at, asked.length, method, strlen(method)) != NULL;
		(void)pthread_mutex_unlock(&fake->lock);
		if (!found)
			(void)usleep(10000);
	}
	return found;
}
