#pragma once

/* Test only: when TENON_FAULT names this point the process kills itself here with
 * SIGKILL, as a crash would. Points: before-intent, after-intent, mid-publish,
 * after-publish, before-success. */
void fault_point(const char *name);
