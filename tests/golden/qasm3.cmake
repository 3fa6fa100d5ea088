qstill_test(test_golden_qasm3 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_golden_qasm3.c USES qasm
            LABELS golden quick)
target_link_libraries(test_golden_qasm3 PRIVATE qstill_test_ref)
