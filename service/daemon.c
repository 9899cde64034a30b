#include "service/daemon.h"

#include "base/clock.h"
#include "base/log.h"
#include "jobs/run_state.h"
#include "proto/wire.h"
#include "rpc/server.h"
#include "service/access_chore.h"
#include "service/bootstrap.h"
#include "service/folder.h"
#include "service/importing.h"
#include "service/log_watch.h"
#include "service/recover.h"
#include "service/serve.h"
#include "service/sweep.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { POOL_THREADS = 2, POOL_QUEUE = 4096, GRACE_MS = 5000, DRAIN_MS = 5000 };

/* ---- what the supervisor tells ---- */

static void run_changed(void *state, const char *run_id)
{
	struct daemon *daemon = state;
	watches_wake_run(daemon->watches, run_id);
}

/* Imports bring grants that no handler here has seen. */
static void committed(void *state)
{
	struct daemon *daemon = state;
	struct error err;
	watches_wake_feeds(daemon->watches);
	webhooks_wake(daemon->webhooks);
	if (access_enforced(daemon->access) && access_load(daemon->access, &err) != STATUS_OK)
		log_line(LOG_ERROR, "grants and tokens could not be read: %s", err.message);
}

static void run_ended(void *state, const Tenon__Store__V1__RunRecord *record)
{
	struct daemon *daemon = state;
	const Tenon__V1__Run *run = record->run;
	bool well = run->state == TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED ||
		    run->state == TENON__V1__RUN_STATE__RUN_STATE_COMMITTING;
	log_line(well ? LOG_DEBUG : LOG_WARN, "run %s: %s%s%s", run->id, run_state_name(run->state),
		*run->error ? ": " : "", run->error);
	sweep_run(daemon, record);
}

static void run_trouble(void *state, const char *run_id, const struct error *err)
{
	(void)state;
	log_line(LOG_ERROR, "run %s: %s", run_id, err->message);
}

static const struct supervisor_ops supervisor_ops = {run_changed, run_ended, run_trouble};

/* ---- making it ---- */

static void tell_replayed(const struct daemon *daemon)
{
	struct catalog_stats stats;
	catalog_stats(daemon->catalog, &stats);
	if (stats.replayed)
		log_line(LOG_INFO,
			"the last daemon did not end by itself: %llu commits were brought back "
			"from its journal",
			(unsigned long long)stats.replayed);
}

static enum status open_data(struct daemon *daemon, struct error *err)
{
	const char *data = daemon->options->data;
	TRY(folder_make(data, err));
	daemon->log_folder = arena_printf(daemon->arena, "%s/logs", data);
	daemon->spill_folder = arena_printf(daemon->arena, "%s/spill", data);
	daemon->stage_folder = arena_printf(daemon->arena, "%s/stages", data);
	daemon->parts_folder = arena_printf(daemon->arena, "%s/parts", data);
	struct catalog_options options = {
		.folder = arena_printf(daemon->arena, "%s/catalog", data)};
	TRY(catalog_open(&options, &daemon->catalog, err));
	tell_replayed(daemon);
	TRY(folder_make(daemon->log_folder, err));
	TRY(folder_make(daemon->stage_folder, err));
	/* No worker of this daemon runs yet: what lies here is of those that died. */
	folder_remove(daemon->spill_folder);
	folder_remove(daemon->parts_folder);
	return folder_make(daemon->spill_folder, err);
}

static enum status make_supervisor(struct daemon *daemon, struct error *err)
{
	struct supervisor_options options = {
		.catalog = daemon->catalog,
		.live = daemon->live,
		.worker = daemon->options->worker,
		.log_folder = daemon->log_folder,
		.workers_max = daemon->options->workers,
		.grace_ms = GRACE_MS,
		.ops = &supervisor_ops,
		.state = daemon,
	};
	return supervisor_new(&options, &daemon->supervisor, err);
}

static struct service *make_services(struct daemon *daemon)
{
	struct service *services = arena_array(daemon->arena, service_rows_count, sizeof *services);
	for (size_t i = 0; i < service_rows_count; i++) {
		const struct service_row *row = &service_rows[i];
		service_init(&services[i], row->descriptor, daemon);
		services[i].admit = row->admit;
		for (size_t k = 0; k < row->part_count; k++)
			service_add(&services[i], *row->parts[k]);
	}
	return services;
}

/* Workers neither check nor have certificates: where everything else speaks TLS, they
 * get a socket in the data folder, which its owner alone may enter. NULL: they need none. */
static const char *workers_own_socket(const struct daemon *daemon)
{
	const char *const *listen = daemon->options->listen;
	for (size_t i = 0; listen[i]; i++) {
		if (text_starts(text_of(listen[i]), TEXT("unix:")))
			return NULL;
	}
	return daemon->options->tls_certificate
		       ? arena_printf(daemon->arena, "unix:%s/worker.sock", daemon->options->data)
		       : NULL;
}

/* A unix socket when there is one: it is plain. */
static const char *workers_address(const struct rpc_server *server)
{
	const char *address;
	for (size_t i = 0; (address = rpc_server_address_at(server, i)); i++) {
		if (text_starts(text_of(address), TEXT("unix:")))
			return address;
	}
	return rpc_server_address(server);
}

