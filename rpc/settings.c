#include "rpc/settings.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "rpc/secret_file.h"

#include <stdlib.h>

enum { TOKEN_FILE_MAX = LIMIT_BEARER_BYTES + 64 }; /* with a line's end and the like */

static const char *or_environment(const char *told, const char *name)
{
	const char *value = told ? told : getenv(name); // NOLINT(concurrency-mt-unsafe)
	return value && value[0] ? value : NULL;
}

/* Owned: secret_free. NULL: nobody told one. */
static enum status read_token(
	const struct rpc_settings *settings, char **token_out, struct error *err)
{
	const char *told = or_environment(NULL, "TENON_TOKEN");
	if (!settings->token_file && told) {
		*token_out = memory_text(told);
		return STATUS_OK;
	}
	const char *path = or_environment(settings->token_file, "TENON_TOKEN_FILE");
	char *content = NULL;
	if (!path)
		return STATUS_OK;
	TRY(secret_read("the token's file", path, TOKEN_FILE_MAX, &content, err));
	struct text token = text_trimmed(text_of(content));
	memmove(content, token.at, token.length);
	content[token.length] = 0;
	if (token.length > 0) {
		*token_out = content;
		return STATUS_OK;
	}
	secret_free(content);
	return fail(err, STATUS_INVALID_ARGUMENT, "the token's file '%s' is empty", path);
}

enum status rpc_settings_open(
	const struct rpc_settings *settings, struct rpc_channel **channel_out, struct error *err)
{
	char *token = NULL;
	TRY(read_token(settings, &token, err));
	const struct rpc_channel_options options = {
		.address = settings->address,
		.token = token,
		.tls = settings->tls || or_environment(NULL, "TENON_TLS"),
		.ca = or_environment(settings->ca, "TENON_TLS_CA"),
		.certificate = or_environment(settings->certificate, "TENON_TLS_CERT"),
		.key = or_environment(settings->key, "TENON_TLS_KEY"),
		.server_name = or_environment(settings->server_name, "TENON_TLS_SERVER_NAME"),
		.token_in_the_clear = settings->token_in_the_clear,
	};
	enum status status = rpc_channel_open_with(&options, channel_out, err);
	secret_free(token);
	return status;
}
