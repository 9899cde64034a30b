#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/* One call being served: what a handler gets as its closure data. A handler is a
 * function of a protobuf-c service:
 *
 *   static void get_table(Tenon__V1__Catalog_Service *service,
 *           const Tenon__V1__GetTableRequest *request,
 *           Tenon__V1__GetTableResponse_Closure reply, void *call_data)
 *   {
 *           struct rpc_call *call = rpc_call_of(call_data);
 *           ...
 *           rpc_reply(call, &response.base)   or   rpc_fail(call, &err)
 *   }
 *
 * It runs on a poller thread and must not wait: no disk sync, no lock that a
 * commit holds. It answers once, now or later, from any thread. The request and
 * the arena live until the answer is given. */
struct rpc_call;

struct rpc_call *rpc_call_of(void *call_data);
struct arena *rpc_arena(struct rpc_call *call);
const char *rpc_method(const struct rpc_call *call); /* "/tenon.v1.Catalog/GetTable" */

/* Who calls, as far as the wire says; texts live as long as the call. A header or a
 * certificate that cannot be read is answered UNAUTHENTICATED before any handler. */
struct rpc_caller {
	const char *address; /* gRPC's peer: "unix:..." or "ipv4:127.0.0.1:4233" */
	/* Name of a verified client certificate: its first DNS or URI subject alternative
	 * name, else its common name; NULL: none. */
	const char *certificate;
	const char *bearer; /* the secret of "authorization: Bearer X"; NULL: none */
};
const struct rpc_caller *rpc_caller(const struct rpc_call *call);

/* The final answer of a unary call. The message is packed before it returns. */
void rpc_reply(struct rpc_call *call, const ProtobufCMessage *response);
/* The same with bytes that are packed already; copied. */
void rpc_reply_bytes(struct rpc_call *call, struct text head, struct text body);
/* End any call with an error. */
void rpc_fail(struct rpc_call *call, const struct error *err);

/* Server streaming by pull: the handler sets the callback and returns. `next` is
 * called when the client can take a message: it sends one (rpc_stream_send), ends
 * the stream (rpc_stream_end, rpc_fail), or parks (returns having done none) and
 * is called again after rpc_stream_wake, from any thread. `closed` is called once,
 * last, whatever ended the call. Neither may wait. */
struct rpc_stream_ops {
	void (*next)(struct rpc_call *call, void *state);
	void (*closed)(void *state);
};
void rpc_stream(struct rpc_call *call, const struct rpc_stream_ops *ops, void *state);
void rpc_stream_send(struct rpc_call *call, const ProtobufCMessage *message);
void rpc_stream_end(struct rpc_call *call);
/* Safe until `closed` has returned, also with locks held: `next` runs on a poller. */
void rpc_stream_wake(struct rpc_call *call);

/* For unary handlers that answer later, before they hand the call on: `cancelled`
 * is called at most once, when the client has gone or the deadline passed; the
 * handler must still answer (it may in `cancelled`). It may run while another
 * thread answers, so `state` lives in the call's arena or longer. */
void rpc_on_cancel(struct rpc_call *call, void (*cancelled)(void *state), void *state);
