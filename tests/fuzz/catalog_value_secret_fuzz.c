#include "catalog/value_secret.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What is shown and comes back is what is stored; what is hidden stays so. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	OWNED(arena) arena = arena_new();
	struct text value = {(const char *)bytes, length};
	struct text hidden = value_secrets_hidden(arena, value);
	struct text back;
	struct text secret;
	size_t at = 0;
	while (value_secret_next(value, &at, &secret)) {
		if (secret.length == 0 || secret.at < value.at ||
			secret.at + secret.length > value.at + value.length)
			abort();
	}
	if (!value_secrets_kept(arena, hidden, value, &back))
		abort();
	if (!text_equal(value_secrets_hidden(arena, back), hidden))
		abort();
	return 0;
}
