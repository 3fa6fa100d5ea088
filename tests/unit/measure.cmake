include(${PROJECT_SOURCE_DIR}/tests/property/sim_case.cmake)
foreach(topic measure_parts measure measure_shift measure_noise)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES measure LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_test_sim)
endforeach()
target_link_libraries(test_measure_noise PRIVATE qstill_test_oracle)
qstill_test(test_measure_device SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_measure_device.c ${CMAKE_CURRENT_LIST_DIR}/place_cases.c USES measure
            LABELS unit quick)
target_link_libraries(test_measure_device PRIVATE qstill_test_sim)
