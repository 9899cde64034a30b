#include "service/copying.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "catalog/backup.h"
#include "catalog/export.h"
#include "secrets/digest.h"
#include "service/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024, REST_BYTES = 1024 };

struct copying;

/* What is made, and how it is sent. */
struct copy_kind {
	/* Into copying->fd; on a pool thread. */
	enum status (*make)(struct copying *copying, struct error *err);
	/* How much of what stands in `bytes` goes into one message; 0: not even one piece is
	 * whole, read more. */
	size_t (*cut)(struct text bytes);
	void (*send)(struct rpc_call *call, struct copying *copying, struct text piece);
};

/* Shared by the pool's thread and the stream: the last of the two frees it. */
struct copying {
	const struct copy_kind *kind;
	struct catalog *catalog;
	const char *folder;
	atomic_bool *busy;
	pthread_mutex_t lock; /* for the rest, until it is ready */
	struct rpc_call *call; /* NULL once it has closed */
	unsigned holders;
	bool ready;
	enum status status;
	struct error err;
	int fd;
	uint64_t total;
	uint64_t sent;
	bool ended;
	struct digest *digest; /* of what was sent */
	bool with_secrets;
	uint64_t lines;
	struct buffer piece;
};

static void let_go(struct copying *copying)
{
	(void)pthread_mutex_lock(&copying->lock);
	bool last = --copying->holders == 0;
	(void)pthread_mutex_unlock(&copying->lock);
	if (!last)
		return;
	if (copying->fd >= 0)
		(void)close(copying->fd);
	digest_free(copying->digest);
	atomic_store(copying->busy, false);
	(void)pthread_mutex_destroy(&copying->lock);
	buffer_done(&copying->piece);
	free(copying);
}

static enum status copy(struct copying *copying, struct error *err)
{
	struct stat file;
	copying->fd = open(copying->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (copying->fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "make a temporary file in '%s': %s",
			copying->folder, strerrordesc_np(errno));
	TRY(copying->kind->make(copying, err));
	if (fstat(copying->fd, &file) != 0)
		return fail(err, STATUS_INTERNAL, "stat: %s", strerrordesc_np(errno));
	copying->total = (uint64_t)file.st_size;
	return STATUS_OK;
}

/* On a pool thread. */
static void run(void *state)
{
	struct copying *copying = state;
	copying->status = copy(copying, &copying->err);
	(void)pthread_mutex_lock(&copying->lock);
	copying->ready = true;
	if (copying->call)
		rpc_stream_wake(copying->call);
	(void)pthread_mutex_unlock(&copying->lock);
	let_go(copying);
}

static bool is_ready(struct copying *copying)
{
	(void)pthread_mutex_lock(&copying->lock);
	bool ready = copying->ready;
	(void)pthread_mutex_unlock(&copying->lock);
	return ready;
}

/* The next piece, borrowed until the next one. */
static enum status read_piece(struct copying *copying, struct text *piece_out, struct error *err)
{
	struct buffer *piece = &copying->piece;
	for (size_t wanted = PIECE_BYTES;; wanted *= 2) {
		buffer_clear(piece);
		char *at = buffer_reserve(piece, wanted);
		if (!at)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"a record is longer than a message of %u bytes",
				LIMIT_MESSAGE_BYTES);
		ssize_t got = pread(copying->fd, at, wanted, (off_t)copying->sent);
		if (got <= 0)
			return fail(err, STATUS_INTERNAL, "read the copy: %s",
				got < 0 ? strerrordesc_np(errno) : "it is shorter than it was");
		size_t length = copying->kind->cut((struct text){at, (size_t)got});
		if (length) {
			*piece_out = (struct text){at, length};
			return STATUS_OK;
		}
	}
}

static void next(struct rpc_call *call, void *state)
{
	struct copying *copying = state;
	struct error err;
	struct text piece;
	if (!is_ready(copying))
		return;
	if (copying->status != STATUS_OK) {
		rpc_fail(call, &copying->err);
	} else if (copying->ended) {
		rpc_stream_end(call);
	} else if (read_piece(copying, &piece, &err) != STATUS_OK) {
		rpc_fail(call, &err);
	} else {
		copying->sent += piece.length;
		copying->ended = copying->sent >= copying->total;
		copying->kind->send(call, copying, piece);
	}
}

