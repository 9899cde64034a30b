#include "service/options.h"

#include "rpc/local.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char options_help[] =
	"usage: tenond [options]\n"
	"\n"
	"The Tenon daemon: catalog, runs and their bookmarks, served over gRPC.\n"
	"\n"
	"  --data DIR          where everything is kept\n"
	"                      (default: $XDG_DATA_HOME/tenon or ~/.local/share/tenon)\n"
	"  --restore FILE      make the data of a backup (tenon backup) and end; DIR must not\n"
	"                      hold a catalog\n"
	"  --listen ADDR       unix:PATH or HOST:PORT; port 0 takes any free one; may be\n"
	"                      given more than once (default: 127.0.0.1:7433)\n"
	"  --tls-cert FILE     TLS on every HOST:PORT: the certificate in PEM, then its\n"
	"                      intermediates; SIGHUP, or ten seconds, and new files are in use\n"
	"  --tls-key FILE      its private key in PEM, not encrypted\n"
	"  --tls-client-ca FILE  believe client certificates that these authorities signed\n"
	"  --require-client-certificate  refuse connections without one\n"
	"  --auth              every call must bring a token or a client certificate, and may\n"
	"                      do what grants allow; the first start makes an administrator\n"
	"                      and writes its token to DIR/administrator.token\n"
	"  --audit LEVEL       none, writes (and denials) or all (reads too); 'tenon audit'\n"
	"                      lists it (default: all with --auth, else none)\n"
	"  --audit-days N      how long entries are kept (default: 90)\n"
	"  --insecure          listen on an address that other machines can reach without TLS\n"
	"                      and authentication: everyone there may do everything\n"
	"  --worker PATH       the worker program (default: tenon-worker beside tenond)\n"
	"  --workers N         runs at a time, the others wait (default: one per core)\n"
	"  --feed-changes N    changes the feed keeps, at most; 0: all (default: 1000000)\n"
	"  --feed-days N       days it keeps a change; 0: for ever (default: 365)\n"
	"  --webhook-ca FILE   certificates that webhooks over https trust (default: the "
	"system's)\n"
	"  --log-level LEVEL   debug, info, warn or error (default: info)\n"
	"  --version, --help\n"
	"\n"
	"SIGTERM and SIGINT end it in order: queued runs wait for the next start, commits\n"
	"are finished. After any crash the next start finishes what was being committed.\n";

struct flag {
	const char *name;
	enum status (*take)(struct arena *arena, struct text value, struct options *options,
		struct error *err); /* NULL: needs no value */
	void (*set)(struct options *options);
};

static enum status take_data(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	if (value.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "--data is empty");
	char here[PATH_MAX];
	bool absolute = value.at[0] == '/';
	if (!absolute && !getcwd(here, sizeof here))
		return fail(err, STATUS_FAILED_PRECONDITION, "the working folder is gone: %s",
			strerrordesc_np(errno));
	options->data = absolute ? arena_text(arena, value)
				 : arena_printf(arena, "%s/%.*s", here, TEXT_ARG(value));
	return STATUS_OK;
}

static enum status take_restore(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	if (value.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "--restore is empty");
	options->restore = arena_text(arena, value);
	return STATUS_OK;
}

static enum status take_listen(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	size_t count = 0;
	while (options->listen[count])
		count++;
	if (count == LISTEN_MAX)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"--listen '%.*s' is one too many: %d is the most", TEXT_ARG(value),
			LISTEN_MAX);
	options->listen[count] = arena_text(arena, value);
	return STATUS_OK;
}

static enum status take_path(const char *flag, struct arena *arena, struct text value,
	const char **path_out, struct error *err)
{
	if (value.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "%s is empty", flag);
	*path_out = arena_text(arena, value);
	return STATUS_OK;
}

static enum status take_tls_cert(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	return take_path("--tls-cert", arena, value, &options->tls_certificate, err);
}

static enum status take_tls_key(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	return take_path("--tls-key", arena, value, &options->tls_key, err);
}

static enum status take_tls_client_ca(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	return take_path("--tls-client-ca", arena, value, &options->tls_client_ca, err);
}

static enum status take_worker(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)err;
	options->worker = arena_text(arena, value);
	return STATUS_OK;
}

