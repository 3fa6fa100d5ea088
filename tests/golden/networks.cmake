qstill_test(test_golden_networks SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_networks.c USES learn LABELS golden quick)
