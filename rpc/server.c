#include "rpc/server.h"

#include "base/limits.h"
#include "base/memory.h"
#include "rpc/address.h"
#include "rpc/renewal.h"
#include "rpc/serving.h"

#include <assert.h>
#include <grpc/byte_buffer.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	POLLERS_MAX = 64,
	SLOTS = 16, /* request slots of one method; each is refilled when it is used */
	CALLS_KEPT = 256,
	ARENAS_KEPT = 64,
	ARENA_KEPT_BYTES = 64 * 1024, /* a bigger one goes back to the system */
	STREAMS_PER_CONNECTION = 1024,
	HANDSHAKE_MS = 20000, /* a connection that does not get on with it is closed */
	PING_LEAST_MS = 10000, /* clients that look more often whether we live are cut off */
	FAREWELL_MS = 50, /* for clients to take their last answer and go by themselves */
};

struct listener {
	char *address;
	int claim; /* on the address; -1: none */
};

struct rpc_server {
	struct listener *listeners;
	size_t listener_count;
	struct renewal *renewal; /* NULL: no TLS */
	unsigned poller_count;
	struct arena *arena; /* descriptors */
	struct descriptors descriptors;
	struct health *health;
	const ProtobufCServiceDescriptor **services;
	size_t service_count;
	struct method **methods;
	size_t method_count;

	grpc_server *server;
	grpc_completion_queue *queue;
	pthread_t pollers[POLLERS_MAX];

	pthread_mutex_t pool_lock;
	struct rpc_call *calls;
	size_t call_count;
	struct arena *arenas[ARENAS_KEPT];
	size_t arena_count;

	struct tag stopped_tag;
	pthread_mutex_t stop_lock;
	pthread_cond_t stop_changed;
	bool is_stopped;
	bool is_idle;
	/* Slots with gRPC and calls under way; at zero, after the shutdown has given
	 * every slot back, nobody waits for an answer. */
	atomic_uint_fast64_t open;
	size_t requests_bytes_max;
	atomic_size_t requests_bytes;
};

static void server_stopped(struct tag *tag, bool ok)
{
	(void)ok;
	struct rpc_server *server = TAGGED(tag, struct rpc_server, stopped_tag);
	(void)pthread_mutex_lock(&server->stop_lock);
	server->is_stopped = true;
	(void)pthread_cond_broadcast(&server->stop_changed);
	(void)pthread_mutex_unlock(&server->stop_lock);
}

void server_closed(struct rpc_server *server)
{
	if (atomic_fetch_sub(&server->open, 1) > 1)
		return;
	(void)pthread_mutex_lock(&server->stop_lock);
	server->is_idle = true;
	(void)pthread_cond_broadcast(&server->stop_changed);
	(void)pthread_mutex_unlock(&server->stop_lock);
}

/* Half the cores: gRPC hands a connection's work from poller to poller, so that a
 * second one on two cores costs 30 % more CPU a request, and 25 us of latency, for no
 * more requests a second (bench/run rpc). The other half is the clients' and writer's. */
static unsigned pollers_wanted(unsigned told)
{
	long half = sysconf(_SC_NPROCESSORS_ONLN) / 2;
	unsigned wanted = told ? told : (unsigned)(half < 1 ? 1 : half > 4 ? 4 : half);
	return wanted > POLLERS_MAX ? POLLERS_MAX : wanted;
}

static const char *const reflection_services[] = {
	"grpc.reflection.v1.ServerReflection",
	"grpc.reflection.v1alpha.ServerReflection",
};
enum { REFLECTIONS = sizeof reflection_services / sizeof *reflection_services };

static struct method *method_new(struct rpc_server *server, const char *service, const char *name)
{
	struct method *method = memory_new(sizeof *method);
	if (asprintf(&method->path, "/%s/%s", service, name) < 0)
		abort();
	server->methods =
		memory_resize(server->methods, server->method_count + 1, sizeof(struct method *));
	server->methods[server->method_count++] = method;
	return method;
}

