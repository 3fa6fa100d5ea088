qstill_test(test_qasm2 SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_qasm2.c USES qasm LABELS unit quick)
qstill_test(test_qasm_include SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_qasm_include.c USES qasm LABELS unit quick)
qstill_test(test_qasm2_corpus SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_qasm2_corpus.c USES qasm LABELS unit golden quick)
