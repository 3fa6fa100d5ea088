foreach(topic loss loss_methods row_blocks optimizer artefact fourier)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES learn LABELS unit quick)
endforeach()

# Small models and rows to train them on, for the tests that train.
add_library(qstill_learn_cases STATIC ${CMAKE_CURRENT_LIST_DIR}/learn_cases.c ${CMAKE_CURRENT_LIST_DIR}/train_cases.c)
target_link_libraries(qstill_learn_cases PUBLIC qstill_settings qstill_test_support qsti_learn)
foreach(topic objective train train_log train_lbfgs divergence model model_file model_network objective_whole probe)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES learn LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_learn_cases)
endforeach()

# Trainings under noise and from shots.
add_library(qstill_condition_cases STATIC ${CMAKE_CURRENT_LIST_DIR}/condition_cases.c)
target_link_libraries(qstill_condition_cases PUBLIC qstill_learn_cases)
foreach(topic noisy_training shot_training measured_scores predictor)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES learn LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_condition_cases)
endforeach()

# Hundreds of checkpoints, each flushed to the disk.
qstill_test(test_checkpoint SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_checkpoint.c USES learn LABELS unit)
target_link_libraries(test_checkpoint PRIVATE qstill_learn_cases)

# Iris and a small teacher, for the tests of the stages.
add_library(qstill_lesson_cases STATIC ${CMAKE_CURRENT_LIST_DIR}/lesson_cases.c)
target_link_libraries(qstill_lesson_cases PUBLIC qstill_settings qstill_test_support qsti_data)
foreach(topic knowledge queries ensemble match lesson student controls)
  qstill_test(test_${topic} SOURCES ${CMAKE_CURRENT_LIST_DIR}/test_${topic}.c USES student LABELS unit quick)
  target_link_libraries(test_${topic} PRIVATE qstill_lesson_cases)
endforeach()