static void reflection_added(struct rpc_server *server)
{
	for (size_t i = 0; i < REFLECTIONS; i++) {
		struct method *method =
			method_new(server, reflection_services[i], "ServerReflectionInfo");
		method->kind = METHOD_EXCHANGE;
		method->exchange = reflection_exchange(server);
	}
}

static enum status check_options(const struct rpc_server_options *options, struct error *err)
{
	TRY(address_check(options->address, err));
	for (const char *const *more = options->more; more && *more; more++)
		TRY(address_check(*more, err));
	const struct rpc_server_tls *tls = &options->tls;
	if (!tls->certificate && (tls->key || tls->client_ca || tls->require_client_certificate))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"there is no TLS without the server's certificate and its key");
	if (tls->require_client_certificate && !tls->client_ca)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"a client certificate cannot be required without the authorities that sign "
			"them");
	return STATUS_OK;
}

static void listener_added(struct rpc_server *server, const char *address)
{
	server->listeners = memory_resize(
		server->listeners, server->listener_count + 1, sizeof *server->listeners);
	server->listeners[server->listener_count++] = (struct listener){memory_text(address), -1};
}

enum status rpc_server_new(
	const struct rpc_server_options *options, struct rpc_server **server_out, struct error *err)
{
	OWNED(renewal) renewal = NULL;
	struct identity_files files = {
		options->tls.certificate, options->tls.key, options->tls.client_ca};
	TRY(check_options(options, err));
	if (files.certificate)
		TRY(renewal_new(&files, options->tls.require_client_certificate, &renewal, err));
	core_start();
	struct rpc_server *server = memory_new(sizeof *server);
	server->renewal = TAKE(renewal);
	listener_added(server, options->address);
	for (const char *const *more = options->more; more && *more; more++)
		listener_added(server, *more);
	server->requests_bytes_max =
		options->requests_bytes ? options->requests_bytes : LIMIT_REQUESTS_BYTES;
	server->poller_count = pollers_wanted(options->pollers);
	server->arena = arena_new();
	server->descriptors = descriptors_index(
		server->arena, (struct text){options->descriptors, options->descriptors_length});
	server->stopped_tag.done = server_stopped;
	(void)pthread_mutex_init(&server->pool_lock, NULL);
	(void)pthread_mutex_init(&server->stop_lock, NULL);
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&server->stop_changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	server->health = health_new(server);
	rpc_server_add(server, health_service(server->health));
	reflection_added(server);
	*server_out = server;
	return STATUS_OK;
}

/* protobuf-c's services are a base followed by their handlers, one pointer per
 * method (protobuf_c_service_invoke_internal reads them so). */
static bool has_handler(const ProtobufCService *service, unsigned index)
{
	typedef void (*handler_t)(void);
	const handler_t *handlers = (const handler_t *)(service + 1);
	return handlers[index] != NULL;
}

void rpc_server_add(struct rpc_server *server, ProtobufCService *service)
{
	assert(!server->server && "add services before rpc_server_start");
	const ProtobufCServiceDescriptor *about = service->descriptor;
	server->services = memory_resize(
		server->services, server->service_count + 1, sizeof(ProtobufCServiceDescriptor *));
	server->services[server->service_count++] = about;
	for (unsigned i = 0; i < about->n_methods; i++) {
		bool client_streams;
		bool server_streams;
		/* What is not registered is answered UNIMPLEMENTED. */
		if (!has_handler(service, i) ||
			!descriptors_method(&server->descriptors, text_of(about->name),
				text_of(about->methods[i].name), &client_streams,
				&server_streams) ||
			client_streams)
			continue;
		struct method *method = method_new(server, about->name, about->methods[i].name);
		method->kind = server_streams ? METHOD_STREAM : METHOD_UNARY;
		method->service = service;
		method->index = i;
		method->input = about->methods[i].input;
	}
}

static grpc_arg integer(char *key, int value)
{
	grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = key};
	arg.value.integer = value;
	return arg;
}

