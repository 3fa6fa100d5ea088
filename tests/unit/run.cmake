qstill_test(test_tune SOURCES test_tune.c USES run LABELS unit quick)
qstill_test(test_run_progress SOURCES test_run_progress.c USES run LABELS unit quick)
