#include "service/serve.h"

#include "base/log.h"
#include "service/pool.h"

#include <assert.h>
#include <string.h>

enum status require(const void *part, const char *name, struct error *err)
{
	if (!part)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s is missing", name);
	return STATUS_OK;
}

size_t page_rows(uint32_t asked)
{
	enum { USUAL = 100 };
	if (asked == 0)
		return USUAL;
	return asked < LIMIT_PAGE ? asked : LIMIT_PAGE;
}

void request_reason(const struct request *request, struct catalog_txn *txn, const char *reason)
{
	struct author author = {rpc_peer(request->call), reason};
	catalog_act_as(txn, &author);
}

Tenon__V1__ItemError *item_error(struct arena *arena, size_t index, const struct error *item)
{
	Tenon__V1__ItemError *error = arena_alloc(arena, sizeof *error);
	*error = (Tenon__V1__ItemError)TENON__V1__ITEM_ERROR__INIT;
	error->index = (uint32_t)index;
	error->code = (int32_t)item->status;
	error->message = arena_text(arena, text_of(item->message));
	return error;
}

bool fails_the_call(enum status status)
{
	return status == STATUS_INTERNAL || status == STATUS_DATA_LOSS ||
	       status == STATUS_UNAVAILABLE;
}

enum status batch_check(size_t count, size_t most, const char *what, struct error *err)
{
	if (count > most)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"%zu %s in one request, and %zu is the most; send them in parts", count,
			what, most);
	return STATUS_OK;
}

char *wire_text(struct arena *arena, struct text text)
{
	return arena_text(arena, text);
}

/* The caller's mistakes are the caller's to read; ours are the operator's too. */
static bool is_ours(enum status status)
{
	return status == STATUS_INTERNAL || status == STATUS_DATA_LOSS || status == STATUS_UNKNOWN;
}

void request_end(struct request *request, enum status status, const struct error *err)
{
	if (status == STATUS_OK) {
		rpc_reply(request->call, request->out);
		return;
	}
	const char *run = request->run ? request->run->run->id : "";
	log_line(is_ours(status) ? LOG_ERROR : LOG_DEBUG, "%s%s%s: %s: %s",
		rpc_method(request->call), *run ? " of run " : "", run, status_name(status),
		err->message);
	rpc_fail(request->call, err);
}

static enum status read_now(struct request *request, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(request->daemon->catalog, &txn, err));
	return request->method->read(request, txn, err);
}

static enum status apply(struct catalog_txn *txn, struct catalog_write *write, struct error *err)
{
	struct request *request = (struct request *)(void *)write;
	request_reason(request, txn, "");
	return request->method->write(request, txn, err);
}

static void done(struct catalog_write *write, enum status status, const struct error *err)
{
	struct request *request = (struct request *)(void *)write;
	if (status == STATUS_OK && request->method->after)
		request->method->after(request);
	request_end(request, status, err);
}

static enum status submit(struct request *request, struct error *err)
{
	request->write = (struct catalog_write){
		.apply = apply,
		.done = done,
		.bytes = arena_bytes(request->arena),
	};
	return catalog_submit(request->daemon->catalog, &request->write, err);
}

static void run_slow(void *state)
{
	struct request *request = state;
	struct error err;
	enum status status = request->method->slow(request, &err);
	request_end(request, status, &err);
}

static enum status queue_slow(struct request *request, struct error *err)
{
	if (pool_run(request->daemon->pool, run_slow, request))
		return STATUS_OK;
	return fail(err, STATUS_UNAVAILABLE,
		"the daemon is busy with commits or is stopping; try again");
}

/* Answers now, or hands the request on. */
static void serve(struct request *request)
{
	const struct method *method = request->method;
	struct error err;
	if (method->serve) {
		method->serve(request);
		return;
	}
	enum status status;
	if (method->read) {
		status = read_now(request, &err);
		request_end(request, status, &err);
		return;
	}
	status = method->write ? submit(request, &err) : queue_slow(request, &err);
	if (status != STATUS_OK)
		request_end(request, status, &err);
}

static void invoke(ProtobufCService *base, unsigned index, const ProtobufCMessage *in,
	ProtobufCClosure closure, void *call_data)
{
	(void)closure;
	struct service *service = (struct service *)(void *)base;
	struct rpc_call *call = rpc_call_of(call_data);
	struct request *request = arena_alloc(rpc_arena(call), sizeof *request);
	struct error err;
	request->daemon = service->daemon;
	request->call = call;
	request->arena = rpc_arena(call);
	request->method = service->by_index[index];
	request->in = in;
	enum status status = service->admit ? service->admit(request, &err) : STATUS_OK;
	if (status != STATUS_OK)
		request_end(request, status, &err);
	else
		serve(request);
}

static void not_there_yet(struct request *request)
{
	struct error err;
	request_end(request,
		fail(&err, STATUS_UNIMPLEMENTED, "%s is not there yet", rpc_method(request->call)),
		&err);
}

static const struct method absent = {"", .serve = not_there_yet};

static unsigned index_of(const ProtobufCServiceDescriptor *descriptor, const char *name)
{
	for (unsigned i = 0; i < descriptor->n_methods; i++) {
		if (strcmp(descriptor->methods[i].name, name) == 0)
			return i;
	}
	assert(!"a method's row names no method of its service");
	return 0;
}

void service_init(struct service *service, const ProtobufCServiceDescriptor *descriptor,
	struct daemon *daemon)
{
	*service = (struct service){
		.base = {.descriptor = descriptor, .invoke = invoke}, .daemon = daemon};
	assert(descriptor->n_methods <= METHODS_MAX);
	for (size_t i = 0; i < descriptor->n_methods; i++)
		service->by_index[i] = &absent;
}

void service_add(struct service *service, struct methods methods)
{
	for (size_t i = 0; i < methods.count; i++) {
		const struct method *row = &methods.rows[i];
		service->by_index[index_of(service->base.descriptor, row->name)] = row;
	}
}
