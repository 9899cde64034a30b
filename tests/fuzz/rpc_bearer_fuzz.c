#include "base/limits.h"
#include "rpc/bearer.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes as a header: what is taken from it is its end, is sendable as it is, and
 * read again gives itself. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text header = {(const char *)data, size};
	struct text secret;
	struct error err;
	if (bearer_read(header, &secret, &err) != STATUS_OK)
		return 0;
	if (secret.length == 0 || secret.length > LIMIT_BEARER_BYTES ||
		!text_ends(header, secret) || bearer_check(secret, &err) != STATUS_OK)
		abort();
	for (size_t i = 0; i < secret.length; i++) {
		if (secret.at[i] <= ' ' || secret.at[i] > '~')
			abort();
	}
	return 0;
}
