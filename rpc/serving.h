#pragma once

#include "base/arena.h"
#include "rpc/call.h"
#include "rpc/core.h"
#include "rpc/descriptors.h"
#include "rpc/server.h"

#include <grpc/grpc.h>
#include <pthread.h>

/* The server from inside. Only for files of this room. */

/* One message in, one message out, over and over (bidirectional streams; only
 * reflection has one). The answer lives in `arena`. */
struct exchange {
	const ProtobufCMessageDescriptor *input;
	const ProtobufCMessage *(*answer)(
		void *state, const ProtobufCMessage *request, struct arena *arena);
	void *state;
};

enum method_kind { METHOD_UNARY, METHOD_STREAM, METHOD_EXCHANGE };

struct method {
	char *path; /* "/tenon.v1.Catalog/GetTable" */
	enum method_kind kind;
	ProtobufCService *service;
	unsigned index;
	const ProtobufCMessageDescriptor *input;
	struct exchange exchange;
	void *registered; /* gRPC's handle */
};

/* A call's life. `pending` counts what still refers to it: events under way, and
 * the handler until it has answered or called rpc_stream. At zero it is over.
 *
 *   slot waits --requested--> serve --invoke--> handler owes an answer
 *     unary:    answer (one batch) ----------------------> finished -> recycled
 *     stream:   rpc_stream -> hop -> next -> send -> next ... -> end -> recycled
 *     exchange: receive -> answer -> send -> receive ... -> end -> recycled
 *
 * RECV_CLOSE is asked for exactly once: up front where the call may outlive its
 * handler, else in the final batch. */
struct rpc_call {
	struct rpc_server *server;
	struct method *method; /* NULL: a path that nobody registered */
	struct rpc_call *next_free;

	grpc_call *call;
	grpc_call_details details; /* of an unregistered path */
	gpr_timespec deadline;
	grpc_metadata_array metadata;
	grpc_byte_buffer *payload;
	grpc_byte_buffer *outgoing;
	struct arena *arena;
	struct rpc_caller caller;
	size_t held; /* bytes of the request, counted by the server */

	struct tag requested;
	struct tag received;
	struct tag sent;
	struct tag finished;
	struct tag closed;
	struct tag hopped;
	int cancelled;

	pthread_mutex_t lock; /* for everything below */
	unsigned pending;
	bool owed; /* one of `pending` is the handler's */
	bool closing; /* pending reached zero */
	bool close_asked;
	bool over; /* the client has gone or has its status */
	bool answered; /* the status was sent */
	bool headers_sent;
	bool sending;
	bool driving;
	bool again; /* something happened while driving */
	bool hop_queued;

	const struct rpc_stream_ops *ops;
	void *state;
	void (*on_cancel)(void *state);
	void *cancel_state;
};

/* call.c: the life that all kinds share */
struct rpc_call *call_new(struct rpc_server *server);
void call_reset(struct rpc_call *call); /* as new, for the next request */
void call_free(struct rpc_call *call);
void call_dispatch(struct rpc_call *call); /* the request has arrived */
void call_hold(struct rpc_call *call);
void call_release(struct rpc_call *call); /* one pending event less */
void call_ask_close(struct rpc_call *call); /* wait for the end from now on */
/* Start the batch that sends the status, unless it was started before; it holds
 * the call until it completes. */
void call_send_status(struct rpc_call *call, enum status status, const char *message);

/* caller.c */
/* UNAUTHENTICATED for a header or a certificate's name that cannot be read. */
enum status caller_read(struct rpc_call *call, struct error *err) MUST_USE;

/* stream.c, exchange.c */
void stream_hopped(struct tag *tag, bool ok);
void stream_sent(struct tag *tag, bool ok);
void exchange_received(struct tag *tag, bool ok);
void exchange_sent(struct tag *tag, bool ok);
void exchange_start(struct rpc_call *call);

/* server.c */
void server_offer(struct rpc_server *server, struct method *method); /* one more request slot */
void server_closed(struct rpc_server *server); /* a slot that was offered is gone */
/* Counts `bytes` for the call until it is recycled. RESOURCE_EXHAUSTED when all calls
 * together would hold more than they may. */
enum status server_hold(
	struct rpc_server *server, struct rpc_call *call, size_t bytes, struct error *err) MUST_USE;
struct arena *server_arena(struct rpc_server *server); /* from the pool */
void server_recycle(struct rpc_server *server, struct rpc_call *call);
const struct descriptors *server_descriptors(const struct rpc_server *server);
bool server_serves(const struct rpc_server *server, struct text service);
/* The i-th service's full name; NULL past the end. */
const char *server_service(const struct rpc_server *server, size_t index);

/* health.c */
struct health;
struct health *health_new(const struct rpc_server *server);
ProtobufCService *health_service(struct health *health);
void health_stop(struct health *health); /* NOT_SERVING from now on; watchers end */
void health_free(struct health *health);

/* reflection.c */
struct exchange reflection_exchange(struct rpc_server *server);
