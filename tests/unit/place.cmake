foreach(topic place place_search place_route)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c ${CMAKE_CURRENT_LIST_DIR}/place_cases.c USES sim place
              LABELS unit quick)
endforeach()
