foreach(topic device_noise device_read device_draw)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES device LABELS unit quick)
endforeach()
