#include "tests/catalog/fixture.h"
#include "tests/catalog/kill_kinds.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* Power goes while 16 threads write: of what was written to a file since its last sync, each
 * sector is on the disk or not, as it happens. What was acknowledged must be there.
 *
 * fdatasync() and unlink() are ours below: they take down what the file holds, as what a
 * disk has for certain. Power goes where a sync begins: there most is at stake. LMDB's other way to
 * sync, a descriptor opened with O_DSYNC, is only in use before the first write; power goes later
 * than that. */
enum {
	THREADS = 16,
	ROUNDS = 40,
	ROUNDS_OF_A_STORE = 8,
	SYNCS_MAX = 60, /* of a round, after the first of each thread */
	JOURNAL_BYTES = 64 * 1024, /* so that bases change all the time */
	SECTOR = 512,
};

/* What is known to be on the disk of one file. */
struct image {
	const char *name;
	bool whole_pages; /* LMDB's; the journal's are torn anywhere */
	char *bytes;
	size_t length;
};

static struct image images[] = {
	{.name = "data.mdb", .whole_pages = true}, {.name = "journal.0"}, {.name = "journal.1"}};
enum { IMAGES = sizeof images / sizeof *images };

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;
static char folder[80]; /* the store's */

/* False when there is no such file. */
static bool image_take(struct image *image, const char *path)
{
	struct stat file;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	assert_int_equal(fstat(fd, &file), 0);
	image->length = (size_t)file.st_size;
	image->bytes = memory_resize(image->bytes, image->length + 1, 1);
	ssize_t got = pread(fd, image->bytes, image->length, 0);
	assert_true(got >= 0);
	assert_int_equal(close(fd), 0);
	image->length = (size_t)got;
	return true;
}

static void image_drop(struct image *image)
{
	free(image->bytes);
	image->bytes = NULL;
	image->length = 0;
}

static unsigned seed;

static unsigned random_below(unsigned most)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % most;
}

/* What the disk has of a file when power goes now: `kept` in 100 of what was not synced. */
static void leave(const struct image *image, const char *to, unsigned kept)
{
	struct image now = {.whole_pages = image->whole_pages};
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", folder, image->name);
	if (!image_take(&now, path))
		return;
	size_t synced = image->length < now.length ? image->length : now.length;
	size_t length = random_below(100) < kept ? now.length : synced;
	size_t piece = now.whole_pages ? 4096 : SECTOR;
	for (size_t at = 0; at < now.length; at += piece) {
		size_t here = now.length - at < piece ? now.length - at : piece;
		size_t known = at < synced ? synced - at : 0;
		if (random_below(100) < kept)
			continue;
		memset(now.bytes + at, 0, here);
		if (known)
			memcpy(now.bytes + at, image->bytes + at, known < here ? known : here);
	}
	(void)snprintf(path, sizeof path, "%s/%s", to, image->name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, now.bytes, length), length);
	assert_int_equal(close(fd), 0);
	image_drop(&now);
}

struct load {
	struct fixture *fixture;
	uint64_t writer;
	uint64_t step; /* under way */
	atomic_uint_fast64_t done; /* acknowledged */
	pthread_t thread;
};

static struct load loads[THREADS];

/* When power goes, and what was acknowledged then: with the lock held. */
static struct outage {
	const char *to; /* a folder for what is left */
	unsigned kept;
	unsigned syncs; /* it goes when so many more have begun */
	bool over;
	uint64_t told[THREADS];
} outage;

static void power_fails(void)
{
	for (uint64_t i = 0; i < THREADS; i++)
		outage.told[i] = atomic_load(&loads[i].done);
	for (size_t i = 0; i < IMAGES; i++)
		leave(&images[i], outage.to, outage.kept);
	outage.over = true;
}

/* Of the file at `path`, with the lock held; NULL: it is none of the store's. */
static struct image *image_of(const char *path)
{
	char name[128];
	for (size_t i = 0; i < IMAGES; i++) {
		(void)snprintf(name, sizeof name, "%s/%s", folder, images[i].name);
		if (strcmp(name, path) == 0)
			return &images[i];
	}
	return NULL;
}

