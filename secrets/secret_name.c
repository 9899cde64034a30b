#include "secrets/secret_name.h"

static bool ends_folded(struct text text, struct text end)
{
	return text.length >= end.length &&
	       text_equal_folded(text_from(text, text.length - end.length), end);
}

bool name_is_secret(struct text name)
{
	static const char *const ends[] = {"password", "passwd", "passphrase", "pwd", "secret",
		"token", "credential", "credentials", "private_key", "private.key", "privatekey",
		"secret_key", "secret.key", "secretkey", "account_key", "account.key", "accountkey",
		"api_key", "api.key", "apikey", "jaas.config"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (ends_folded(name, text_of(ends[i])))
			return true;
	}
	return false;
}
