#include "rpc/diagnosis.h"

#include "rpc/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WAIT_MS = 2000, HOST_BYTES = 256, NAMES_BYTES = 200 };

struct probe {
	const struct rpc_channel *channel;
	char host[HOST_BYTES];
	char port[8];
	SSL_CTX *context;
	SSL *ssl;
	int fd;
	bool slow; /* it said nothing in WAIT_MS */
	bool asked; /* for a certificate that we have not */
};

/* ---- the connection ---- */

static bool connects(int fd, const struct addrinfo *to)
{
	struct pollfd waits = {fd, POLLOUT, 0};
	int error = 0;
	socklen_t length = sizeof error;
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return true;
	return errno == EINPROGRESS && poll(&waits, 1, WAIT_MS) == 1 &&
	       getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

static int connected(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int fd = -1;
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return -1;
	for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
			at->ai_protocol);
		if (fd >= 0 && !connects(fd, at)) {
			(void)close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

/* ---- TLS over it ---- */

/* One step that may want the socket first: what `step` returned in the end. */
static int waited(struct probe *probe, int (*step)(SSL *ssl))
{
	for (;;) {
		ERR_clear_error();
		int rc = step(probe->ssl);
		int wants = SSL_get_error(probe->ssl, rc);
		short events = (short)(wants == SSL_ERROR_WANT_READ    ? POLLIN
				       : wants == SSL_ERROR_WANT_WRITE ? POLLOUT
								       : 0);
		struct pollfd waits = {probe->fd, events, 0};
		if (!events)
			return rc;
		probe->slow = poll(&waits, 1, WAIT_MS) != 1;
		if (probe->slow)
			return rc;
	}
}

/* In TLS 1.3 a server's objection to us comes only after the handshake. */
static int first_byte(SSL *ssl)
{
	char byte;
	return SSL_read(ssl, &byte, 1);
}

static bool believe(struct probe *probe)
{
	const struct identity *identity = probe->channel->identity;
	if (!identity || !identity->authorities)
		return SSL_CTX_set_default_verify_paths(probe->context) == 1;
	BIO *bio = BIO_new_mem_buf(identity->authorities, -1);
	X509_STORE *store = SSL_CTX_get_cert_store(probe->context);
	X509 *certificate;
	while (bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		(void)X509_STORE_add_cert(store, certificate);
		X509_free(certificate);
	}
	BIO_free(bio);
	return true;
}

static void present(struct probe *probe)
{
	const struct identity *identity = probe->channel->identity;
	if (!identity || !identity->certificate)
		return;
	BIO *bio = BIO_new_mem_buf(identity->certificate, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (certificate)
		(void)SSL_CTX_use_certificate(probe->context, certificate);
	X509_free(certificate);
	while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		(void)SSL_CTX_add0_chain_cert(probe->context, certificate);
	BIO_free(bio);
	bio = BIO_new_mem_buf(identity->key, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	if (key)
		(void)SSL_CTX_use_PrivateKey(probe->context, key);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

/* Only called when the server asks for a certificate and there is none. */
static int asked_for_certificate(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)certificate;
	(void)key;
	struct probe *probe = SSL_get_app_data(ssl);
	probe->asked = true;
	return 0;
}

static const char *wanted_name(const struct probe *probe)
{
	return probe->channel->server_name ? probe->channel->server_name : probe->host;
}

static void want_name(struct probe *probe)
{
	const char *name = wanted_name(probe);
	X509_VERIFY_PARAM *wanted = SSL_get0_param(probe->ssl);
	if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name) != 1) {
		(void)X509_VERIFY_PARAM_set1_host(wanted, name, 0);
		(void)SSL_set_tlsext_host_name(probe->ssl, name);
	}
}

static bool prepare(struct probe *probe)
{
	static const unsigned char protocols[] = {2, 'h', '2'};
	probe->context = SSL_CTX_new(TLS_client_method());
	if (!probe->context || !believe(probe))
		return false;
	present(probe);
	/* The verdict is read afterwards, together with the certificate. */
	SSL_CTX_set_verify(probe->context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_client_cert_cb(probe->context, asked_for_certificate);
	probe->ssl = SSL_new(probe->context);
	if (!probe->ssl || SSL_set_fd(probe->ssl, probe->fd) != 1 ||
		SSL_set_app_data(probe->ssl, probe) != 1)
		return false;
	(void)SSL_set_alpn_protos(probe->ssl, protocols, sizeof protocols);
	want_name(probe);
	return true;
}

/* ---- what it means ---- */

/* "'localhost', '127.0.0.1'": what the certificate is for. */
static void names_of(X509 *certificate, char out[static NAMES_BYTES])
{
	size_t at = 0;
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	out[0] = 0;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		char text[128] = "";
		if (name->type == GEN_DNS)
			(void)snprintf(text, sizeof text, "%.*s", name->d.dNSName->length,
				(const char *)name->d.dNSName->data);
		else if (name->type == GEN_IPADD)
			(void)inet_ntop(name->d.iPAddress->length == 4 ? AF_INET : AF_INET6,
				name->d.iPAddress->data, text, sizeof text);
		size_t more = strlen(text) + 4;
		if (!text[0] || at + more >= NAMES_BYTES)
			continue;
		at += (size_t)snprintf(out + at, NAMES_BYTES - at, "%s'%s'", at ? ", " : "", text);
	}
	GENERAL_NAMES_free(names);
	if (at == 0)
		(void)snprintf(out, NAMES_BYTES, "no name");
}

static void say_verdict(const struct probe *probe, long verdict, struct error *err)
{
	const char *address = probe->channel->address;
	const char *authorities = probe->channel->authorities_file;
	X509 *certificate = SSL_get0_peer_certificate(probe->ssl);
	char names[NAMES_BYTES] = "";
	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		(void)fail(err, STATUS_UNAVAILABLE,
			"the certificate of the tenond at '%s' has expired: renew it there",
			address);
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		(void)fail(err, STATUS_UNAVAILABLE,
			"the certificate of the tenond at '%s' is not valid yet: is this machine's "
			"clock right?",
			address);
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		names_of(certificate, names);
		(void)fail(err, STATUS_UNAVAILABLE,
			"the certificate of the tenond at '%s' is for %s, and not for '%s': dial "
			"it by that name, or tell the name with --tls-server-name",
			address, names, wanted_name(probe));
		return;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		(void)fail(err, STATUS_UNAVAILABLE,
			"the certificate of the tenond at '%s' is not signed by any authority of "
			"%s%s%s: give the right one with --tls-ca",
			address, authorities ? "'" : "this system", authorities ? authorities : "",
			authorities ? "'" : "");
		return;
	default: /* of OpenSSL's many */
		(void)fail(err, STATUS_UNAVAILABLE,
			"the certificate of the tenond at '%s' cannot be believed: %s", address,
			X509_verify_cert_error_string(verdict));
	}
}

/* A plain channel: does the other side answer as TLS does? */
static bool speaks_tls(struct probe *probe, struct error *err)
{
	int rc = waited(probe, SSL_connect);
	int reason = ERR_GET_REASON(ERR_peek_error());
	/* An alert is TLS too: it may not like what was offered. */
	bool alert = reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256;
	if (rc != 1 && !alert)
		return false;
	(void)fail(err, STATUS_UNAVAILABLE,
		"the tenond at '%s' speaks TLS: say --tls-ca FILE (or TENON_TLS_CA) with the "
		"authority that signed its certificate",
		probe->channel->address);
	return true;
}

/* gRPC's server says nothing to a client whose certificate it refuses: it hangs up. */
static bool objects(const struct probe *probe, struct error *err)
{
	const char *address = probe->channel->address;
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_REASON(code);
	const char *words = code ? ERR_reason_error_string(code) : NULL;
	bool hung_up = reason == SSL_R_UNEXPECTED_EOF_WHILE_READING || !code;
	bool alert = reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256;
	if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
		reason == SSL_R_PACKET_LENGTH_TOO_LONG)
		(void)fail(err, STATUS_UNAVAILABLE,
			"the server at '%s' does not speak TLS: leave the --tls options away, or "
			"start tenond with --tls-cert",
			address);
	else if (probe->asked && (hung_up || alert))
		(void)fail(err, STATUS_UNAVAILABLE,
			"the tenond at '%s' wants a client certificate: say --tls-cert and "
			"--tls-key",
			address);
	else if (probe->channel->identity->certificate && (hung_up || alert))
		(void)fail(err, STATUS_UNAVAILABLE,
			"the tenond at '%s' does not accept the client certificate: is it signed "
			"by its --tls-client-ca?",
			address);
	else if (words)
		(void)fail(err, STATUS_UNAVAILABLE,
			"TLS with the tenond at '%s' came to nothing: %s", address, words);
	else
		return false;
	return true;
}