/* LMDB must find it, too. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
	char link[64];
	char path[256];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	path[length > 0 ? length : 0] = 0;
	(void)pthread_mutex_lock(&disk);
	if (outage.syncs && --outage.syncs == 0)
		power_fails();
	struct image *image = image_of(path);
	if (image)
		(void)image_take(image, path);
	(void)pthread_mutex_unlock(&disk);
	return 0;
}

int unlink(const char *path)
{
	(void)pthread_mutex_lock(&disk);
	struct image *image = image_of(path);
	if (image)
		image_drop(image);
	(void)pthread_mutex_unlock(&disk);
	return unlinkat(AT_FDCWD, path, 0);
}

static atomic_bool ends;

static enum status load_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct load *load = state;
	return kill_write(txn, load->writer, load->step, err);
}

static void *load_run(void *argument)
{
	struct load *load = argument;
	struct error err;
	while (!atomic_load(&ends)) {
		load->step = atomic_load(&load->done) + 1;
		enum status status = load->step % 7 ? catalog_write_now(load->fixture->catalog,
							      load_apply, load, &err)
						    : catalog_write_alone(load->fixture->catalog,
							      load_apply, load, &err);
		if (status != STATUS_OK)
			fail_msg("%s, step %d: %s", kill_kind_of(load->writer)->name,
				(int)load->step, err.message);
		atomic_store(&load->done, load->step);
	}
	return NULL;
}

static void problem_fails(void *state, const struct check_problem *problem)
{
	(void)state;
	fail_msg("%s: %s: %s", problem->invariant, problem->place, problem->message);
}

/* At the step that was acknowledged, at one whose answer was on its way, or at the next. */
static void check_steps(struct fixture *f, uint64_t steps[THREADS])
{
	struct check_sink sink = {.problem = problem_fails, .state = NULL};
	uint64_t records;
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	for (uint64_t i = 0; i < THREADS; i++) {
		uint64_t last = steps[i] + 2;
		while (steps[i] <= last && !kill_is_at(txn, i, steps[i]))
			steps[i]++;
		if (steps[i] > last)
			fail_msg("writer %d (%s): step %d was acknowledged and is not there, or "
				 "not all of it, nor is one of the next two",
				(int)i, kill_kind_of(i)->name, (int)last - 2);
	}
}

static void store_open(struct fixture *f, const char *path)
{
	(void)snprintf(f->folder, sizeof f->folder, "%s", path);
	(void)snprintf(folder, sizeof folder, "%s", path);
	f->options = (struct catalog_options){.folder = f->folder, .journal_bytes = JOURNAL_BYTES};
	assert_ok(catalog_open(&f->options, &f->catalog, &f->err), &f->err);
}

/* Everything that is in the folder is on the disk. */
static void disk_begin(void)
{
	for (size_t i = 0; i < IMAGES; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", folder, images[i].name);
		image_drop(&images[i]);
		(void)image_take(&images[i], path);
	}
}

/* Writes, loses power, and opens what is left in `to`. Gives what was acknowledged. */
static uint64_t power_goes(struct fixture *f, const char *to, uint64_t steps[THREADS])
{
	static const unsigned shares[] = {0, 10, 50, 90, 100};
	unsigned kept = shares[random_below(5)];
	uint64_t acknowledged = 0;
	atomic_store(&ends, false);
	for (uint64_t i = 0; i < THREADS; i++) {
		loads[i].fixture = f;
		loads[i].writer = i;
		atomic_store(&loads[i].done, steps[i]);
		assert_int_equal(pthread_create(&loads[i].thread, NULL, load_run, &loads[i]), 0);
	}
	for (uint64_t i = 0; i < THREADS; i++) {
		while (atomic_load(&loads[i].done) == steps[i])
			(void)usleep(200);
	}
	assert_int_equal(mkdir(to, 0700), 0);
	(void)pthread_mutex_lock(&disk);
	outage = (struct outage){.to = to, .kept = kept, .syncs = 1 + random_below(SYNCS_MAX)};
	bool over = false;
	while (!over) {
		(void)pthread_mutex_unlock(&disk);
		(void)usleep(200);
		(void)pthread_mutex_lock(&disk);
		over = outage.over;
	}
	(void)pthread_mutex_unlock(&disk);
	atomic_store(&ends, true);
	for (uint64_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(loads[i].thread, NULL), 0);
	catalog_free(f->catalog);
	folder_remove(f->folder);
	for (uint64_t i = 0; i < THREADS; i++) {
		acknowledged += outage.told[i] - steps[i];
		steps[i] = outage.told[i];
	}
	(void)snprintf(folder, sizeof folder, "%s", to);
	disk_begin();
	store_open(f, to);
	check_steps(f, steps);
	return acknowledged;
}

static void what_was_acknowledged_survives_a_loss_of_power(void **state)
{
	(void)state;
	const char *told = getenv("POWER_ROUNDS");
	uint64_t rounds = ROUNDS;
	uint64_t total = 0;
	uint64_t replayed = 0;
	if (told)
		assert_int_equal(text_uint64(text_of(told), &rounds), strlen(told));
	seed = (unsigned)clock_now_us();
	print_message("seed %u\n", seed);
	for (uint64_t round = 0; round < rounds;) {
		char base[] = "/tmp/tenon-power-XXXXXX";
		char path[64];
		struct fixture f = {.arena = arena_new()};
		uint64_t steps[THREADS] = {0};
		assert_non_null(mkdtemp(base));
		(void)snprintf(path, sizeof path, "%s/0", base);
		store_open(&f, path);
		for (int i = 1; i <= ROUNDS_OF_A_STORE && round < rounds; i++, round++) {
			struct catalog_stats stats;
			(void)snprintf(path, sizeof path, "%s/%d", base, i);
			total += power_goes(&f, path, steps);
			catalog_stats(f.catalog, &stats);
			replayed += stats.replayed;
		}
		catalog_free(f.catalog);
		arena_free(f.arena);
		folder_remove(base);
	}
	for (size_t i = 0; i < IMAGES; i++)
		image_drop(&images[i]);
	print_message("%llu writes acknowledged in %llu rounds, %llu commits done again\n",
		(unsigned long long)total, (unsigned long long)rounds,
		(unsigned long long)replayed);
	assert_true(total > 0);
	assert_true(replayed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_survives_a_loss_of_power),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
