foreach(topic csv npy npz idx table dataset preprocess)
  qstill_test(test_${topic} SOURCES test_${topic}.c USES data LABELS unit quick)
endforeach()
