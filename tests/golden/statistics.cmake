qstill_test(test_verify_golden SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/test_verify_golden.c USES verify learn LABELS golden quick)
