/* test_assembly_json.c: assemblies as JSON and back, and every way in which such a text is refused. */
#include "assembly/assembly.h"
#include "support/support.h"

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

static const char example[] =
    "{\n"
    "  \"format\": \"qstill-assembly/1\",\n"
    "  \"qubits\": [[\"q\", 3], [\"r\", 1]],\n"
    "  \"bits\": [[\"c\", 2]],\n"
    "  \"parameters\": [\"alpha\", \"sin\"],\n"
    "  \"definitions\": [\n"
    "    {\"name\": \"pair\", \"qubits\": [\"a\", \"b\"], \"angles\": [\"t\"], \"body\": [\n"
    "      {\"gate\": \"rx\", \"qubits\": [0, 1], \"angles\": [\"$0 2 /\"], \"controls\": 1},\n"
    "      {\"barrier\": [1, 0]}\n"
    "    ]},\n"
    "    {\"name\": \"nothing\", \"qubits\": [\"a\"], \"body\": []},\n"
    "    {\"name\": \"box\", \"qubits\": [\"a\"], \"opaque\": true}\n"
    "  ],\n"
    "  \"instructions\": [\n"
    "    {\"gate\": \"u\", \"qubits\": [3], \"angles\": [0.1, -0.0, \"$0 $1 sin * -2 ^ neg\"]},\n"
    "    {\"call\": \"pair\", \"qubits\": [2, 0, 3], \"angles\": [3], \"controls\": 1, "
    "\"inverse\": true, \"if\": [\"c\", 3]},\n"
    "    {\"barrier\": []},\n"
    "    {\"measure\": 1, \"bit\": 0},\n"
    "    {\"measure\": 1},\n"
    "    {\"reset\": 2, \"if\": [\"c\", \"18446744073709551615\"]}\n"
    "  ]\n"
    "}\n";

static void texts_are_read_and_written_as_they_were(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    char *text = NULL;
    size_t n_bytes = 0;
    qst_instruction it;
    assert_ok(ctx, qst_assembly_json_read(ctx, "x.json", example, sizeof example - 1, &assembly));
    assert_ok(ctx, qst_assembly_json_write(assembly, &text, &n_bytes));
    assert_string_equal(text, example);
    assert_int_equal(n_bytes, sizeof example - 1);
    qst_assembly_instruction(assembly, 0, &it);
    assert_true(signbit(it.angles[1].tokens[0].number));
    assert_int_equal(it.angles[2].n_tokens, 7);
    qst_assembly_instruction(assembly, 5, &it);
    assert_true(it.condition_value == UINT64_MAX);
    qst_assembly_json_free(assembly, text);
    qst_assembly_free(assembly);
}

static void the_empty_assembly_is_one(void **state)
{
    static const char empty[] = "{\n  \"format\": \"qstill-assembly/1\",\n  \"qubits\": [],\n  \"bits\": [],\n"
                                "  \"parameters\": [],\n  \"definitions\": [],\n  \"instructions\": []\n}\n";
    static const char least[] = "{\"format\": \"qstill-assembly/1\", \"instructions\": []}";
    qst_assembly *assembly = NULL;
    char *text = NULL;
    size_t n_bytes = 0;
    assert_ok(*state, qst_assembly_json_read(*state, "x.json", least, sizeof least - 1, &assembly));
    assert_ok(*state, qst_assembly_json_write(assembly, &text, &n_bytes));
    assert_string_equal(text, empty);
    qst_assembly_json_free(assembly, text);
    qst_assembly_free(assembly);
}

/* `instruction` in a circuit of 3 qubits, 2 bits, and one parameter; the message is "x.json: instructions[0]: ...". */
static void refused(qst_ctx *ctx, const char *instruction, const char *message)
{
    char text[1024], whole[256];
    qst_assembly *assembly = NULL;
    (void)snprintf(text, sizeof text,
                   "{\"format\": \"qstill-assembly/1\", \"qubits\": [[\"q\", 3]], \"bits\": [[\"c\", 2]], "
                   "\"parameters\": [\"p\"], \"instructions\": [%s]}",
                   instruction);
    (void)snprintf(whole, sizeof whole, "x.json: instructions[0]: %s", message);
    assert_status(ctx, qst_assembly_json_read(ctx, "x.json", text, strlen(text), &assembly), QST_ERR_INPUT);
    assert_message(ctx, whole);
    assert_null(assembly);
}

