#include "service/copying.h"

#include "base/memory.h"
#include "catalog/backup.h"
#include "jobs/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

/* Shared by the pool's thread and the stream: the last of the two frees it. */
struct copying {
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
	struct digest *digest;
	char *piece;
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
	free(copying->piece);
	free(copying);
}

static enum status copy(struct copying *copying, struct error *err)
{
	struct stat file;
	copying->fd = open(copying->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (copying->fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "make a temporary file in '%s': %s",
			copying->folder, strerrordesc_np(errno));
	TRY(catalog_backup(copying->catalog, copying->fd, err));
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

static void next(struct rpc_call *call, void *state)
{
	struct copying *copying = state;
	if (!is_ready(copying))
		return;
	if (copying->status != STATUS_OK) {
		rpc_fail(call, &copying->err);
		return;
	}
	if (copying->ended) {
		rpc_stream_end(call);
		return;
	}
	Tenon__V1__BackupResponse piece = TENON__V1__BACKUP_RESPONSE__INIT;
	char sum[DIGEST_TEXT_BYTES];
	ssize_t got = pread(copying->fd, copying->piece, PIECE_BYTES, (off_t)copying->sent);
	if (got <= 0) {
		struct error err;
		(void)fail(&err, STATUS_INTERNAL, "read the copy: %s",
			got < 0 ? strerrordesc_np(errno) : "it is shorter than it was");
		rpc_fail(call, &err);
		return;
	}
	digest_add(copying->digest, (struct text){copying->piece, (size_t)got});
	copying->sent += (uint64_t)got;
	piece.total_bytes = copying->total;
	piece.data = (ProtobufCBinaryData){(size_t)got, (uint8_t *)copying->piece};
	copying->ended = copying->sent >= copying->total;
	if (copying->ended) {
		digest_end(copying->digest, sum);
		piece.sha256 = sum;
	}
	rpc_stream_send(call, &piece.base);
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

void backup_serve(struct request *request)
{
	struct daemon *daemon = request->daemon;
	struct error err;
	if (atomic_exchange(&daemon->copying, true)) {
		request_end(request,
			fail(&err, STATUS_RESOURCE_EXHAUSTED,
				"another backup is being made: try again when it has ended"),
			&err);
		return;
	}
	struct copying *copying = memory_new(sizeof *copying);
	(void)pthread_mutex_init(&copying->lock, NULL);
	copying->catalog = daemon->catalog;
	copying->folder = daemon->options->data;
	copying->busy = &daemon->copying;
	copying->call = request->call;
	copying->fd = -1;
	copying->digest = digest_new();
	copying->piece = memory_new(PIECE_BYTES);
	copying->holders = 2;
	if (!pool_run(daemon->pool, run, copying)) {
		copying->holders = 1;
		let_go(copying);
		request_end(request,
			fail(&err, STATUS_UNAVAILABLE, "the daemon is busy or stopping: try again"),
			&err);
		return;
	}
	rpc_stream(request->call, &ops, copying);
}
