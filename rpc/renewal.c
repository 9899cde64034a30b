#include "rpc/renewal.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* gRPC fetches the identity at every handshake, for each port on its own: a port knows
 * which one it has. */
struct port {
	struct renewal *renewal;
	struct port *next;
	uint64_t has; /* the version; 0: none */
};

struct renewal {
	struct identity_files files;
	bool require_client_certificate;
	struct port *ports;

	pthread_mutex_t lock; /* for what follows and the ports' `has` */
	struct identity *identity;
	uint64_t version; /* of the identity, from 1 */
	char trouble[ERROR_MESSAGE_MAX]; /* said already */
};

enum status renewal_new(const struct identity_files *files, bool require_client_certificate,
	struct renewal **renewal_out, struct error *err)
{
	struct identity *identity = NULL;
	TRY(identity_read(files, &identity, err));
	struct renewal *renewal = memory_new(sizeof *renewal);
	renewal->files = *files;
	renewal->require_client_certificate = require_client_certificate;
	renewal->identity = identity;
	renewal->version = 1;
	(void)pthread_mutex_init(&renewal->lock, NULL);
	*renewal_out = renewal;
	return STATUS_OK;
}

static grpc_ssl_server_certificate_config *config_of(const struct identity *identity)
{
	grpc_ssl_pem_key_cert_pair pair = {identity->key, identity->certificate};
	/* gRPC 1.51 ends the process when a fetched identity has no authorities. Where
	 * clients are not asked for a certificate they mean nothing. */
	const char *authorities =
		identity->authorities ? identity->authorities : identity->certificate;
	return grpc_ssl_server_certificate_config_create(authorities, &pair, 1);
}

/* Runs in a handshake; no file is touched. */
static grpc_ssl_certificate_config_reload_status fetch(
	void *state, grpc_ssl_server_certificate_config **config)
{
	struct port *port = state;
	struct renewal *renewal = port->renewal;
	grpc_ssl_certificate_config_reload_status status =
		GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
	(void)pthread_mutex_lock(&renewal->lock);
	if (port->has != renewal->version) {
		*config = config_of(renewal->identity);
		port->has = renewal->version;
		status = GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
	}
	(void)pthread_mutex_unlock(&renewal->lock);
	return status;
}

grpc_server_credentials *renewal_credentials(struct renewal *renewal)
{
	/* Whatever client certificate is asked for is verified: callers are named by it. */
	grpc_ssl_client_certificate_request_type asks =
		!renewal->files.authorities ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
		: renewal->require_client_certificate
			? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
			: GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
	struct port *port = memory_new(sizeof *port);
	port->renewal = renewal;
	port->next = renewal->ports;
	renewal->ports = port;
	return grpc_ssl_server_credentials_create_with_options(
		grpc_ssl_server_credentials_create_options_using_config_fetcher(asks, fetch, port));
}

static bool is_new_trouble(struct renewal *renewal, const struct error *err)
{
	bool is_new = strcmp(renewal->trouble, err->message) != 0;
	memcpy(renewal->trouble, err->message, sizeof renewal->trouble);
	return is_new;
}

enum status renewal_look(struct renewal *renewal, bool *renewed_out, struct error *err)
{
	OWNED(identity) found = NULL;
	enum status status = identity_read(&renewal->files, &found, err);
	bool renewed = false;
	(void)pthread_mutex_lock(&renewal->lock);
	if (status != STATUS_OK) {
		status = is_new_trouble(renewal, err) ? status : STATUS_OK;
	} else {
		renewal->trouble[0] = 0;
		renewed = !identity_equal(found, renewal->identity);
	}
	if (renewed) {
		struct identity *old = renewal->identity;
		renewal->identity = found;
		renewal->version++;
		found = old;
	}
	(void)pthread_mutex_unlock(&renewal->lock);
	*renewed_out = renewed;
	return status;
}

int64_t renewal_until_s(struct renewal *renewal)
{
	(void)pthread_mutex_lock(&renewal->lock);
	int64_t until = renewal->identity->until_s;
	(void)pthread_mutex_unlock(&renewal->lock);
	return until;
}

void renewal_free(struct renewal *renewal)
{
	if (!renewal)
		return;
	while (renewal->ports) {
		struct port *port = renewal->ports;
		renewal->ports = port->next;
		free(port);
	}
	identity_free(renewal->identity);
	(void)pthread_mutex_destroy(&renewal->lock);
	free(renewal);
}