static void wrong_instructions_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    refused(ctx, "7", "an instruction must be an object with gate, call");
    refused(ctx, "{\"gates\": \"x\"}", "an instruction must be an object");
    refused(ctx, "{\"gate\": \"xx\", \"qubits\": [0]}", "there is no gate \"xx\"");
    refused(ctx, "{\"gate\": 1, \"qubits\": [0]}", "there is no gate \"\"");
    refused(ctx, "{\"call\": \"g\", \"qubits\": [0]}", "there is no definition \"g\" before it");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [0], \"bit\": 0}", "there is no key \"bit\"");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": 0}", "qubits must be a list of qubits");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [-1]}", "a qubit must be an integer >= 0");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [3]}", "qubit 3 in x: the circuit has 3 qubits");
    refused(ctx, "{\"gate\": \"cx\", \"qubits\": [1, 1]}", "qubit 1 twice in cx");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [0, 1], \"controls\": -1}", "controls must be an integer >= 0");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [0], \"inverse\": 1}", "inverse must be true or false");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [0], \"if\": [\"c\"]}", "if must be a register of bits and a value");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [0], \"if\": [\"q\", 1]}", "if: there is no register of bits \"q\"");
    refused(ctx, "{\"gate\": \"x\", \"qubits\": [0], \"if\": [\"c\", -1]}", "if must be a register");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": 1}", "angles must be a list");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [true]}", "angles[0] must be a number or a string");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [\"\"]}", "angles[0]: \"\" is no number");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [\"1  2 +\"]}", "angles[0]: \"\" is no number");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [\"nan\"]}", "angles[0]: \"nan\" is no number");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [\"$\"]}", "angles[0]: \"$\" is no number");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [\"$1\"]}", "angle 0 of rx: parameter 1: there is 1");
    refused(ctx, "{\"gate\": \"rx\", \"qubits\": [0], \"angles\": [\"1 +\"]}", "angle 0 of rx: token 1: + needs 2");
    refused(ctx, "{\"measure\": 0, \"bit\": 2}", "bit 2 in measure: the circuit has 2 bits");
    refused(ctx, "{\"measure\": 0, \"qubits\": []}", "there is no key \"qubits\"");
    refused(ctx, "{\"reset\": [0]}", "reset must be an integer >= 0");
    refused(ctx, "{\"barrier\": 0}", "barrier must be a list of qubits");
}

static void wrong_rests_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "x.json: format: expected \"qstill-assembly/1\""},
        {"{\"format\": \"qstill-assembly/2\"}", "found \"qstill-assembly/2\""},
        {"{\"format\": \"qstill-assembly/1\"}", "x.json: instructions: it must be a list"},
        {"{\"format\": \"qstill-assembly/1\", \"x\": 1}", "there is no key \"x\""},
        {"{\"format\": \"qstill-assembly/1\", \"qubits\": 3}", "x.json: qubits: it must be a list of registers"},
        {"{\"format\": \"qstill-assembly/1\", \"qubits\": [[\"q\"]]}", "x.json: qubits[0]: a register must be"},
        {"{\"format\": \"qstill-assembly/1\", \"bits\": [[\"q\", 0]]}", "x.json: bits[0]: register q: 0 bits"},
        {"{\"format\": \"qstill-assembly/1\", \"parameters\": [\"p\", \"p\"]}", "x.json: parameters[1]: \"p\" is the"},
        {"{\"format\": \"qstill-assembly/1\", \"parameters\": [1]}", "x.json: parameters[0]: a parameter needs a name"},
        {"{\"format\": \"qstill-assembly/1\", \"definitions\": [{}]}", "x.json: definitions[0]: a definition must"},
        {"{\"format\": \"qstill-assembly/1\", \"definitions\": [{\"name\": \"g\", \"body\": []}]}",
         "x.json: definitions[0]: qubits and angles must be lists"},
        {"{\"format\": \"qstill-assembly/1\", \"definitions\": [{\"name\": \"g\", \"qubits\": [1], \"body\": []}]}",
         "x.json: definitions[0]: gate g: each of its qubits and angles needs a name"},
        {"{\"format\": \"qstill-assembly/1\", \"definitions\": [{\"name\": \"g\", \"qubits\": [\"a\"], \"body\": "
         "[{\"call\": \"g\", \"qubits\": [0]}]}]}",
         "x.json: definitions[0].body[0]: gate g calls itself"},
        {"{\"format\"", "x.json:1:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qst_assembly *assembly = NULL;
        assert_status(*state, qst_assembly_json_read(*state, "x.json", cases[i].text, strlen(cases[i].text), &assembly),
                      QST_ERR_INPUT);
        assert_message(*state, cases[i].message);
        assert_null(assembly);
    }
}

static qst_status there_and_back(qst_ctx *ctx, void *arg)
{
    (void)arg;
    qst_assembly *assembly = NULL;
    char *text = NULL;
    size_t n_bytes;
    qst_status status = qst_assembly_json_read(ctx, "x.json", example, sizeof example - 1, &assembly);
    if (status == QST_OK)
        status = qst_assembly_json_write(assembly, &text, &n_bytes);
    if (assembly)
        qst_assembly_json_free(assembly, text);
    qst_assembly_free(assembly);
    return status;
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    support_fail_each_allocation(there_and_back, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_and_written_as_they_were), cmocka_unit_test(the_empty_assembly_is_one),
        cmocka_unit_test(wrong_instructions_are_refused),          cmocka_unit_test(wrong_rests_are_refused),
        cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