static grpc_server *core_server(void)
{
	static char receive[] = GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH;
	static char reuse[] = GRPC_ARG_ALLOW_REUSEPORT;
	static char streams[] = GRPC_ARG_MAX_CONCURRENT_STREAMS;
	static char handshake[] = GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS;
	static char pings[] = GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS;
	static char compression[] = GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET;
	grpc_arg args[] = {
		integer(receive, LIMIT_MESSAGE_BYTES),
		/* On by default: two servers would share the port silently. */
		integer(reuse, 0),
		integer(streams, STREAMS_PER_CONNECTION),
		integer(handshake, HANDSHAKE_MS),
		integer(pings, PING_LEAST_MS),
		/* Identity only: a small compressed message may unpack to LIMIT_MESSAGE_BYTES. */
		integer(compression, 1 << GRPC_COMPRESS_NONE),
	};
	grpc_channel_args all = {sizeof args / sizeof *args, args};
	return grpc_server_create(&all, NULL);
}

static void *poller(void *queue)
{
	core_poll(queue);
	return NULL;
}

static void pollers_start(struct rpc_server *server)
{
	sigset_t all;
	sigset_t before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < server->poller_count; i++) {
		if (pthread_create(&server->pollers[i], NULL, poller, server->queue) != 0) {
			(void)fprintf(stderr, "rpc: no thread for a poller\n");
			abort();
		}
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static enum status bind_listener(
	struct rpc_server *server, struct listener *listener, struct error *err)
{
	TRY(address_claim(listener->address, &listener->claim, err));
	TRY(address_free(listener->address, err));
	grpc_server_credentials *credentials =
		server->renewal && !address_is_unix(listener->address)
			? renewal_credentials(server->renewal)
			: grpc_insecure_server_credentials_create();
	int port = grpc_server_add_http2_port(server->server, listener->address, credentials);
	grpc_server_credentials_release(credentials);
	if (port <= 0)
		return address_refused(listener->address, err);
	char *bound = address_bound(listener->address, port);
	free(listener->address);
	listener->address = bound;
	return STATUS_OK;
}

static enum status bind_all(struct rpc_server *server, struct error *err)
{
	for (size_t i = 0; i < server->listener_count; i++)
		TRY(bind_listener(server, &server->listeners[i], err));
	return STATUS_OK;
}

static void server_disclaim(struct rpc_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++) {
		address_disclaim(server->listeners[i].address, server->listeners[i].claim);
		server->listeners[i].claim = -1;
	}
}

/* Take gRPC's half down; nothing was started, or everything has ended. */
static void core_server_free(struct rpc_server *server)
{
	grpc_server_destroy(server->server);
	grpc_completion_queue_shutdown(server->queue);
	core_poll(server->queue);
	grpc_completion_queue_destroy(server->queue);
	server->server = NULL;
	server->queue = NULL;
}

