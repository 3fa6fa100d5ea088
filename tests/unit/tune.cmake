qstill_test(test_tune SOURCES test_tune.c USES run LABELS unit quick)