static enum status take_workers(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)arena;
	uint64_t count;
	if (value.length == 0 || text_uint64(value, &count) != value.length || count < 1 ||
		count > 1024)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"--workers '%.*s' is not a number from 1 to 1024", TEXT_ARG(value));
	options->workers = (unsigned)count;
	return STATUS_OK;
}

static enum status take_number(
	struct text value, const char *name, uint64_t most, uint64_t *number_out, struct error *err)
{
	if (value.length == 0 || text_uint64(value, number_out) != value.length ||
		*number_out > most)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"%s '%.*s' is not a number from 0 to %llu", name, TEXT_ARG(value),
			(unsigned long long)most);
	return STATUS_OK;
}

static enum status take_feed_changes(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)arena;
	return take_number(value, "--feed-changes", INT64_MAX, &options->feed_keep.changes, err);
}

static enum status take_feed_days(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)arena;
	uint64_t days;
	TRY(take_number(value, "--feed-days", 100000, &days, err));
	options->feed_keep.age_s = (int64_t)days * 86400;
	return STATUS_OK;
}

static enum status take_webhook_ca(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	if (value.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "--webhook-ca is empty");
	options->webhook_ca = arena_text(arena, value);
	return STATUS_OK;
}

static enum status take_log_level(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)arena;
	static const char *const levels[] = {
		[LOG_DEBUG] = "debug",
		[LOG_INFO] = "info",
		[LOG_WARN] = "warn",
		[LOG_ERROR] = "error",
	};
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		if (text_equal(value, text_of(levels[i]))) {
			options->log_level = (enum log_level)i;
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"--log-level '%.*s' is not one of debug, info, warn, error", TEXT_ARG(value));
}

static void set_require_client_certificate(struct options *options)
{
	options->require_client_certificate = true;
}

static enum status take_audit(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)arena;
	for (int i = AUDIT_NONE; i <= AUDIT_ALL; i++) {
		if (text_equal(value, text_of(audit_level_name((enum audit_level)i)))) {
			options->audit = (enum audit_level)i;
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_INVALID_ARGUMENT, "--audit '%.*s' is not one of none, writes, all",
		TEXT_ARG(value));
}

static enum status take_audit_days(
	struct arena *arena, struct text value, struct options *options, struct error *err)
{
	(void)arena;
	uint64_t days;
	if (value.length == 0 || text_uint64(value, &days) != value.length || days < 1 ||
		days > 36500)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"--audit-days '%.*s' is not a number from 1 to 36500", TEXT_ARG(value));
	options->audit_days = (unsigned)days;
	return STATUS_OK;
}

static void set_auth(struct options *options)
{
	options->auth = true;
}

static void set_insecure(struct options *options)
{
	options->insecure = true;
}

static void set_help(struct options *options)
{
	options->help = true;
}

static void set_version(struct options *options)
{
	options->version = true;
}

static const struct flag flags[] = {
	{"--data", take_data, NULL},
	{"--restore", take_restore, NULL},
	{"--listen", take_listen, NULL},
	{"--worker", take_worker, NULL},
	{"--workers", take_workers, NULL},
	{"--feed-changes", take_feed_changes, NULL},
	{"--feed-days", take_feed_days, NULL},
	{"--webhook-ca", take_webhook_ca, NULL},
	{"--log-level", take_log_level, NULL},
	{"--tls-cert", take_tls_cert, NULL},
	{"--tls-key", take_tls_key, NULL},
	{"--tls-client-ca", take_tls_client_ca, NULL},
	{"--require-client-certificate", NULL, set_require_client_certificate},
	{"--auth", NULL, set_auth},
	{"--audit", take_audit, NULL},
	{"--audit-days", take_audit_days, NULL},
	{"--insecure", NULL, set_insecure},
	{"--help", NULL, set_help},
	{"-h", NULL, set_help},
	{"--version", NULL, set_version},
};

static const struct flag *find_flag(struct text name)
{
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (text_equal(name, text_of(flags[i].name)))
			return &flags[i];
	}
	return NULL;
}