static enum status make_server(
	struct daemon *daemon, struct rpc_server **server_out, struct error *err)
{
	struct service *services = make_services(daemon);
	struct text descriptors = wire_descriptors();
	const char *more[LISTEN_MAX + 1] = {0};
	size_t count = 0;
	for (size_t i = 1; daemon->options->listen[i]; i++)
		more[count++] = daemon->options->listen[i];
	more[count] = workers_own_socket(daemon);
	struct rpc_server_options options = {
		.address = daemon->options->listen[0],
		.more = more,
		.tls = {daemon->options->tls_certificate, daemon->options->tls_key,
			daemon->options->tls_client_ca,
			daemon->options->require_client_certificate},
		.descriptors = descriptors.at,
		.descriptors_length = descriptors.length,
	};
	OWNED(rpc_server) server = NULL;
	if (rpc_server_new(&options, &server, err) != STATUS_OK)
		return more[count] && strstr(err->message, more[count] + strlen("unix:"))
			       ? fail_within(err, "for workers (or give --listen unix:PATH too)")
			       : err->status;
	for (size_t i = 0; i < service_rows_count; i++)
		rpc_server_add(server, &services[i].base);
	*server_out = TAKE(server);
	return STATUS_OK;
}

/* ---- running it ---- */

static void say_ready(const struct daemon *daemon, const struct rpc_server *server)
{
	const struct options *options = daemon->options;
	char until[CLOCK_TEXT_BYTES];
	const char *address;
	(void)printf("tenond ready on %s\n", rpc_server_address(server));
	(void)fflush(stdout);
	log_line(LOG_INFO, "ready on %s, data in '%s', pid %d", rpc_server_address(server),
		options->data, (int)getpid());
	for (size_t i = 1; (address = rpc_server_address_at(server, i)); i++)
		log_line(LOG_INFO, "ready on %s", address);
	if (options->tls_certificate)
		log_line(LOG_INFO, "TLS with the certificate '%s' until %s",
			options->tls_certificate,
			clock_text(
				rpc_server_certificate_until_s(daemon->server) * 1000000, until));
	if (options->insecure)
		log_line(LOG_WARN, "--insecure: who reaches this daemon may do everything");
}

/* Until SIGTERM or SIGINT; SIGHUP, where it is blocked, looks at the certificate now. */
static void wait_for_the_end(const struct daemon *daemon)
{
	sigset_t awaited;
	int signal = 0;
	(void)sigemptyset(&awaited);
	(void)sigaddset(&awaited, SIGTERM);
	(void)sigaddset(&awaited, SIGINT);
	if (daemon->options->tls_certificate)
		(void)sigaddset(&awaited, SIGHUP);
	while (sigwait(&awaited, &signal) == 0 && signal == SIGHUP)
		chores_wake(daemon->chores);
	log_line(LOG_INFO, "%s: draining", signal == SIGTERM ? "SIGTERM" : "SIGINT");
}

static enum status serve_until_told(
	struct daemon *daemon, struct rpc_server *server, struct error *err)
{
	TRY(recover_runs(daemon, err));
	TRY(rpc_server_start(server, err));
	enum status status = supervisor_start(daemon->supervisor, workers_address(server), err);
	if (status == STATUS_OK) {
		daemon->server = server;
		daemon->chores = chores_new(daemon);
		webhooks_start(daemon->webhooks);
		say_ready(daemon, server);
		wait_for_the_end(daemon);
		/* Workers end first, while they can still say how. */
		supervisor_stop(daemon->supervisor);
	}
	chores_free(TAKE(daemon->chores));
	webhooks_stop(daemon->webhooks);
	watches_stop(daemon->watches);
	/* Slow calls are on the pool, writes on the writer: both must still be there. */
	rpc_server_stop(server, DRAIN_MS);
	return status;
}

/* Reverse of the order they were made in. The pool goes before what its tasks use,
 * the catalog (and its writer) before what its answers wake. */
static void end(struct daemon *daemon)
{
	pool_free(daemon->pool);
	importing_free(daemon->importing);
	access_finish(daemon);
	catalog_free(daemon->catalog);
	webhooks_free(daemon->webhooks);
	supervisor_free(daemon->supervisor);
	watches_free(daemon->watches);
	auditing_free(daemon->auditing);
	access_free(daemon->access);
	live_free(daemon->live);
	arena_free(daemon->arena);
}

static enum status run(struct daemon *daemon, int *log_fd, struct error *err)
{
	OWNED(rpc_server) server = NULL;
	TRY(open_data(daemon, err));
	daemon->live = live_new();
	daemon->watches = watches_new();
	daemon->importing = importing_new();
	TRY(webhooks_new(daemon, &daemon->webhooks, err));
	daemon->access = access_new(daemon->catalog, daemon->options->auth);
	daemon->auditing = auditing_new(daemon->catalog, daemon->options->audit);
	catalog_on_commit(daemon->catalog, committed, daemon);
	if (daemon->options->auth)
		TRY(bootstrap(daemon, err));
	TRY(access_load(daemon->access, err));
	daemon->pool = pool_new(POOL_THREADS, POOL_QUEUE);
	TRY(make_supervisor(daemon, err));
	TRY(log_watch_start(daemon, log_fd, err));
	TRY(make_server(daemon, &server, err));
	return serve_until_told(daemon, server, err);
}

enum status daemon_run(const struct options *options, struct error *err)
{
	struct daemon daemon = {
		.options = options, .arena = arena_new(), .start_time_us = clock_now_us()};
	int log_fd = -1;
	enum status status = run(&daemon, &log_fd, err);
	end(&daemon);
	if (log_fd >= 0)
		(void)close(log_fd);
	return status;
}
