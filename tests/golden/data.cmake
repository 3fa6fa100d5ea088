qstill_test(test_golden_data SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/test_golden_data.c USES data LABELS golden quick)
