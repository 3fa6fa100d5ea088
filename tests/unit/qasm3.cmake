qstill_test(test_qasm3 SOURCES test_qasm3.c USES qasm LABELS unit quick)
