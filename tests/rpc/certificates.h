#pragma once

#include "tests/unit.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Authorities and certificates made on the spot, as PEM files in a folder. */

enum { CERTIFICATE_PATH = 128, DAY_S = 86400 };

struct authority {
	X509 *certificate;
	EVP_PKEY *key;
	char file[CERTIFICATE_PATH];
};

/* What a certificate says; zeroes are as usual. */
struct wanted {
	const char *name; /* common name; NULL: none */
	int name_length; /* 0: up to its NUL */
	const char *also; /* "DNS:localhost,IP:127.0.0.1,URI:spiffe://x/y"; NULL: none */
	long from_s, until_s; /* from now; 0 and 0: an hour ago until tomorrow */
	int bits; /* an RSA key of so many; 0: P-256 */
};

struct made {
	char certificate[CERTIFICATE_PATH];
	char key[CERTIFICATE_PATH];
};

static inline void extension_added(X509 *certificate, int what, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* `by` NULL: signed by itself, as authorities are. */
static inline X509 *certificate_new(
	const struct wanted *wanted, EVP_PKEY *key, const struct authority *by)
{
	X509 *certificate = X509_new();
	BIGNUM *serial = BN_new();
	assert_non_null(certificate);
	assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
	assert_int_equal(BN_rand(serial, 120, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY), 1);
	(void)BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate));
	BN_free(serial);
	bool usual = !wanted->from_s && !wanted->until_s;
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), usual ? -3600 : wanted->from_s);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), usual ? DAY_S : wanted->until_s);
	if (wanted->name)
		assert_int_equal(
			X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate),
				NID_commonName, MBSTRING_UTF8, (const unsigned char *)wanted->name,
				wanted->name_length ? wanted->name_length : -1, -1, 0),
			1);
	(void)X509_set_issuer_name(
		certificate, X509_get_subject_name(by ? by->certificate : certificate));
	(void)X509_set_pubkey(certificate, key);
	if (wanted->also)
		extension_added(certificate, NID_subject_alt_name, wanted->also);
	if (!by)
		extension_added(certificate, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(certificate, by ? by->key : key, EVP_sha256()) > 0);
	return certificate;
}

static inline void certificate_written(X509 *certificate, const char *path)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	assert_int_equal(fclose(file), 0);
}

static inline void key_written(EVP_PKEY *key, const char *path, const char *passphrase)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, passphrase ? EVP_aes_128_cbc() : NULL,
				 NULL, 0, NULL, (void *)(uintptr_t)passphrase),
		1);
	assert_int_equal(fclose(file), 0);
}

static inline struct authority authority_new(const char *folder, const char *name)
{
	struct authority authority = {.key = EVP_EC_gen("P-256")};
	struct wanted wanted = {.name = name};
	authority.certificate = certificate_new(&wanted, authority.key, NULL);
	(void)snprintf(authority.file, sizeof authority.file, "%s/%s.pem", folder, name);
	certificate_written(authority.certificate, authority.file);
	return authority;
}

static inline void authority_done(struct authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
}

static inline struct made made_by(const struct authority *by, const char *folder, const char *file,
	const struct wanted *wanted)
{
	struct made made;
	EVP_PKEY *key = wanted->bits ? EVP_RSA_gen((size_t)wanted->bits) : EVP_EC_gen("P-256");
	(void)snprintf(made.certificate, sizeof made.certificate, "%s/%s.pem", folder, file);
	(void)snprintf(made.key, sizeof made.key, "%s/%s.key", folder, file);
	X509 *certificate = certificate_new(wanted, key, by);
	certificate_written(certificate, made.certificate);
	key_written(key, made.key, NULL);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return made;
}
