foreach(topic deploy import_teacher)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES deploy teacher LABELS unit quick)
endforeach()
