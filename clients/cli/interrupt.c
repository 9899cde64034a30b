#include "clients/cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*ask)(unsigned count, void *state);
static void *ask_state;
static unsigned asked_count;
static pid_t child_running;
static const char *unfinished;
static pthread_once_t started = PTHREAD_ONCE_INIT;

static void taken_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGTERM);
}

static void end_by(int signal)
{
	static const char show_cursor[] = "\r\033[K";
	if (isatty(STDERR_FILENO))
		(void)!write(STDERR_FILENO, show_cursor, sizeof show_cursor - 1);
	if (unfinished)
		(void)unlink(unfinished);
	_exit(128 + signal);
}

static void *take_signals(void *unused)
{
	(void)unused;
	sigset_t set;
	siginfo_t info;
	taken_signals(&set);
	for (;;) {
		int signal = sigwaitinfo(&set, &info);
		if (signal < 0)
			continue;
		(void)pthread_mutex_lock(&lock);
		if (child_running > 0) {
			if (info.si_code <= 0 || signal == SIGTERM)
				(void)kill(child_running, signal);
		} else if (ask) {
			ask(++asked_count, ask_state);
		} else {
			end_by(signal);
		}
		(void)pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void start(void)
{
	sigset_t set;
	pthread_t thread;
	taken_signals(&set);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 &&
		pthread_create(&thread, NULL, take_signals, NULL) == 0)
		(void)pthread_detach(thread);
}

void interrupt_start(void)
{
	(void)pthread_once(&started, start);
}

void interrupt_ask(void (*asked)(unsigned count, void *state), void *state)
{
	(void)pthread_mutex_lock(&lock);
	ask = asked;
	ask_state = state;
	asked_count = 0;
	(void)pthread_mutex_unlock(&lock);
}

void interrupt_unlinks(const char *path)
{
	(void)pthread_mutex_lock(&lock);
	unfinished = path;
	(void)pthread_mutex_unlock(&lock);
}

void interrupt_child(pid_t child)
{
	(void)pthread_mutex_lock(&lock);
	child_running = child;
	(void)pthread_mutex_unlock(&lock);
}
