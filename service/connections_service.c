#include "catalog/connections.h"
#include "service/allow.h"

/* The Connections service. */

enum { DELETE_MAX = 100 };

static enum status put_connection(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PutConnectionRequest *in = request->in;
	Tenon__V1__PutConnectionResponse *out =
		ANSWER(Tenon__V1__PutConnectionResponse, TENON__V1__PUT_CONNECTION_RESPONSE__INIT);
	struct connection_put put = {in->connection, in->must_be_new, in->must_exist};
	bool created = false;
	TRY(require(in->connection, "connection", err));
	TRY(connection_put(txn, &put, request->arena, &out->connection, &created, err));
	out->created = created;
	return STATUS_OK;
}

/* Whoever reaches a daemon that only its machine can reach is its administrator; to
 * one that was opened with --insecure nobody is known. */
static enum status get_connection(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__GetConnectionRequest *in = request->in;
	Tenon__V1__GetConnectionResponse *out =
		ANSWER(Tenon__V1__GetConnectionResponse, TENON__V1__GET_CONNECTION_RESPONSE__INIT);
	if (in->with_secrets && request->daemon->options->insecure)
		return fail(err, STATUS_PERMISSION_DENIED,
			"secrets are not handed out by a daemon that runs with --insecure");
	return connection_get(
		txn, text_of(in->name), in->with_secrets, request->arena, &out->connection, err);
}

static enum status list_connections(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListConnectionsRequest *in = request->in;
	Tenon__V1__ListConnectionsRequest asked = *in;
	Tenon__V1__ListConnectionsResponse *out = ANSWER(
		Tenon__V1__ListConnectionsResponse, TENON__V1__LIST_CONNECTIONS_RESPONSE__INIT);
	asked.page_size = (uint32_t)page_rows(in->page_size);
	return connection_list(txn, &asked, request->arena, out, err);
}

static enum status delete_connections(
	struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteConnectionsRequest *in = request->in;
	Tenon__V1__DeleteConnectionsResponse *out = ANSWER(
		Tenon__V1__DeleteConnectionsResponse, TENON__V1__DELETE_CONNECTIONS_RESPONSE__INIT);
	TRY(batch_check(in->n_names, DELETE_MAX, "connections", err));
	out->errors = arena_array(request->arena, in->n_names, sizeof *out->errors);
	for (size_t i = 0; i < in->n_names; i++) {
		enum status status = connection_delete(txn, text_of(in->names[i]), err);
		if (fails_the_call(status))
			return status;
		if (status == STATUS_OK)
			continue;
		Tenon__V1__ConnectionError *error = arena_alloc(request->arena, sizeof *error);
		*error = (Tenon__V1__ConnectionError)TENON__V1__CONNECTION_ERROR__INIT;
		error->name = in->names[i];
		error->code = (int32_t)status;
		error->message = wire_text(request->arena, text_of(err->message));
		out->errors[out->n_errors++] = error;
	}
	return STATUS_OK;
}

static enum status allow_get(struct request *request, struct error *err)
{
	const Tenon__V1__GetConnectionRequest *in = request->in;
	return request_may_all(request, in->with_secrets ? RIGHT_ADMIN : RIGHT_READ, err);
}

static const struct method rows[] = {
	{"PutConnection", NEED_ADMIN, .write = put_connection},
	{"GetConnection", NEED_READ, .read = get_connection, .allow = allow_get},
	{"ListConnections", NEED_KNOWN, .read = list_connections},
	{"DeleteConnections", NEED_ADMIN, .write = delete_connections},
};

const struct methods connection_methods = METHODS(rows);
