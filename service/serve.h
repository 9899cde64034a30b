#pragma once

#include "catalog/catalog.h"
#include "rpc/call.h"
#include "service/daemon.h"

/* How calls are answered. A service is a table of its methods: each row says by
 * which of four ways it is served, so that no handler can block a poller by
 * accident or answer a write before it is durable. */

struct request {
	struct catalog_write write; /* first: the writer hands it back */
	struct daemon *daemon;
	struct rpc_call *call;
	struct arena *arena; /* the call's: gone once it is answered */
	const struct method *method;
	const void *in; /* the method's request message */
	const void *out; /* the message to answer with, in the arena */
	/* The run whose token the call brought (the Worker service only). */
	Tenon__Store__V1__RunRecord *run;
};

struct method {
	const char *name; /* as in the proto */
	/* One of: */
	enum status (*read)(struct request *request, struct catalog_txn *txn, struct error *err);
	/* ^ from one view of the catalog, at once, on the poller */
	enum status (*write)(struct request *request, struct catalog_txn *txn, struct error *err);
	/* ^ on the writer's thread; answered when durable */
	enum status (*slow)(struct request *request, struct error *err);
	/* ^ on a pool thread; may wait */
	void (*serve)(struct request *request);
	/* ^ on the poller; answers by itself, at once or as a stream */

	/* Of a write, once it is durable and before it is answered; on the writer. */
	void (*after)(struct request *request);
	bool checks_first; /* of a write: see catalog_write */
};

enum { METHODS_MAX = 32 };

struct service {
	ProtobufCService base; /* first: what rpc is given */
	/* Right behind it, as protobuf-c keeps a service's handlers: rpc looks there for
	 * which methods are served. */
	const struct method *by_index[METHODS_MAX];
	struct daemon *daemon;
	/* Before a call is served; NULL: nothing to check. */
	enum status (*admit)(struct request *request, struct error *err);
};

/* Methods that are in the proto but not in the table answer UNIMPLEMENTED. */
void service_init(struct service *service, const ProtobufCServiceDescriptor *descriptor,
	const struct method *methods, size_t count, struct daemon *daemon);

/* The answer: request->out when OK, else the error. The request is gone afterwards. */
void request_end(struct request *request, enum status status, const struct error *err);

/* One answer of `type` in the arena, initialised and set as request->out. */
#define ANSWER(type, init)                                                 \
	({                                                                 \
		type *answer_ = arena_alloc(request->arena, sizeof(type)); \
		*answer_ = (type)init;                                     \
		request->out = answer_;                                    \
		answer_;                                                   \
	})

/* A part of a request that must be there. */
enum status require(const void *part, const char *name, struct error *err) MUST_USE;
/* The page to read: 0 is 100, and LIMIT_PAGE is the most. */
size_t page_rows(uint32_t asked);
/* A text of the wire: in protobuf-c an absent one is empty. */
char *wire_text(struct arena *arena, struct text text);

/* Every service of the daemon. */
void catalog_service_init(struct service *service, struct daemon *daemon);
void crawlers_service_init(struct service *service, struct daemon *daemon);
void jobs_service_init(struct service *service, struct daemon *daemon);
void worker_service_init(struct service *service, struct daemon *daemon);
