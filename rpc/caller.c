#include "rpc/bearer.h"
#include "rpc/bytes.h"
#include "rpc/serving.h"

#include "base/limits.h"

#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>

/* gRPC gives "ipv6:%5B::1%5D:4233". Only the brackets are put back: what else is
 * escaped (a unix path is the client's to choose) had better stay so. */
static const char *readable(struct arena *arena, struct text peer)
{
	char *address = arena_text(arena, peer);
	char *to = address;
	for (const char *from = address; *from; to++) {
		bool opens = strncmp(from, "%5B", 3) == 0;
		bool closes = strncmp(from, "%5D", 3) == 0;
		*to = (char)(opens ? '[' : closes ? ']' : *from);
		from += opens || closes ? 3 : 1;
	}
	*to = 0;
	return address;
}

static const char *address_of(struct rpc_call *call)
{
	char *peer = grpc_call_get_peer(call->call);
	const char *address = readable(call->arena, text_of(peer));
	gpr_free(peer);
	return address;
}

/* ---- the certificate ---- */

/* Subject alternative names stand in the context in the certificate's order; those
 * that are DNS names and URIs stand there once more under these names. */
static bool is_name(const char *property)
{
	return strcmp(property, GRPC_PEER_DNS_PROPERTY_NAME) == 0 ||
	       strcmp(property, GRPC_PEER_URI_PROPERTY_NAME) == 0;
}

static bool chosen_name(const grpc_auth_context *context, struct text *name_out)
{
	grpc_auth_property_iterator all = grpc_auth_context_property_iterator(context);
	const grpc_auth_property *property;
	bool found = false;
	while ((property = grpc_auth_property_iterator_next(&all))) {
		struct text value = {property->value, property->value_length};
		if (value.length == 0) /* a common name that is not there */
			continue;
		if (is_name(property->name)) {
			*name_out = value;
			return true;
		}
		if (strcmp(property->name, GRPC_X509_CN_PROPERTY_NAME) == 0) {
			*name_out = value;
			found = true;
		}
	}
	return found;
}

/* A NUL in a name would make "admin\0.example.net" an "admin". */
static bool is_plain(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f)
			return false;
	}
	return name.length <= LIMIT_CERTIFICATE_NAME_BYTES && text_is_utf8(name);
}

/* The context has a peer only when its certificate was verified: the server never
 * asks for one that it would not verify. */
static enum status certificate_of(struct rpc_call *call, const char **name_out, struct error *err)
{
	grpc_auth_context *context = grpc_call_auth_context(call->call);
	enum status status = STATUS_OK;
	struct text name;
	if (!context)
		return STATUS_OK;
	if (grpc_auth_context_peer_is_authenticated(context) && chosen_name(context, &name)) {
		if (is_plain(name))
			*name_out = arena_text(call->arena, name);
		else
			status = fail(err, STATUS_UNAUTHENTICATED,
				"the client certificate's name is longer than %d bytes or not "
				"plain text: make one with a DNS or URI subject alternative "
				"name",
				LIMIT_CERTIFICATE_NAME_BYTES);
	}
	grpc_auth_context_release(context);
	return status;
}

/* ---- the token ---- */

static enum status bearer_of(struct rpc_call *call, const char **bearer_out, struct error *err)
{
	for (size_t i = 0; i < call->metadata.count; i++) {
		const grpc_metadata *entry = &call->metadata.metadata[i];
		struct text secret;
		if (!text_equal(slice_text(&entry->key), TEXT("authorization")))
			continue;
		if (*bearer_out)
			return fail(err, STATUS_UNAUTHENTICATED,
				"there is more than one authorization header");
		TRY(bearer_read(slice_text(&entry->value), &secret, err));
		*bearer_out = arena_text(call->arena, secret);
	}
	return STATUS_OK;
}

enum status caller_read(struct rpc_call *call, struct error *err)
{
	call->caller = (struct rpc_caller){.address = address_of(call)};
	TRY(certificate_of(call, &call->caller.certificate, err));
	return bearer_of(call, &call->caller.bearer, err);
}

const struct rpc_caller *rpc_caller(const struct rpc_call *call)
{
	return &call->caller;
}
