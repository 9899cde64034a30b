#include "storage/local.h"
#include "base/limits.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void object_from(struct object *object, struct text path, const struct stat *about)
{
	*object = (struct object){
		.path = path,
		.bytes = (uint64_t)about->st_size,
		.modified_ns = (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec,
	};
}

struct walk {
	struct arena *arena;
	struct listing *listing;
	size_t capacity;
	const char *root; /* real path of the prefix: links may not leave it */
	size_t root_length;
};

static enum status keep(
	struct walk *walk, struct text path, const struct stat *about, struct error *err)
{
	struct listing *listing = walk->listing;
	if (about->st_size == 0) {
		listing->skipped_empty++;
		return STATUS_OK;
	}
	if (listing->count == LIMIT_LISTING_OBJECTS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"more than %d objects: give a deeper prefix", LIMIT_LISTING_OBJECTS);
	if (listing->count == walk->capacity) {
		walk->capacity = memory_grown(walk->capacity, listing->count + 1);
		listing->objects =
			memory_resize(listing->objects, walk->capacity, sizeof *listing->objects);
	}
	object_from(&listing->objects[listing->count++], path, about);
	return STATUS_OK;
}

/* A link counts as the file it leads to when that lies under the prefix. Links
 * to folders are not followed: what they lead to is listed where it lies, and
 * no loop can arise. */
static bool link_stays(struct walk *walk, const char *path, struct stat *about)
{
	if (stat(path, about) != 0 || !S_ISREG(about->st_mode))
		return false;
	char *real = realpath(path, NULL);
	bool inside = real && strncmp(real, walk->root, walk->root_length) == 0 &&
		      (walk->root_length == 1 || real[walk->root_length] == '/');
	free(real);
	return inside;
}

static enum status walk_folder(
	struct walk *walk, int descriptor, struct text folder, unsigned depth, struct error *err);

static enum status walk_entry(struct walk *walk, int folder_descriptor, struct text folder,
	const char *name, unsigned depth, struct error *err)
{
	struct listing *listing = walk->listing;
	if (name[0] == '.' || name[0] == '_') {
		listing->skipped_hidden += strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
		return STATUS_OK;
	}
	if (folder.length + strlen(name) + 1 > LIMIT_PATH_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED, "path of '%s' is longer than %d bytes",
			name, LIMIT_PATH_BYTES);
	struct stat about;
	if (fstatat(folder_descriptor, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return STATUS_OK; /* It went away between the listing and now. */
		return local_error(errno, err, "look at", name);
	}
	const char *separator = folder.length == 1 ? "" : "/";
	if (S_ISDIR(about.st_mode)) {
		char *path =
			arena_printf(walk->arena, "%.*s%s%s", TEXT_ARG(folder), separator, name);
		int descriptor = openat(
			folder_descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			return STATUS_OK; /* Gone, or another thing by now. */
		if (descriptor < 0)
			return local_error(errno, err, "list", path);
		return walk_folder(walk, descriptor, text_of(path), depth + 1, err);
	}
	char *path = arena_printf(walk->arena, "%.*s%s%s", TEXT_ARG(folder), separator, name);
	if (S_ISREG(about.st_mode) || (S_ISLNK(about.st_mode) && link_stays(walk, path, &about)))
		return keep(walk, text_of(path), &about, err);
	listing->skipped_other++;
	return STATUS_OK;
}

/* Takes over `descriptor`. */
static enum status walk_folder(
	struct walk *walk, int descriptor, struct text folder, unsigned depth, struct error *err)
{
	DIR *stream = depth > LIMIT_FOLDER_DEPTH ? NULL : fdopendir(descriptor);
	if (!stream) {
		int code = errno;
		(void)close(descriptor);
		if (depth > LIMIT_FOLDER_DEPTH)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"folders are nested more than %d deep", LIMIT_FOLDER_DEPTH);
		return local_error(code, err, "list", folder.at);
	}
	enum status status = STATUS_OK;
	struct dirent *entry;
	while (status == STATUS_OK && (entry = readdir(stream)) != NULL)
		status = walk_entry(walk, descriptor, folder, entry->d_name, depth, err);
	(void)closedir(stream);
	return status;
}

static int by_path(const void *a, const void *b)
{
	const struct object *left = a;
	const struct object *right = b;
	return text_compare(left->path, right->path);
}

static enum status local_list(
	struct text prefix, struct arena *arena, struct listing *listing_out, struct error *err)
{
	char *path = local_path(arena, prefix);
	struct stat about;
	if (stat(path, &about) != 0)
		return local_error(errno, err, "list", path);
	struct listing listing = {0};
	struct walk walk = {.arena = arena, .listing = &listing};
	enum status status;
	if (S_ISDIR(about.st_mode)) {
		char *root = realpath(path, NULL);
		if (!root)
			return local_error(errno, err, "list", path);
		walk.root = root;
		walk.root_length = strlen(root);
		int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		status = descriptor < 0 ? local_error(errno, err, "list", path)
					: walk_folder(&walk, descriptor, text_of(path), 0, err);
		free(root);
	} else if (S_ISREG(about.st_mode)) {
		status = keep(&walk, text_of(path), &about, err);
	} else {
		status = fail(
			err, STATUS_INVALID_ARGUMENT, "'%s' is neither a file nor a folder", path);
	}
	if (status == STATUS_OK) {
		struct object *grown = listing.objects;
		listing.objects = arena_array(arena, listing.count, sizeof *listing.objects);
		if (listing.count) {
			memcpy(listing.objects, grown, listing.count * sizeof *grown);
			qsort(listing.objects, listing.count, sizeof *listing.objects, by_path);
		}
		free(grown);
		*listing_out = listing;
	} else {
		free(listing.objects);
	}
	return status;
}

static enum status local_stat(
	struct text path, struct arena *arena, struct object *object_out, struct error *err)
{
	char *name = local_path(arena, path);
	struct stat about;
	if (stat(name, &about) != 0)
		return local_error(errno, err, "look at", name);
	if (!S_ISREG(about.st_mode))
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' is not a file", name);
	object_from(object_out, text_of(name), &about);
	return STATUS_OK;
}

static enum status local_open(
	const struct object *object, struct object_file **file_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	char *path = local_path(arena, object->path);
	/* O_NONBLOCK: a pipe that took the file's place must not hang us. */
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0)
		return local_error(errno, err, "read", path);
	(void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	struct object_file *file = memory_new(sizeof *file);
	file->ops = &store_local;
	file->descriptor = descriptor;
	file->path = memory_text(path);
	*file_out = file;
	return STATUS_OK;
}

static void local_close(struct object_file *file)
{
	(void)close(file->descriptor);
	free((void *)(uintptr_t)file->path);
	free(file);
}

static enum status local_read(struct object_file *file, uint64_t offset, void *bytes, size_t length,
	size_t *read_out, struct error *err)
{
	size_t total = 0;
	while (total < length) {
		ssize_t got = pread(file->descriptor, (char *)bytes + total, length - total,
			(off_t)(offset + total));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return local_error(errno, err, "read", file->path);
		if (got == 0)
			break;
		total += (size_t)got;
	}
	*read_out = total;
	return STATUS_OK;
}

const struct store_ops store_local = {
	.scheme = "file",
	.list = local_list,
	.stat = local_stat,
	.open = local_open,
	.close = local_close,
	.read = local_read,
	.stage_begin = local_stage_begin,
	.stage_sync = local_stage_sync,
	.stage_publish = local_stage_publish,
	.stage_discard = local_stage_discard,
};