static void closed(void *state)
{
	struct copying *copying = state;
	(void)pthread_mutex_lock(&copying->lock);
	copying->call = NULL;
	(void)pthread_mutex_unlock(&copying->lock);
	let_go(copying);
}

static const struct rpc_stream_ops ops = {next, closed};

static void copy_serve(struct request *request, const struct copy_kind *kind, bool with_secrets)
{
	struct daemon *daemon = request->daemon;
	struct error err;
	if (atomic_exchange(&daemon->copying, true)) {
		request_end(request,
			fail(&err, STATUS_RESOURCE_EXHAUSTED,
				"another backup or export is being made: try again when it has "
				"ended"),
			&err);
		return;
	}
	struct copying *copying = memory_new(sizeof *copying);
	(void)pthread_mutex_init(&copying->lock, NULL);
	copying->kind = kind;
	copying->catalog = daemon->catalog;
	copying->folder = daemon->options->data;
	copying->busy = &daemon->copying;
	copying->call = request->call;
	copying->fd = -1;
	copying->digest = digest_new();
	copying->with_secrets = with_secrets;
	buffer_init(&copying->piece, LIMIT_MESSAGE_BYTES - REST_BYTES);
	copying->holders = 2;
	if (!pool_run(daemon->pool, run, copying)) {
		copying->holders = 1;
		let_go(copying);
		request_end(request,
			fail(&err, STATUS_UNAVAILABLE, "the daemon is busy or stopping: try again"),
			&err);
		return;
	}
	request_stream(request, &ops, copying);
}

/* ---- backups: bytes ---- */

static enum status backup_make(struct copying *copying, struct error *err)
{
	return catalog_backup(copying->catalog, copying->fd, err);
}

static size_t all_of_it(struct text bytes)
{
	return bytes.length;
}

static void backup_send(struct rpc_call *call, struct copying *copying, struct text piece)
{
	Tenon__V1__BackupResponse answer = TENON__V1__BACKUP_RESPONSE__INIT;
	char sum[DIGEST_TEXT_BYTES];
	digest_add(copying->digest, piece);
	answer.total_bytes = copying->total;
	answer.data = (ProtobufCBinaryData){piece.length, (uint8_t *)(uintptr_t)piece.at};
	if (copying->ended) {
		digest_end(copying->digest, sum);
		answer.sha256 = sum;
	}
	rpc_stream_send(call, &answer.base);
}

static const struct copy_kind backup = {backup_make, all_of_it, backup_send};

void backup_serve(struct request *request)
{
	copy_serve(request, &backup, true);
}

/* ---- exports: whole lines ---- */

static enum status lines_put(void *state, struct text lines, struct error *err)
{
	const struct copying *copying = state;
	for (size_t put = 0; put < lines.length;) {
		ssize_t wrote = write(copying->fd, lines.at + put, lines.length - put);
		bool full = wrote < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG);
		if (wrote < 0 && errno != EINTR)
			return fail(err, full ? STATUS_RESOURCE_EXHAUSTED : STATUS_INTERNAL,
				"write the export into '%s': %s", copying->folder,
				strerrordesc_np(errno));
		put += wrote > 0 ? (size_t)wrote : 0;
	}
	return STATUS_OK;
}

static enum status export_make(struct copying *copying, struct error *err)
{
	struct export_options options = {
		.program = TENOND_VERSION,
		.with_secrets = copying->with_secrets,
		.put = lines_put,
		.state = copying,
	};
	uint64_t records;
	return catalog_export(copying->catalog, &options, &records, err);
}

static size_t whole_lines(struct text bytes)
{
	size_t last = text_find_last(bytes, '\n');
	return last == SIZE_MAX ? 0 : last + 1;
}

static void export_send(struct rpc_call *call, struct copying *copying, struct text piece)
{
	Tenon__V1__ExportResponse answer = TENON__V1__EXPORT_RESPONSE__INIT;
	for (size_t i = 0; i < piece.length; i++)
		copying->lines += piece.at[i] == '\n';
	answer.data = (ProtobufCBinaryData){piece.length, (uint8_t *)(uintptr_t)piece.at};
	/* Neither the first line nor the last is a record. */
	answer.records = copying->lines - 1 - copying->ended;
	rpc_stream_send(call, &answer.base);
}

static const struct copy_kind export = {export_make, whole_lines, export_send};

void export_serve(struct request *request)
{
	const Tenon__V1__ExportRequest *in = request->in;
	copy_serve(request, &export, !in->without_secrets);
}
