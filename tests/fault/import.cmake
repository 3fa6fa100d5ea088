qstill_test(test_bad_onnx SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_bad_onnx.c USES import LABELS fault quick)