/* Of the protocols we offer, HTTP/2 alone, it took none. */
static bool speaks_other(const struct probe *probe)
{
	const unsigned char *protocol = NULL;
	unsigned length = 0;
	SSL_get0_alpn_selected(probe->ssl, &protocol, &length);
	return length != 2 || memcmp(protocol, "h2", 2) != 0;
}

static bool found_out(struct probe *probe, struct error *err)
{
	if (!prepare(probe))
		return false;
	if (!probe->channel->tls)
		return speaks_tls(probe, err);
	int rc = waited(probe, SSL_connect);
	long verdict = SSL_get_verify_result(probe->ssl);
	if (rc == 1 && verdict != X509_V_OK) {
		say_verdict(probe, verdict, err);
		return true;
	}
	if (rc == 1 && speaks_other(probe)) {
		(void)fail(err, STATUS_UNAVAILABLE,
			"the server at '%s' speaks TLS and not HTTP/2: it is no tenond; is the "
			"address right?",
			probe->channel->address);
		return true;
	}
	if (rc == 1)
		rc = waited(probe, first_byte);
	return rc != 1 && !probe->slow && objects(probe, err);
}

bool diagnosis(const struct rpc_channel *channel, struct error *err)
{
	struct probe probe = {.channel = channel, .fd = -1};
	struct text host;
	struct text port;
	if (address_is_unix(channel->address) || !address_split(channel->address, &host, &port) ||
		host.length >= sizeof probe.host || port.length >= sizeof probe.port)
		return false;
	(void)snprintf(probe.host, sizeof probe.host, "%.*s", TEXT_ARG(host));
	(void)snprintf(probe.port, sizeof probe.port, "%.*s", TEXT_ARG(port));
	probe.fd = connected(probe.host, probe.port);
	bool found = probe.fd >= 0 && found_out(&probe, err);
	SSL_free(probe.ssl);
	SSL_CTX_free(probe.context);
	if (probe.fd >= 0)
		(void)close(probe.fd);
	ERR_clear_error(); /* gRPC reads this thread's queue of errors as its own */
	return found;
}
