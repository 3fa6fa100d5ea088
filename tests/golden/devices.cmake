qstill_test(test_golden_devices SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_devices.c USES device LABELS golden quick)
qstill_test(test_golden_densities SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_densities.c USES base device qasm sim LABELS golden quick)
