# cmake -DFOLDER=... -DNAMES="run_qiskit;..." -DTO=script_text.c -P script_text.cmake: a C file that holds the scripts.
set(rows "")
set(texts "")
foreach(name ${NAMES})
  file(READ ${FOLDER}/${name}.py hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
  string(APPEND texts "static const unsigned char ${name}_text[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}.py\", (const char *)${name}_text, sizeof ${name}_text - 1},\n")
endforeach()
file(WRITE ${TO} "/* Made from run_*.py by script_text.cmake. */
#include \"job/job.h\"

${texts}
const qsti_job_script qsti_job_scripts[] = {
${rows}};
")