/* "--data DIR" and "--data=DIR" are the same. */
static enum status read_flag(
	struct arena *arena, char *const *argv, int *at, struct options *options, struct error *err)
{
	struct text argument = text_of(argv[*at]);
	size_t equals = text_find(argument, '=');
	const struct flag *flag = find_flag(text_until(argument, equals));
	if (!flag)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"unknown argument '%s'; tenond --help lists what there is", argv[*at]);
	if (!flag->take) {
		if (equals != argument.length)
			return fail(err, STATUS_INVALID_ARGUMENT, "%s takes no value", flag->name);
		flag->set(options);
		return STATUS_OK;
	}
	if (equals != argument.length)
		return flag->take(arena, text_from(argument, equals + 1), options, err);
	if (!argv[*at + 1])
		return fail(err, STATUS_INVALID_ARGUMENT, "%s needs a value", flag->name);
	*at += 1;
	return flag->take(arena, text_of(argv[*at]), options, err);
}

static enum status default_data(struct arena *arena, const char **data_out, struct error *err)
{
	const char *data_home = getenv("XDG_DATA_HOME"); // NOLINT(concurrency-mt-unsafe)
	const char *home = getenv("HOME"); // NOLINT(concurrency-mt-unsafe)
	if (data_home && data_home[0] == '/')
		*data_out = arena_printf(arena, "%s/tenon", data_home);
	else if (home && home[0] == '/')
		*data_out = arena_printf(arena, "%s/.local/share/tenon", home);
	else
		return fail(err, STATUS_INVALID_ARGUMENT,
			"there is no home folder to keep data in; tell it with --data DIR");
	return STATUS_OK;
}

static const char *default_worker(struct arena *arena)
{
	char own[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", own, sizeof own);
	struct text path = {own, length > 0 ? (size_t)length : 0};
	size_t slash = text_find_last(path, '/');
	if (slash == SIZE_MAX)
		return "tenon-worker";
	return arena_printf(arena, "%.*s/tenon-worker", TEXT_ARG(text_until(path, slash)));
}

static enum status check_tls(const struct options *options, struct error *err)
{
	if (options->tls_certificate && !options->tls_key)
		return fail(err, STATUS_INVALID_ARGUMENT, "--tls-cert needs --tls-key as well");
	if (!options->tls_certificate && (options->tls_key || options->tls_client_ca))
		return fail(err, STATUS_INVALID_ARGUMENT, "%s needs --tls-cert as well",
			options->tls_key ? "--tls-key" : "--tls-client-ca");
	if (options->require_client_certificate && !options->tls_client_ca)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"--require-client-certificate needs --tls-client-ca, the authorities that "
			"sign them");
	return STATUS_OK;
}

/* Whoever can reach an address must be known by name, and nobody between may listen. */
static enum status check_reach(const struct options *options, struct error *err)
{
	bool knows =
		options->tls_certificate && (options->require_client_certificate || options->auth);
	if (options->insecure || knows)
		return STATUS_OK;
	for (size_t i = 0; options->listen[i]; i++) {
		if (!address_is_local(text_of(options->listen[i])))
			return fail(err, STATUS_INVALID_ARGUMENT,
				"other machines could reach '%s'; give it TLS and authentication "
				"(--tls-cert and --tls-key, with --auth or with --tls-client-ca "
				"and --require-client-certificate), listen on 127.0.0.1:PORT or "
				"unix:PATH, or say --insecure",
				options->listen[i]);
	}
	return STATUS_OK;
}

enum status options_read(struct arena *arena, int argc, char *const *argv,
	struct options *options_out, struct error *err)
{
	struct options options = {.log_level = LOG_INFO,
		.feed_keep = {.changes = 1000000, .age_s = 365 * INT64_C(86400)},

		.audit = AUDIT_UNSAID,
		.audit_days = 90};
	for (int at = 1; at < argc; at++)
		TRY(read_flag(arena, argv, &at, &options, err));
	if (!options.data && !options.help && !options.version)
		TRY(default_data(arena, &options.data, err));
	if (options.audit == AUDIT_UNSAID)
		options.audit = options.auth ? AUDIT_ALL : AUDIT_NONE;
	if (!options.worker)
		options.worker = default_worker(arena);
	if (!options.workers) {
		long cores = sysconf(_SC_NPROCESSORS_ONLN);
		options.workers = cores > 0 ? (unsigned)cores : 1;
	}
	if (!options.listen[0])
		options.listen[0] = "127.0.0.1:7433";
	TRY(check_tls(&options, err));
	TRY(check_reach(&options, err));
	*options_out = options;
	return STATUS_OK;
}
