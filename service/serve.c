#include "service/serve.h"

#include "base/log.h"
#include "jobs/token.h"
#include "service/allow.h"
#include "service/chores.h"
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
	struct author author = {request->caller.principal, reason};
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

/* ---- the audit log ---- */

/* Of a worker's calls only what changes the catalog: the others come every second. */
static bool is_audited(const struct method *method)
{
	return method->needs != NEED_RUN_TOKEN || !method->serve;
}

static bool is_write(const struct method *method)
{
	return method->write || method->needs == NEED_WRITE || method->needs == NEED_CRAWL ||
	       method->needs == NEED_RUN ||
	       (method->slow && (method->needs == NEED_ADMIN || method->needs == NEED_RUN_TOKEN));
}

static const char *resource_of(struct request *request)
{
	if (!*request->caller.principal)
		return ""; /* whoever it is does not fill the log with names */
	if (request->method->needs == NEED_RUN_TOKEN)
		return !request->run
			       ? ""
			       : arena_printf(request->arena, "run/%s", request->run->run->id);
	if (request->audited_as)
		return request->audited_as;
	if (!request->places.count)
		request->places = places_of(request->about, request->in, request->arena);
	const struct place *first = &request->places.at[0];
	return first->kind == PLACE_ALL ? "" : place_name(first, request->arena);
}

static struct audited audited_of(
	struct request *request, enum status status, const struct error *err)
{
	bool denied = status == STATUS_PERMISSION_DENIED || status == STATUS_UNAUTHENTICATED;
	return (struct audited){
		.kind = denied			    ? AUDITED_DENIED
			: is_write(request->method) ? AUDITED_WRITE
						    : AUDITED_READ,
		.caller = &request->caller,
		.method = rpc_method(request->call),
		.resource = resource_of(request),
		.status = status,
		.message = status == STATUS_OK ? "" : err->message,
	};
}

static bool puts_itself_down(const struct request *request)
{
	return request->method->write && auditing_level(request->daemon->auditing) != AUDIT_NONE;
}

void request_note(struct request *request, enum status status, const struct error *err)
{
	struct auditing *auditing = request->daemon->auditing;
	bool done = status == STATUS_OK && puts_itself_down(request);
	if (auditing_level(auditing) == AUDIT_NONE || done || !is_audited(request->method))
		return;
	struct audited audited = audited_of(request, status, err);
	if (auditing_note(auditing, &audited) && request->daemon->chores)
		chores_wake(request->daemon->chores);
}

/* ---- answers ---- */

void request_end(struct request *request, enum status status, const struct error *err)
{
	request_note(request, status, err);
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

enum status request_read(struct request *request, struct catalog_txn **txn_out, struct error *err)
{
	static const struct place all = {.kind = PLACE_ALL};
	struct access *access = request->daemon->access;
	TRY(catalog_read(request->daemon->catalog, txn_out, err));
	if (access_enforced(access) && !access_rights(access, &request->caller, RIGHT_ADMIN, &all))
		catalog_see(*txn_out, access_sight(access, &request->caller, request->arena));
	return STATUS_OK;
}

static enum status read_now(struct request *request, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(request_read(request, &txn, err));
	return request->method->read(request, txn, err);
}

static enum status apply(struct catalog_txn *txn, struct catalog_write *write, struct error *err)
{
	struct request *request = (struct request *)(void *)write;
	request_reason(request, txn, "");
	TRY(request->method->write(request, txn, err));
	if (!puts_itself_down(request))
		return STATUS_OK;
	struct audited audited = audited_of(request, STATUS_OK, NULL);
	return auditing_put(txn, &audited, request->arena, err);
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

/* A run's worker reads its tables' definitions with the token of the run, in the name of
 * who started it. Nothing else: what it does to the catalog goes through its own service. */
static enum status know_run(struct request *request, struct error *err)
{
	TRY(worker_admit(request, err));
	if (request->method->needs != NEED_READ)
		return fail(err, STATUS_PERMISSION_DENIED,
			"the token of a run is for reading the tables that it needs");
	return STATUS_OK;
}

static enum status know(struct service *service, struct request *request, struct error *err)
{
	const struct rpc_caller *wire = rpc_caller(request->call);
	struct access *access = service->daemon->access;
	if (service->admit)
		return service->admit(request, err);
	if (access_enforced(access) && wire->bearer && token_run(text_of(wire->bearer)).length)
		return know_run(request, err);
	return access_caller(access, wire, request->arena, &request->caller, err);
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
	request->about = &service->abouts[index];
	/* Until it is known. */
	request->caller = (struct caller){
		.principal = "", .address = rpc_caller(call)->address, .scope = RIGHTS_ALL};
	enum status status = know(service, request, &err);
	if (status == STATUS_OK)
		status = allow(request, &err);
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
	assert(false && "a method's row names no method of its service");
	return 0;
}

void service_init(struct service *service, const ProtobufCServiceDescriptor *descriptor,
	struct daemon *daemon)
{
	*service = (struct service){
		.base = {.descriptor = descriptor, .invoke = invoke}, .daemon = daemon};
	assert(descriptor->n_methods <= METHODS_MAX);
	for (size_t i = 0; i < descriptor->n_methods; i++) {
		service->by_index[i] = &absent;
		service->abouts[i] = about_of(descriptor->name, descriptor->methods[i].input);
	}
}

void service_add(struct service *service, struct methods methods)
{
	for (size_t i = 0; i < methods.count; i++) {
		const struct method *row = &methods.rows[i];
		service->by_index[index_of(service->base.descriptor, row->name)] = row;
	}
}
