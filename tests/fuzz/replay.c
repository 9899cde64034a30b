/* main() for a fuzz target outside the fuzz preset: feeds it every file of the
 * folders (and files) named on the command line. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int replayed;

static void replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(1);
	}
	size_t capacity = 1 << 20;
	size_t length = 0;
	uint8_t *bytes = malloc(capacity);
	while (bytes) {
		length += fread(bytes + length, 1, capacity - length, file);
		if (length < capacity)
			break;
		capacity *= 2;
		bytes = realloc(bytes, capacity);
	}
	(void)fclose(file);
	if (!bytes)
		exit(1);
	(void)LLVMFuzzerTestOneInput(bytes, length);
	free(bytes);
	replayed++;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat about;
		if (stat(argv[i], &about) == 0 && S_ISDIR(about.st_mode)) {
			struct dirent **names = NULL;
			int count = scandir(argv[i], &names, NULL, alphasort);
			for (int n = 0; n < count; n++) {
				char path[4096];
				if (names[n]->d_name[0] != '.') {
					(void)snprintf(path, sizeof path, "%s/%s", argv[i],
						names[n]->d_name);
					replay(path);
				}
				free(names[n]);
			}
			free(names);
		} else {
			replay(argv[i]);
		}
	}
	(void)printf("%d inputs replayed\n", replayed);
	return replayed == 0;
}
