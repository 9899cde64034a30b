#pragma once

#include "catalog/catalog.h"
#include "catalog/tables.h"
#include "rpc/call.h"
#include "service/daemon.h"
#include "service/places.h"

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
	struct caller caller;
	const struct about *about;
	/* Filled where access is enforced: what it is about, and what let it in last. */
	struct places places;
	unsigned allowed;
	struct place allowed_place;
	/* What the audit log says it was about, in the arena; NULL: the first place. */
	const char *audited_as;
};

/* What a caller must be allowed, once the daemon knows its callers: the action, on
 * the database and table that the request names (access.proto). */
enum need {
	NEED_UNSAID, /* a row that forgot: refused to all but administrators */
	NEED_KNOWN, /* anybody who is known; `allow` or the handler looks closer */
	NEED_READ,
	NEED_WRITE,
	NEED_CRAWL,
	NEED_RUN,
	NEED_ADMIN,
	NEED_RUN_TOKEN, /* the Worker service: its own admit checks */
};

struct method {
	const char *name; /* as in the proto */
	enum need needs;
	/* One of: */
	enum status (*read)(struct request *request, struct catalog_txn *txn, struct error *err);
	/* ^ from one view of the catalog, at once, on the poller */
	enum status (*write)(struct request *request, struct catalog_txn *txn, struct error *err);
	/* ^ on the writer's thread; answered when durable */
	enum status (*slow)(struct request *request, struct error *err);
	/* ^ on a pool thread; may wait */
	void (*serve)(struct request *request);
	/* ^ on the poller; answers by itself, at once or as a stream */

	/* Instead of `needs` on what the request is about (service/allow.h); NULL: that. */
	enum status (*allow)(struct request *request, struct error *err);

	/* Of a write, once it is durable and before it is answered; on the writer. */
	void (*after)(struct request *request);
};

enum { METHODS_MAX = 64 };

struct service {
	ProtobufCService base; /* first: what rpc is given */
	/* Right behind it, as protobuf-c keeps a service's handlers: rpc looks there for
	 * which methods are served. */
	const struct method *by_index[METHODS_MAX];
	struct about abouts[METHODS_MAX];
	struct daemon *daemon;
	/* Before a call is served; NULL: nothing to check. */
	enum status (*admit)(struct request *request, struct error *err);
};

/* The rows of one handler file. A service may have several. */
struct methods {
	const struct method *rows;
	size_t count;
};
#define METHODS(array) ((struct methods){array, sizeof(array) / sizeof *(array)})

/* Methods that are in the proto but in no row answer UNIMPLEMENTED. */
void service_init(struct service *service, const ProtobufCServiceDescriptor *descriptor,
	struct daemon *daemon);
void service_add(struct service *service, struct methods methods);

/* The answer: request->out when OK, else the error. The request is gone afterwards. */
void request_end(struct request *request, enum status status, const struct error *err);

/* For who answers or streams without request_end: the call goes to the audit log. */
void request_note(struct request *request, enum status status, const struct error *err);
/* A view of the catalog in which listings show what the caller may see. */
enum status request_read(
	struct request *request, struct catalog_txn **txn_out, struct error *err) MUST_USE;

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
/* A write is in the name of the call's principal; this adds why. */
void request_reason(const struct request *request, struct catalog_txn *txn, const char *reason);
/* A text of the wire: in protobuf-c an absent one is empty. */
char *wire_text(struct arena *arena, struct text text);

/* A batch's item that failed, by its place in the request. */
Tenon__V1__ItemError *item_error(struct arena *arena, size_t index, const struct error *item);
/* Whether the whole call fails with an item: what is not the item's own fault. */
bool fails_the_call(enum status status);
/* RESOURCE_EXHAUSTED when a batch of `what` is larger than `most`. */
enum status batch_check(size_t count, size_t most, const char *what, struct error *err) MUST_USE;

/* Every service of the daemon is a row in services.c: its descriptor, and the
 * handler files that answer it. */
struct service_row {
	const ProtobufCServiceDescriptor *descriptor;
	const struct methods *const *parts;
	size_t part_count;
	enum status (*admit)(struct request *request, struct error *err);
};
extern const struct service_row service_rows[];
extern const size_t service_rows_count;

/* One handler file each. */
extern const struct methods database_methods;
extern const struct methods conflict_methods;
extern const struct methods table_methods;
extern const struct methods version_methods, dropped_methods;
extern const struct methods partition_methods, partition_index_methods;
extern const struct methods function_methods, tag_methods, statistics_methods;
extern const struct methods connection_methods;
extern const struct methods registry_methods;
extern const struct methods search_methods;
extern const struct methods crawler_methods;
extern const struct methods job_methods;
extern const struct methods worker_methods;
extern const struct methods operations_methods;
extern const struct methods access_methods;
extern const struct methods feed_methods, webhook_methods;
/* Of the Worker service: the call brings the token of a run that is under way. */
enum status worker_admit(struct request *request, struct error *err) MUST_USE;
