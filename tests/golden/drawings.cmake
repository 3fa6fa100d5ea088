qstill_test(test_golden_drawings SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_drawings.c USES draw LABELS golden quick)
