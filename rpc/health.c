#include "rpc/serving.h"

#include "base/memory.h"
#include "grpc/health/v1/health.pb-c.h"

#include <stdlib.h>

/* The health protocol (grpc/grpc: doc/health-checking.md). All services of one
 * server are healthy together; what changes is that the server stops. */

struct watcher {
	struct health *health;
	struct rpc_call *call;
	struct watcher *next;
	struct watcher **link; /* what points here */
	bool known; /* the service that is watched */
	bool told;
	Grpc__Health__V1__HealthCheckResponse__ServingStatus last;
};

struct health {
	Grpc__Health__V1__Health_Service service; /* first: handlers get its address */
	const struct rpc_server *server;
	pthread_mutex_t lock; /* for what follows */
	bool stopping;
	struct watcher *watchers;
};

static bool is_known(const struct health *health, const char *service)
{
	return *service == 0 || server_serves(health->server, text_of(service));
}

static bool is_stopping(struct health *health)
{
	(void)pthread_mutex_lock(&health->lock);
	bool stopping = health->stopping;
	(void)pthread_mutex_unlock(&health->lock);
	return stopping;
}

static Grpc__Health__V1__HealthCheckResponse__ServingStatus serving(bool known, bool stopping)
{
	if (!known)
		return GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN;
	if (stopping)
		return GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
	return GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
}

static void check(Grpc__Health__V1__Health_Service *service,
	const Grpc__Health__V1__HealthCheckRequest *request,
	Grpc__Health__V1__HealthCheckResponse_Closure reply, void *call_data)
{
	(void)reply;
	struct health *health = (struct health *)service;
	struct rpc_call *call = rpc_call_of(call_data);
	if (!is_known(health, request->service)) {
		struct error err;
		(void)fail(&err, STATUS_NOT_FOUND, "there is no service '%s'", request->service);
		rpc_fail(call, &err);
		return;
	}
	Grpc__Health__V1__HealthCheckResponse response =
		GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
	response.status = serving(true, is_stopping(health));
	rpc_reply(call, &response.base);
}

static void watch_next(struct rpc_call *call, void *state)
{
	struct watcher *watcher = state;
	bool stopping = is_stopping(watcher->health);
	Grpc__Health__V1__HealthCheckResponse__ServingStatus now =
		serving(watcher->known, stopping);
	if (!watcher->told || now != watcher->last) {
		watcher->told = true;
		watcher->last = now;
		Grpc__Health__V1__HealthCheckResponse response =
			GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
		response.status = now;
		rpc_stream_send(call, &response.base);
		return;
	}
	if (!stopping)
		return;
	/* A watch has no end of its own: the server would wait for it in vain. */
	struct error err;
	(void)fail(&err, STATUS_UNAVAILABLE, "the server is stopping");
	rpc_fail(call, &err);
}

static void watch_closed(void *state)
{
	struct watcher *watcher = state;
	(void)pthread_mutex_lock(&watcher->health->lock);
	*watcher->link = watcher->next;
	if (watcher->next)
		watcher->next->link = watcher->link;
	(void)pthread_mutex_unlock(&watcher->health->lock);
	free(watcher);
}

static void watch(Grpc__Health__V1__Health_Service *service,
	const Grpc__Health__V1__HealthCheckRequest *request,
	Grpc__Health__V1__HealthCheckResponse_Closure reply, void *call_data)
{
	(void)reply;
	static const struct rpc_stream_ops ops = {watch_next, watch_closed};
	struct health *health = (struct health *)service;
	struct watcher *watcher = memory_new(sizeof *watcher);
	watcher->health = health;
	watcher->call = rpc_call_of(call_data);
	watcher->known = is_known(health, request->service);
	(void)pthread_mutex_lock(&health->lock);
	watcher->link = &health->watchers;
	watcher->next = health->watchers;
	if (watcher->next)
		watcher->next->link = &watcher->next;
	health->watchers = watcher;
	/* Under the lock, so that nobody wakes a stream that has not begun. */
	rpc_stream(watcher->call, &ops, watcher);
	(void)pthread_mutex_unlock(&health->lock);
}

struct health *health_new(const struct rpc_server *server)
{
	struct health *health = memory_new(sizeof *health);
	health->service = (Grpc__Health__V1__Health_Service){
		.base = {.descriptor = &grpc__health__v1__health__descriptor,
			.invoke = protobuf_c_service_invoke_internal},
		.check = check,
		.watch = watch,
	};
	health->server = server;
	(void)pthread_mutex_init(&health->lock, NULL);
	return health;
}

ProtobufCService *health_service(struct health *health)
{
	return &health->service.base;
}

void health_stop(struct health *health)
{
	(void)pthread_mutex_lock(&health->lock);
	health->stopping = true;
	for (struct watcher *watcher = health->watchers; watcher; watcher = watcher->next)
		rpc_stream_wake(watcher->call);
	(void)pthread_mutex_unlock(&health->lock);
}

void health_free(struct health *health)
{
	if (!health)
		return;
	(void)pthread_mutex_destroy(&health->lock);
	free(health);
}
