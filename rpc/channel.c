#include "rpc/channel.h"

#include "base/limits.h"
#include "base/memory.h"
#include "rpc/address.h"
#include "rpc/bearer.h"
#include "rpc/local.h"
#include "rpc/secret_file.h"

#include <grpc/grpc_security.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECONNECT_MS = 50, RECONNECT_MAX_MS = 1000, PING_MS = 30000, PING_TIMEOUT_MS = 20000 };

static grpc_arg integer(char *key, int value)
{
	grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = key};
	arg.value.integer = value;
	return arg;
}

static grpc_channel_credentials *credentials_of(const struct rpc_channel *channel)
{
	const struct identity *identity = channel->identity;
	if (!channel->tls)
		return grpc_insecure_credentials_create();
	grpc_ssl_pem_key_cert_pair pair = {identity->key, identity->certificate};
	return grpc_ssl_credentials_create_ex(
		identity->authorities, identity->certificate ? &pair : NULL, NULL, NULL);
}

static void core_open(struct rpc_channel *channel)
{
	static char receive[] = GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH;
	static char proxy[] = GRPC_ARG_ENABLE_HTTP_PROXY;
	static char resolution[] = GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION;
	static char pool[] = GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL;
	static char retries[] = GRPC_ARG_ENABLE_RETRIES;
	static char first[] = GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS;
	static char last[] = GRPC_ARG_MAX_RECONNECT_BACKOFF_MS;
	static char ping[] = GRPC_ARG_KEEPALIVE_TIME_MS;
	static char ping_timeout[] = GRPC_ARG_KEEPALIVE_TIMEOUT_MS;
	static char name[] = GRPC_SSL_TARGET_NAME_OVERRIDE_ARG;
	grpc_arg args[] = {
		integer(receive, LIMIT_MESSAGE_BYTES),
		/* The environment's http_proxy is not meant for a daemon on this machine. */
		integer(proxy, 0),
		integer(resolution, 1),
		/* A channel's failure to connect must not hold the next one back. */
		integer(pool, 1),
		/* A lost write may have been done: the caller decides. */
		integer(retries, 0),
		integer(first, RECONNECT_MS),
		integer(last, RECONNECT_MAX_MS),
		/* Whoever waits on a stream learns when the other machine has gone silently. One
		 * that was stopped for a while on this machine is still there. */
		integer(ping, address_is_local(text_of(channel->address)) ? INT_MAX : PING_MS),
		integer(ping_timeout, PING_TIMEOUT_MS),
		{.type = GRPC_ARG_STRING, .key = name, .value.string = channel->server_name},
	};
	grpc_channel_args all = {sizeof args / sizeof *args, args};
	if (!channel->tls || !channel->server_name)
		all.num_args--; /* the last one */
	grpc_channel_credentials *credentials = credentials_of(channel);
	channel->channel = grpc_channel_create(channel->address, credentials, &all);
	grpc_channel_credentials_release(credentials);
}

static bool wants_tls(const struct rpc_channel_options *options)
{
	return (options->tls || options->ca || options->certificate || options->key) &&
	       !address_is_unix(options->address);
}

static enum status check(const struct rpc_channel_options *options, struct error *err)
{
	TRY(address_check(options->address, err));
	if (!options->token)
		return STATUS_OK;
	TRY(bearer_check(text_of(options->token), err));
	if (!wants_tls(options) && !options->token_in_the_clear &&
		!address_is_local(text_of(options->address)))
		return fail(err, STATUS_FAILED_PRECONDITION,
			"the token is not sent to '%s' in the clear, where others could read it: "
			"use TLS (--tls-ca), or --insecure where nobody can listen",
			options->address);
	return STATUS_OK;
}

static char *copy_of(const char *text)
{
	return text ? memory_text(text) : NULL;
}

enum status rpc_channel_open_with(const struct rpc_channel_options *options,
	struct rpc_channel **channel_out, struct error *err)
{
	struct identity *identity = NULL;
	struct identity_files files = {options->certificate, options->key, options->ca};
	TRY(check(options, err));
	bool tls = wants_tls(options);
	if (tls)
		TRY(identity_read(&files, &identity, err));
	core_start();
	struct rpc_channel *channel = memory_new(sizeof *channel);
	channel->address = memory_text(options->address);
	channel->tls = tls;
	channel->identity = identity;
	channel->authorities_file = copy_of(options->ca);
	channel->server_name = copy_of(options->server_name);
	if (options->token && asprintf(&channel->authorization, "Bearer %s", options->token) < 0)
		abort();
	core_open(channel);
	*channel_out = channel;
	return STATUS_OK;
}

enum status rpc_channel_open(
	const char *address, const char *token, struct rpc_channel **channel_out, struct error *err)
{
	struct rpc_channel_options options = {.address = address, .token = token};
	return rpc_channel_open_with(&options, channel_out, err);
}

void rpc_channel_free(struct rpc_channel *channel)
{
	if (!channel)
		return;
	grpc_channel_destroy(channel->channel);
	identity_free(channel->identity);
	secret_free(channel->authorization);
	free(channel->authorities_file);
	free(channel->server_name);
	free(channel->address);
	free(channel);
	core_stop();
}
