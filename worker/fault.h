#pragma once

/* Test only: when TENON_FAULT names this point the process kills itself here with
 * SIGKILL, as a crash would. Points: after-task, after-ledger, before-apply,
 * after-apply, and those of etl/step.h. */
void fault_point(const char *name);
