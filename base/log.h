#pragma once

#include "base/attr.h"

/* One line on standard error per event: time, level, program, message. Only the
 * programs (service, worker, clients) log; rooms return errors. Any thread. */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_start(const char *program, enum log_level least); /* once, before threads */
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);
