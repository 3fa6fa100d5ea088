foreach(topic boxes labels svg)
  qstill_test(test_draw_${topic} SOURCES test_draw_${topic}.c draw_case.c USES draw LABELS unit quick)
endforeach()
