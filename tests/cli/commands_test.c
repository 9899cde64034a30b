/* Every command against a fake daemon: the files of tests/cases/cli say what is typed
 * and answered, and hold what was asked and printed. UPDATE=1 rewrites them.
 *
 *   $ tables nyc                     what is typed after `tenon`
 *   < ListTables {"tables": [...]}   the daemon's answer (a stream's next message)
 *   ! GetTable NOT_FOUND why         or its failure
 *   --                               from here on: expected
 */
#include "tests/unit.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "clients/cli/cli.h"
#include "tests/cli/fake_daemon.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORDS_MAX = 32, FILE_BYTES_MAX = 1 << 20 };

static char said_path[] = "/tmp/tenon-cli-said.XXXXXX";

static struct text slurp(struct arena *arena, const char *path)
{
	struct buffer SCOPED_BUFFER bytes;
	char piece[4096];
	size_t got;
	buffer_init(&bytes, FILE_BYTES_MAX);
	FILE *file = fopen(path, "rb");
	if (!file)
		return (struct text){"", 0};
	while ((got = fread(piece, 1, sizeof piece, file)) > 0)
		buffer_add(&bytes, piece, got);
	(void)fclose(file);
	return arena_copy(arena, buffer_text(&bytes));
}

/* Words as a shell cuts them, with 'single quotes' only. */
static int cut(struct arena *arena, struct text line, char **words)
{
	int count = 0;
	size_t at = 0;
	while (at < line.length) {
		if (line.at[at] == ' ') {
			at++;
			continue;
		}
		char quote = line.at[at] == '\'' ? '\'' : ' ';
		at += quote == '\'';
		struct text rest = text_from(line, at);
		size_t end = text_find(rest, quote);
		words[count++] = arena_text(arena, text_until(rest, end));
		at += end + 1;
	}
	words[count] = NULL;
	return count;
}

/* Adds `text` line by line after `prefix`, this folder's name as $PWD. */
static void add_lines(struct buffer *out, const char *prefix, struct text text)
{
	char here[PATH_MAX];
	struct text line;
	bool more = text.length > 0;
	if (!getcwd(here, sizeof here))
		abort();
	size_t length = strlen(here);
	while (text_split(&text, &more, '\n', &line)) {
		if (!more && line.length == 0)
			break;
		buffer_add_string(out, prefix);
		for (size_t i = 0; i < line.length; i++) {
			if (text_starts(text_from(line, i), (struct text){here, length})) {
				buffer_add_string(out, "$PWD");
				i += length - 1;
			} else {
				buffer_add_byte(out, line.at[i]);
			}
		}
		buffer_add_byte(out, '\n');
	}
}

static void run(
	struct fake_daemon *fake, struct arena *arena, struct text typed, struct buffer *out)
{
	char *words[WORDS_MAX] = {(char[]){"tenon"}};
	char *out_text = NULL;
	char *err_text = NULL;
	size_t out_length = 0;
	size_t err_length = 0;
	FILE *out_file = open_memstream(&out_text, &out_length);
	FILE *err_file = open_memstream(&err_text, &err_length);
	assert_non_null(out_file);
	assert_non_null(err_file);
	assert_int_equal(truncate(said_path, 0), 0);
	int code = cli_run(cut(arena, typed, words + 1) + 1, words, out_file, err_file);
	(void)fclose(out_file);
	(void)fclose(err_file);
	add_lines(out, "", fake_daemon_asked(fake));
	add_lines(out, "worker ", slurp(arena, said_path));
	add_lines(out, "| ", (struct text){out_text, out_length});
	add_lines(out, "E ", (struct text){err_text, err_length});
	buffer_printf(out, "exit %d\n", code);
	free(out_text);
	free(err_text);
}

static void take_answer(struct fake_daemon *fake, struct text line)
{
	struct text rest = text_from(line, 2);
	struct text method = text_until(rest, text_find(rest, ' '));
	rest = text_from(rest, method.length + 1);
	if (line.at[0] == '<') {
		fake_daemon_answer(fake, method, rest);
		return;
	}
	struct text status = text_until(rest, text_find(rest, ' '));
	fake_daemon_fail(fake, method, status, text_from(rest, status.length + 1));
}

static void replay(struct fake_daemon *fake, const char *path)
{
	OWNED(arena) arena = arena_new();
	struct buffer SCOPED_BUFFER got;
	struct text all = slurp(arena, path);
	struct text rest = all;
	struct text line;
	struct text typed = {NULL, 0};
	bool more = true;
	bool expected = false;
	buffer_init(&got, FILE_BYTES_MAX);
	while (text_split(&rest, &more, '\n', &line)) {
		bool command = text_starts(line, TEXT("$ "));
		if (command || text_starts(line, TEXT("# "))) {
			if (expected)
				buffer_add_byte(&got, '\n');
			expected = false;
		}
		if (expected)
			continue;
		if (command) {
			fake_daemon_forget(fake);
			typed = text_from(line, 2);
		}
		if (text_starts(line, TEXT("< ")) || text_starts(line, TEXT("! ")))
			take_answer(fake, line);
		if (line.length || more) {
			buffer_add_text(&got, line);
			buffer_add_byte(&got, '\n');
		}
		if (text_equal(line, TEXT("--"))) {
			run(fake, arena, typed, &got);
			expected = true;
		}
	}
	if (text_equal(all, buffer_text(&got)))
		return;
	if (getenv("UPDATE")) {
		FILE *file = fopen(path, "wb");
		assert_non_null(file);
		(void)fwrite(got.at, 1, got.length, file);
		(void)fclose(file);
		return;
	}
	struct text now = buffer_text(&got);
	struct text was = all;
	struct text now_line = {"", 0};
	struct text was_line = {"", 0};
	bool now_more = true;
	bool was_more = true;
	size_t number = 0;
	while (text_split(&now, &now_more, '\n', &now_line) &
		text_split(&was, &was_more, '\n', &was_line)) {
		number++;
		if (!text_equal(now_line, was_line))
			break;
	}
	fail_msg("%s:%zu (UPDATE=1 accepts it)\n  expected: %.*s\n  now:      %.*s", path, number,
		TEXT_ARG(was_line), TEXT_ARG(now_line));
}

static void commands_print_what_their_cases_say(void **state)
{
	glob_t found;
	assert_int_equal(glob("tests/cases/cli/*.txt", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		replay(*state, found.gl_pathv[i]);
	globfree(&found);
}

static int set_up(void **state)
{
	struct fake_daemon *fake = fake_daemon_start();
	int fd = mkstemp(said_path);
	if (fd < 0)
		return -1;
	(void)close(fd);
	(void)setenv("TENON_ADDRESS", fake_daemon_address(fake), 1);
	(void)setenv("TENON_WORKER", "tests/cases/cli/worker", 1);
	(void)setenv("TENON_TEST_SAID", said_path, 1);
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	(void)unlink(said_path);
	fake_daemon_stop(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_print_what_their_cases_say),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
