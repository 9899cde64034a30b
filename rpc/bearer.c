#include "rpc/bearer.h"

#include "base/limits.h"

/* b64token: letters, digits and -._~+/ and then any number of '='. */
static size_t token_length(struct text rest)
{
	size_t at = 0;
	for (; at < rest.length; at++) {
		char byte = rest.at[at];
		char letter = text_lower(byte);
		bool plain = (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') ||
			     (byte && strchr("-._~+/", byte));
		if (!plain)
			break;
	}
	while (at > 0 && at < rest.length && rest.at[at] == '=')
		at++;
	return at;
}

static enum status check(struct text secret, enum status bad, struct error *err)
{
	if (secret.length == 0)
		return fail(err, bad, "the token is empty: it is 'Authorization: Bearer TOKEN'");
	if (secret.length > LIMIT_BEARER_BYTES)
		return fail(err, bad, "the token has %zu bytes, and %d is the most", secret.length,
			LIMIT_BEARER_BYTES);
	size_t good = token_length(secret);
	if (good != secret.length)
		return fail(err, bad,
			"byte %zu of the token is none that a token has: letters, digits and "
			"-._~+/=",
			good + 1);
	return STATUS_OK;
}

enum status bearer_check(struct text secret, struct error *err)
{
	return check(secret, STATUS_INVALID_ARGUMENT, err);
}

enum status bearer_read(struct text header, struct text *secret_out, struct error *err)
{
	static const struct text scheme = {"bearer", 6};
	struct text rest = text_from(header, scheme.length);
	if (!text_equal_folded(text_until(header, scheme.length), scheme) ||
		(rest.length && rest.at[0] != ' '))
		return fail(err, STATUS_UNAUTHENTICATED,
			"the authorization header is not 'Bearer TOKEN', the only scheme there is");
	while (text_starts(rest, TEXT(" ")))
		rest = text_from(rest, 1);
	TRY(check(rest, STATUS_UNAUTHENTICATED, err));
	*secret_out = rest;
	return STATUS_OK;
}
