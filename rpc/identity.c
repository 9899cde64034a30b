#include "rpc/identity.h"

#include "base/limits.h"
#include "base/memory.h"
#include "rpc/secret_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* gRPC asks OpenSSL's queue of errors, one per thread, what went wrong with a connection:
 * none of ours may stay in it. */
static const char *objection(void)
{
	unsigned long code = ERR_peek_error();
	const char *words = code ? ERR_reason_error_string(code) : NULL;
	ERR_clear_error();
	return words ? words : "OpenSSL does not say why";
}

static BIO *bio_of(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	if (!bio)
		abort();
	return bio;
}

/* ---- the certificate ---- */

static void day_of(const ASN1_TIME *time, char day[static 32])
{
	struct tm tm;
	(void)memset(&tm, 0, sizeof tm);
	(void)ASN1_TIME_to_tm(time, &tm);
	(void)strftime(day, 32, "%Y-%m-%d %H:%M UTC", &tm);
}

static enum status check_time(
	const char *path, const X509 *certificate, struct identity *identity, struct error *err)
{
	char day[32];
	const ASN1_TIME *from = X509_get0_notBefore(certificate);
	const ASN1_TIME *until = X509_get0_notAfter(certificate);
	if (X509_cmp_current_time(until) < 0) {
		day_of(until, day);
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the certificate '%s' has expired on %s: renew it", path, day);
	}
	if (X509_cmp_current_time(from) > 0) {
		day_of(from, day);
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the certificate '%s' is not valid before %s: is this machine's clock "
			"right?",
			path, day);
	}
	struct tm tm;
	(void)memset(&tm, 0, sizeof tm);
	(void)ASN1_TIME_to_tm(until, &tm);
	identity->until_s = (int64_t)timegm(&tm);
	return STATUS_OK;
}

/* The first certificate is taken by its caller, the others by the context. */
static enum status use_certificate(const struct identity_files *files, struct identity *identity,
	SSL_CTX *context, struct error *err)
{
	BIO *bio = bio_of(identity->certificate);
	X509 *own = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!own) {
		BIO_free(bio);
		ERR_clear_error();
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' holds no certificate in PEM",
			files->certificate);
	}
	bool fits = SSL_CTX_use_certificate(context, own) == 1;
	X509 *next;
	while (fits && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		fits = SSL_CTX_add0_chain_cert(context, next) == 1;
		if (!fits)
			X509_free(next);
	}
	BIO_free(bio);
	enum status status = check_time(files->certificate, own, identity, err);
	X509_free(own);
	if (!fits)
		return fail(err, STATUS_INVALID_ARGUMENT, "the certificate '%s' cannot be used: %s",
			files->certificate, objection());
	ERR_clear_error(); /* the end of the file is an error to OpenSSL */
	return status;
}

/* ---- the key ---- */

static int no_passphrase(char *at, int size, int writes, void *asked)
{
	(void)at;
	(void)size;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

static enum status use_key(const struct identity_files *files, const struct identity *identity,
	SSL_CTX *context, struct error *err)
{
	bool asked = false;
	BIO *bio = bio_of(identity->key);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
	BIO_free(bio);
	if (!key) {
		ERR_clear_error();
		return fail(err, STATUS_INVALID_ARGUMENT,
			asked ? "the key '%s' is encrypted, and nobody is there to type its "
				"passphrase: store it without one, readable by its owner alone"
			      : "'%s' holds no private key in PEM",
			files->key);
	}
	bool fits = SSL_CTX_use_PrivateKey(context, key) == 1 &&
		    SSL_CTX_check_private_key(context) == 1;
	EVP_PKEY_free(key);
	if (fits)
		return STATUS_OK;
	if (ERR_GET_REASON(ERR_peek_error()) != X509_R_KEY_VALUES_MISMATCH &&
		ERR_GET_REASON(ERR_peek_error()) != X509_R_KEY_TYPE_MISMATCH)
		return fail(err, STATUS_INVALID_ARGUMENT, "the key '%s' cannot be used: %s",
			files->key, objection());
	ERR_clear_error();
	return fail(err, STATUS_INVALID_ARGUMENT,
		"the key '%s' is not that of the certificate '%s'", files->key, files->certificate);
}

static enum status check_pair(
	const struct identity_files *files, struct identity *identity, struct error *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	if (!context)
		return fail(err, STATUS_INTERNAL, "there is no TLS: %s", objection());
	enum status status = use_certificate(files, identity, context, err);
	if (status == STATUS_OK)
		status = use_key(files, identity, context, err);
	SSL_CTX_free(context);
	return status;
}

/* ---- the authorities ---- */

static enum status check_authorities(
	const struct identity_files *files, const struct identity *identity, struct error *err)
{
	size_t count = 0;
	X509 *certificate;
	BIO *bio = bio_of(identity->authorities);
	for (; (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)); count++)
		X509_free(certificate);
	BIO_free(bio);
	bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	if (count == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' holds no certificate in PEM",
			files->authorities);
	if (!ended)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"certificate %zu of '%s' cannot be read: it is damaged", count + 1,
			files->authorities);
	return STATUS_OK;
}

static enum status read_and_check(
	const struct identity_files *files, struct identity *identity, struct error *err)
{
	if (!files->certificate != !files->key)
		return fail(err, STATUS_INVALID_ARGUMENT,
			files->key ? "the key '%s' comes without its certificate"
				   : "the certificate '%s' comes without its key",
			files->key ? files->key : files->certificate);
	if (files->certificate) {
		TRY(secret_read("the certificate", files->certificate, LIMIT_PEM_BYTES,
			&identity->certificate, err));
		TRY(secret_read("the key", files->key, LIMIT_PEM_BYTES, &identity->key, err));
		TRY(check_pair(files, identity, err));
	}
	if (files->authorities) {
		TRY(secret_read("the certificates of authorities", files->authorities,
			LIMIT_PEM_BYTES, &identity->authorities, err));
		TRY(check_authorities(files, identity, err));
	}
	return STATUS_OK;
}

enum status identity_read(
	const struct identity_files *files, struct identity **identity_out, struct error *err)
{
	OWNED(identity) identity = memory_new(sizeof *identity);
	TRY(read_and_check(files, identity, err));
	*identity_out = TAKE(identity);
	return STATUS_OK;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool identity_equal(const struct identity *a, const struct identity *b)
{
	return same(a->certificate, b->certificate) && same(a->key, b->key) &&
	       same(a->authorities, b->authorities);
}

void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	secret_free(identity->certificate);
	secret_free(identity->key);
	secret_free(identity->authorities);
	free(identity);
}