enum status rpc_server_start(struct rpc_server *server, struct error *err)
{
	assert(!server->server);
	server->queue = grpc_completion_queue_create_for_next(NULL);
	server->server = core_server();
	grpc_server_register_completion_queue(server->server, server->queue, NULL);
	for (size_t i = 0; i < server->method_count; i++) {
		struct method *method = server->methods[i];
		method->registered = grpc_server_register_method(server->server, method->path, NULL,
			method->kind == METHOD_EXCHANGE ? GRPC_SRM_PAYLOAD_NONE
							: GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER,
			0);
		assert(method->registered && "a service is added once");
	}
	enum status bound = bind_all(server, err);
	if (bound != STATUS_OK) {
		/* Started and shut down at once: gRPC asserts in a destroy without it. */
		grpc_server_shutdown_and_notify(
			server->server, server->queue, &server->stopped_tag);
		(void)grpc_completion_queue_next(
			server->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
		core_server_free(server);
		server_disclaim(server);
		return bound;
	}
	grpc_server_start(server->server);
	for (int slot = 0; slot < SLOTS; slot++) {
		for (size_t i = 0; i < server->method_count; i++)
			server_offer(server, server->methods[i]);
		/* With registered methods alone, a call to an unknown path would hang. */
		server_offer(server, NULL);
	}
	pollers_start(server);
	return STATUS_OK;
}

const char *rpc_server_address(const struct rpc_server *server)
{
	return rpc_server_address_at(server, 0);
}

const char *rpc_server_address_at(const struct rpc_server *server, size_t index)
{
	return index < server->listener_count ? server->listeners[index].address : NULL;
}

enum status rpc_server_renew(struct rpc_server *server, bool *renewed_out, struct error *err)
{
	*renewed_out = false;
	return server->renewal ? renewal_look(server->renewal, renewed_out, err) : STATUS_OK;
}

int64_t rpc_server_certificate_until_s(struct rpc_server *server)
{
	return server->renewal ? renewal_until_s(server->renewal) : 0;
}

static bool is_stopped(const struct rpc_server *server)
{
	return server->is_stopped;
}

static bool is_idle(const struct rpc_server *server)
{
	return server->is_idle;
}

static bool is_quiet(const struct rpc_server *server)
{
	return server->is_stopped || server->is_idle;
}

/* Wait for it; negative: for ever. */
static bool wait_until(struct rpc_server *server, bool (*reached)(const struct rpc_server *server),
	int64_t timeout_ms)
{
	struct timespec deadline;
	(void)clock_gettime(CLOCK_MONOTONIC, &deadline);
	if (timeout_ms > 0) {
		deadline.tv_sec += timeout_ms / 1000;
		deadline.tv_nsec += timeout_ms % 1000 * 1000000;
		deadline.tv_sec += deadline.tv_nsec / 1000000000;
		deadline.tv_nsec %= 1000000000;
	}
	(void)pthread_mutex_lock(&server->stop_lock);
	int waited = 0;
	while (!reached(server) && waited == 0)
		waited = timeout_ms < 0
				 ? pthread_cond_wait(&server->stop_changed, &server->stop_lock)
				 : pthread_cond_timedwait(
					   &server->stop_changed, &server->stop_lock, &deadline);
	bool is_reached = reached(server);
	(void)pthread_mutex_unlock(&server->stop_lock);
	return is_reached;
}

void rpc_server_stop(struct rpc_server *server, unsigned drain_ms)
{
	if (!server->server)
		return;
	health_stop(server->health);
	core_tag_starts(&server->stopped_tag);
	grpc_server_shutdown_and_notify(server->server, server->queue, &server->stopped_tag);
	/* gRPC waits for every connection to close, and a client that nobody polls looks
	 * at its connection only every 5 s (its backup poller): what counts is that no
	 * call runs. Cancelling all also closes the connections. */
	if (wait_until(server, is_quiet, drain_ms))
		(void)wait_until(server, is_stopped, FAREWELL_MS);
	if (!wait_until(server, is_stopped, 0)) {
		grpc_server_cancel_all_calls(server->server);
		(void)wait_until(server, is_stopped, -1);
	}
	/* gRPC is done when its connections are; a handler may still owe an answer to a client
	 * that went, and must find the queue when it gives it. */
	(void)wait_until(server, is_idle, -1);
	/* The pollers run what is left, then end with the queue. */
	grpc_completion_queue *queue = server->queue;
	grpc_completion_queue_shutdown(queue);
	for (unsigned i = 0; i < server->poller_count; i++)
		(void)pthread_join(server->pollers[i], NULL);
	grpc_server_destroy(server->server);
	grpc_completion_queue_destroy(queue);
	server->server = NULL;
	server->queue = NULL;
	server_disclaim(server);
}

static void method_free(struct method *method)
{
	free(method->path);
	free(method);
}

void rpc_server_free(struct rpc_server *server)
{
	if (!server)
		return;
	assert(!server->server && "stop the server before it is freed");
	for (size_t i = 0; i < server->method_count; i++)
		method_free(server->methods[i]);
	while (server->calls) {
		struct rpc_call *call = server->calls;
		server->calls = call->next_free;
		call_free(call);
	}
	for (size_t i = 0; i < server->arena_count; i++)
		arena_free(server->arenas[i]);
	free(server->methods);
	free(server->services);
	health_free(server->health);
	arena_free(server->arena);
	(void)pthread_mutex_destroy(&server->pool_lock);
	(void)pthread_mutex_destroy(&server->stop_lock);
	(void)pthread_cond_destroy(&server->stop_changed);
	for (size_t i = 0; i < server->listener_count; i++)
		free(server->listeners[i].address);
	free(server->listeners);
	struct renewal *renewal = server->renewal;
	free(server);
	core_stop();
	/* Last: a handshake that gRPC was still busy with may have asked for it. */
	renewal_free(renewal);
}

static struct rpc_call *pooled_call(struct rpc_server *server)
{
	(void)pthread_mutex_lock(&server->pool_lock);
	struct rpc_call *call = server->calls;
	if (call) {
		server->calls = call->next_free;
		server->call_count--;
	}
	(void)pthread_mutex_unlock(&server->pool_lock);
	return call ? call : call_new(server);
}

void server_offer(struct rpc_server *server, struct method *method)
{
	struct rpc_call *call = pooled_call(server);
	call->method = method;
	atomic_fetch_add(&server->open, 1);
	core_tag_starts(&call->requested);
	grpc_call_error error =
		method ? grpc_server_request_registered_call(server->server, method->registered,
				 &call->call, &call->deadline, &call->metadata,
				 method->kind == METHOD_EXCHANGE ? NULL : &call->payload,
				 server->queue, server->queue, &call->requested)
		       : grpc_server_request_call(server->server, &call->call, &call->details,
				 &call->metadata, server->queue, server->queue, &call->requested);
	if (error != GRPC_CALL_OK) { /* the queue was shut down */
		call_free(call);
		server_closed(server);
	}
}

enum status server_hold(
	struct rpc_server *server, struct rpc_call *call, size_t bytes, struct error *err)
{
	size_t before = atomic_fetch_add(&server->requests_bytes, bytes);
	call->held += bytes;
	if (before + bytes <= server->requests_bytes_max)
		return STATUS_OK;
	return fail(err, STATUS_RESOURCE_EXHAUSTED,
		"the requests being served hold %zu bytes, and with this one's %zu that is more "
		"than %zu: try again later",
		before, bytes, server->requests_bytes_max);
}

struct arena *server_arena(struct rpc_server *server)
{
	(void)pthread_mutex_lock(&server->pool_lock);
	struct arena *arena = server->arena_count ? server->arenas[--server->arena_count] : NULL;
	(void)pthread_mutex_unlock(&server->pool_lock);
	return arena ? arena : arena_new();
}

/* Make the call as new, apart from the lock; keep a few for the next requests. */
void server_recycle(struct rpc_server *server, struct rpc_call *call)
{
	struct arena *arena = call->arena;
	call->arena = NULL;
	if (arena_bytes(arena) > ARENA_KEPT_BYTES) {
		arena_free(arena);
		arena = NULL;
	} else {
		arena_reset(arena);
	}
	if (call->held)
		(void)atomic_fetch_sub(&server->requests_bytes, call->held);
	call_reset(call);
	(void)pthread_mutex_lock(&server->pool_lock);
	if (arena && server->arena_count < ARENAS_KEPT)
		server->arenas[server->arena_count++] = TAKE(arena);
	bool keep = server->call_count < CALLS_KEPT;
	if (keep) {
		call->next_free = server->calls;
		server->calls = call;
		server->call_count++;
	}
	(void)pthread_mutex_unlock(&server->pool_lock);
	arena_free(arena);
	if (!keep)
		call_free(call);
	server_closed(server);
}

const struct descriptors *server_descriptors(const struct rpc_server *server)
{
	return &server->descriptors;
}

const char *server_service(const struct rpc_server *server, size_t index)
{
	if (index < server->service_count)
		return server->services[index]->name;
	index -= server->service_count;
	return index < REFLECTIONS ? reflection_services[index] : NULL;
}

bool server_serves(const struct rpc_server *server, struct text service)
{
	const char *name;
	for (size_t i = 0; (name = server_service(server, i)); i++) {
		if (text_equal(text_of(name), service))
			return true;
	}
	return false;
}
