"""Jupyter's own conformance suite (Debian: python3-jupyter-kernel-test) against the C# kernel, and what it does not ask."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from queue import Empty

import jupyter_kernel_test as jkt
import nbformat
from jupyter_client.manager import start_new_kernel

TIMEOUT = 60
jkt.TIMEOUT = TIMEOUT

# What starts the tests in the background makes them ignore SIGINT, and a kernel would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_until_it_runs(client, msg_id):
    """Returns when a cell that does not end is under way: an interrupt before that would be one of nothing."""
    while True:
        message = client.get_iopub_msg(timeout=TIMEOUT)
        if message["parent_header"].get("msg_id") == msg_id and message["msg_type"] == "execute_input":
            break
    time.sleep(0.5)


class Conformance(jkt.KernelTests):
    kernel_name = ".net-csharp"
    language_name = "C#"
    file_extension = ".cs"
    code_hello_world = 'Console.WriteLine("hello, world");'
    code_stderr = 'Console.Error.WriteLine("oops");'
    code_generate_error = 'throw new InvalidOperationException("x");'
    code_execute_result = [
        {"code": "6*7", "result": "42"},
        {"code": '"text"', "result": "text"},
        {"code": 'new[] { new { Name = "a", Age = 1 } }', "mime": "text/html"},
    ]
    code_display_data = [
        {"code": 'display(HTML("<b>x</b>"));', "mime": "text/html"},
        {"code": "display(SVG(\"<svg xmlns='http://www.w3.org/2000/svg'/>\"));", "mime": "image/svg+xml"},
        {"code": "display(JSON(new { a = 1 }));", "mime": "application/json"},
        {"code": 'display(Markdown("*x*"));', "mime": "text/markdown"},
    ]
    complete_code_samples = ["var a = 1;", "1 + 1", "?Console", "int F() { return 1; }"]
    incomplete_code_samples = ["for (var i = 0; i < 3; i++) {", "void F("]
    invalid_code_samples = ["var = = 3;", "1 1"]
    completion_samples = [
        {"text": "Console.WriteL", "matches": {"WriteLine"}},
        {"text": "new List<int>().Wher", "matches": {"Where"}},
        {"text": "System.Text.StringB", "matches": {"StringBuilder"}},
        {"text": "whil", "matches": {"while"}},
    ]
    code_inspect_sample = "Console.WriteLine"
    code_page_something = "?Console.WriteLine"
    code_clear_output = "clear_output();"
    code_history_pattern = "6?7*"
    supported_history_operations = ("tail", "range", "search")

    def run_cell(self, code, **options):
        """Runs a cell and returns its answer and its outputs, however long they take."""
        self.flush_channels()
        msg_id = self.kc.execute(code, **options)
        return self.answer(msg_id), self.outputs(msg_id)

    def answer(self, msg_id):
        while True:
            reply = self.kc.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == msg_id:
                return reply["content"]

    def outputs(self, msg_id):
        found = []
        while True:
            message = self.kc.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] != "comm_close":  # The suite has no schema for it.
                jkt.validate_message(message, message["msg_type"], msg_id)
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    return found
            elif message["msg_type"] != "execute_input":
                found.append(message)

    def result(self, code):
        reply, outputs = self.run_cell(code)
        self.assertEqual(reply["status"], "ok", reply)
        return [m["content"]["data"]["text/plain"] for m in outputs if m["msg_type"] == "execute_result"][0]

    def error(self, code):
        reply, outputs = self.run_cell(code)
        self.assertEqual(reply["status"], "error")
        return [m["content"]["traceback"] for m in outputs if m["msg_type"] == "error"][0]

    def printed(self, outputs, stream="stdout"):
        return "".join(m["content"]["text"] for m in outputs if m["msg_type"] == "stream" and m["content"]["name"] == stream)

    def complete(self, code, cursor=None):
        self.flush_channels()
        return self.answer(self.kc.complete(code, cursor))

    def inspect(self, code, cursor=None):
        self.flush_channels()
        return self.answer(self.kc.inspect(code, cursor))["data"].get("text/plain", "")

    def test_state_goes_from_cell_to_cell(self):
        self.run_cell("record Loan(string Name, int Months); int Twice(int x) => 2 * x; var kept = 21;")
        self.assertEqual(self.result("Twice(kept)"), "42")
        self.assertEqual(self.result('new Loan("a", 12).Months'), "12")
        self.assertEqual(self.result("await Task.Run(() => kept)"), "21")
        self.assertIn("kept", self.complete("kep")["matches"])
        self.assertIn("int Twice(int x)", self.inspect("Twice(1)", 2))

    def test_what_a_cell_did_before_it_failed_is_kept(self):
        self.error('var early = 5; throw new Exception("later");')
        self.assertEqual(self.result("early"), "5")

    def test_errors_name_cell_and_line(self):
        self.run_cell("int Divide(int d)\n{\n    return 1 / d;\n}")
        lines = self.error("var a = 1;\nawait Task.Yield();\nDivide(0);")
        self.assertTrue(lines[0].startswith("DivideByZeroException: "), lines)
        self.assertRegex(lines[1], r"^   Cell \d+, line 3, in Divide: return 1 / d;$")
        self.assertRegex(lines[2], r"^   Cell \d+, line 3: Divide\(0\);$")
        self.assertEqual(len(lines), 3)

    def test_errors_of_the_compiler_show_the_line(self):
        lines = self.error("var a = 1;\nvar b = a + missing;")
        self.assertRegex(lines[0], r"^Cell \d+, line 2, column 13: .*missing.* \(CS0103\)$")
        self.assertEqual(lines[1:], ["    var b = a + missing;", "                ^^^^^^^"])

    def test_errors_of_the_lab_are_sentences(self):
        lines = self.error('FedLab.Client.Labs.ProjectFolder.Open("/there/is/none")')
        self.assertEqual(len(lines), 1, lines)
        self.assertNotIn("Exception", lines[0])

    def test_silent_says_nothing(self):
        reply, outputs = self.run_cell('Console.WriteLine("x"); 1', silent=True)
        self.assertEqual((reply["status"], outputs), ("ok", []))

    def test_cells_that_wait_behind_a_failure_are_given_up(self):
        self.flush_channels()
        failing = self.kc.execute('await Task.Delay(2000); throw new Exception("x");')  # Time for the others to arrive.
        waiting = [self.kc.execute(f"var given{i} = 1;") for i in range(3)]
        self.assertEqual(self.answer(failing)["status"], "error")
        self.assertEqual([self.answer(m)["status"] for m in waiting], ["aborted"] * 3)
        self.assertEqual(self.result("1 + 1"), "2")

    def test_cells_that_wait_go_on_where_asked_to(self):
        self.flush_channels()
        failing = self.kc.execute('await Task.Delay(200); throw new Exception("x");', stop_on_error=False)
        waiting = self.kc.execute("40 + 2")
        self.assertEqual(self.answer(failing)["status"], "error")
        self.assertEqual(self.answer(waiting)["status"], "ok")

    def test_user_expressions(self):
        reply, _ = self.run_cell("var seven = 7;", user_expressions={"good": "seven + 1", "bad": "nobody"})
        self.assertEqual(reply["user_expressions"]["good"]["data"]["text/plain"], "8")
        self.assertEqual(reply["user_expressions"]["bad"]["status"], "error")

    def test_streams_keep_their_order(self):
        _, outputs = self.run_cell('Console.Write("a"); Console.Error.Write("b"); display("c"); Console.Write("d"); "e"')
        said = [m["content"].get("text") or m["content"]["data"]["text/plain"] for m in outputs]
        self.assertEqual(said, ["a", "b", "c", "d", "e"])

    def test_much_output_comes_in_few_messages_and_whole(self):
        _, outputs = self.run_cell("for (var i = 0; i < 20000; i++) Console.WriteLine(i);")
        self.assertEqual(self.printed(outputs), "".join(f"{i}\n" for i in range(20000)))
        self.assertLess(len(outputs), 200)

    def test_displays_are_updated_in_place(self):
        _, outputs = self.run_cell('var bar = display("0 %"); bar.Update("100 %");')
        self.assertEqual([m["msg_type"] for m in outputs], ["display_data", "update_display_data"])
        shown, changed = (m["content"]["transient"]["display_id"] for m in outputs)
        self.assertEqual(shown, changed)
        _, outputs = self.run_cell('bar.Update("from a later cell");')
        self.assertEqual(outputs[0]["content"]["transient"]["display_id"], shown)

    def test_cursors_count_code_points(self):
        code = 'var s = "😀😀中"; Console.WriteL'
        reply = self.complete(code, len(code))
        self.assertEqual((reply["matches"], reply["cursor_start"], reply["cursor_end"]), (["WriteLine"], len(code) - 6, len(code)))

    def test_names_of_arguments_and_properties_are_proposed(self):
        self.assertIn("val1:", self.complete("Math.Max(va")["matches"])
        self.run_cell("record Setting(int Depth) { public double Rate { get; set; } }")
        self.assertIn("Rate", self.complete("new Setting(1) { Ra")["matches"])
        self.assertNotIn("WriteLine", self.complete('var s = "Console.WriteL')["matches"])

    def test_documentation_of_framework_and_library(self):
        self.assertIn("line terminator", self.inspect("Console.WriteLine"))
        self.assertIn("below the cell", self.inspect("display(1)", 8))

    def test_a_busy_loop_is_interrupted(self):
        for code in ["while (true) { }", "await Task.Yield(); while (true) { }", "new System.Threading.ManualResetEvent(false).WaitOne();", "await Task.Delay(-1);",
                     "await Task.Delay(-1, NotebookHost.Interrupted);"]:
            with self.subTest(code=code):
                self.flush_channels()
                msg_id = self.kc.execute(code)
                wait_until_it_runs(self.kc, msg_id)
                self.assertTrue(self.kc.is_alive())
                self.km.interrupt_kernel()
                reply = self.answer(msg_id)
                self.assertEqual((reply["status"], reply["ename"]), ("error", "Interrupted"))
                self.outputs(msg_id)
        self.assertEqual(self.result("1 + 1"), "2")

    def test_heartbeat_and_control_answer_during_a_busy_cell(self):
        self.flush_channels()
        msg_id = self.kc.execute("while (true) { }")
        wait_until_it_runs(self.kc, msg_id)
        asked = self.kc.session.msg("kernel_info_request")
        self.kc.control_channel.send(asked)
        reply = self.kc.get_control_msg(timeout=TIMEOUT)
        self.assertEqual(reply["msg_type"], "kernel_info_reply")
        deadline = time.time() + TIMEOUT
        while time.time() < deadline and not self.kc.hb_channel.is_beating():  # An echo that takes more than a second counts as none.
            time.sleep(0.1)
        self.assertTrue(self.kc.hb_channel.is_beating())
        self.km.interrupt_kernel()
        self.answer(msg_id)

    def test_input_is_asked_for(self):
        for code, hidden in [('GetInput("name? ").Length', False), ('GetPassword("word? ").Length', True), ("Console.ReadLine()!.Length", False)]:
            with self.subTest(code=code):
                self.flush_channels()
                msg_id = self.kc.execute(code, allow_stdin=True)
                request = self.kc.get_stdin_msg(timeout=TIMEOUT)
                self.assertEqual((request["msg_type"], request["content"]["password"]), ("input_request", hidden))
                self.kc.input("abc")
                self.assertEqual(self.answer(msg_id)["status"], "ok")
        for code, answers, result in [
            ("var read = new List<int>(); for (var i = 0; i < 4; i++) read.Add(Console.Read()); string.Join(' ', read)", ["abc"], "97 98 99 10"),
            ('$"{(char)Console.Read()}|{Console.ReadLine()}|{Console.ReadLine()}"', ["abc", "de"], "a|bc|de"),
            ("Console.Read();", ["forgotten"], None),
            ('$"{Console.In.ReadToEnd()}|{Console.In.Peek()}"', ["abc"], "abc|-1"),
            ("var few = new char[9]; new string(few, 0, Console.In.Read(few, 0, 9))", ["abc"], "abc\n"),
        ]:
            with self.subTest(code=code):
                self.flush_channels()
                msg_id = self.kc.execute(code, allow_stdin=True)
                for answer in answers:
                    self.assertEqual(self.kc.get_stdin_msg(timeout=TIMEOUT)["msg_type"], "input_request")
                    self.kc.input(answer)
                self.assertEqual(self.answer(msg_id)["status"], "ok")
                shown = [m["content"]["data"]["text/plain"] for m in self.outputs(msg_id) if m["msg_type"] == "execute_result"]
                self.assertEqual(shown, [] if result is None else [result])
        _, outputs = self.run_cell('GetInput("name? ")', allow_stdin=False)
        lines = [m["content"]["traceback"] for m in outputs if m["msg_type"] == "error"][0]
        self.assertIn("Nobody can be asked", lines[0])

    def test_messages_with_a_wrong_signature_are_dropped(self):
        self.flush_channels()
        good = self.kc.session.key
        self.kc.session.key = b"wrong"
        self.kc.execute("1")
        self.kc.session.key = good
        with self.assertRaises(Empty):
            self.kc.get_shell_msg(timeout=1)

    def test_messages_played_again_are_dropped(self):
        self.flush_channels()
        message = self.kc.session.msg("kernel_info_request")
        frames = self.kc.session.serialize(message)
        for _ in range(2):
            self.kc.shell_channel.socket.send_multipart(frames)
        self.kc.get_shell_msg(timeout=TIMEOUT)
        with self.assertRaises(Empty):
            self.kc.get_shell_msg(timeout=1)

    def test_comms_that_nobody_serves_are_closed(self):
        self.flush_channels()
        message = self.kc.session.msg("comm_open", {"comm_id": "c", "target_name": "none", "data": {}})
        self.kc.shell_channel.send(message)
        outputs = self.outputs(message["header"]["msg_id"])
        self.assertEqual([m["msg_type"] for m in outputs], ["comm_close"])

    def test_assemblies_are_referenced_by_path(self):
        self.run_cell('#r "System.Xml.Linq.dll"')
        self.assertEqual(self.result(f'#r "{ASSEMBLY}"\ntypeof(FsCheck.Gen<int>).Namespace'), "FsCheck")
        self.assertIn("Packages are not fetched", self.error('#r "nuget:Newtonsoft.Json"')[0])

    def test_a_thread_that_fails_leaves_the_notebook_alone(self):
        thread = 'new Thread(() => throw new Exception("lost"))'
        void = 'async void Void() { await Task.Delay(10); throw new Exception("lost"); }'
        for code, line in [
            (f"var survivor = 1;\nvar thread = {thread};\nthread.Start();\nawait Task.Delay(4000);", rf"line 2: var thread = {re.escape(thread)};"),
            (f"{void}\nVoid();\nawait Task.Delay(4000);", rf"line 1, in Void: {re.escape(void)}"),
        ]:
            with self.subTest(code=code):
                reply, outputs = self.run_cell(code)
                self.assertEqual(reply["status"], "ok")
                self.assertRegex(self.printed(outputs, "stderr"), rf"^Exception: lost\n   Cell \d+, {line}\n$")
        self.assertEqual(self.result("survivor"), "1")

    def test_what_a_cell_left_running_goes_on(self):
        self.run_cell('var done = false; async Task Late() { await Task.Delay(300); await Task.Yield(); done = true; } var late = Late();')
        self.assertEqual(self.result("await late; done"), "true")
        self.run_cell('async void Fails() { await Task.Delay(50); throw new Exception("lost"); } Fails();')
        time.sleep(0.3)
        self.assertEqual(self.result("done"), "true")

    def test_the_language_changes_with_the_next_cell(self):
        self.run_cell('NotebookHost.Current!.Culture = new System.Globalization.CultureInfo("zh-CN");')
        try:
            self.assertRegex(self.error("missing")[0], r"^单元格 \d+，第 1 行，第 1 列：当前上下文中不存在名称“missing”（CS0103）$")
            self.assertIn("其他重载", self.inspect("Console.WriteLine"))
        finally:
            self.run_cell('NotebookHost.Current!.Culture = new System.Globalization.CultureInfo("en");')

    def test_latencies(self):
        def milliseconds(action, count=30):
            times = []
            for i in range(count):
                started = time.perf_counter()
                action(i)
                times.append((time.perf_counter() - started) * 1000)
            return f"median {sorted(times)[len(times) // 2]:.0f}, slowest {max(times):.0f}"

        self.flush_channels()
        print(f"\ncell, ms: {milliseconds(lambda i: self.answer(self.kc.execute(f'var latency{i} = {i}; latency{i} * 2')))}", file=sys.stderr)
        print(f"completion, ms: {milliseconds(lambda i: self.answer(self.kc.complete('Console.WriteL')))}", file=sys.stderr)
        print(f"completion of every name, ms: {milliseconds(lambda i: self.answer(self.kc.complete('s')))}", file=sys.stderr)
        print(f"inspection, ms: {milliseconds(lambda i: self.answer(self.kc.inspect('Console.WriteLine')))}", file=sys.stderr)


class Life(unittest.TestCase):
    """Start, restart, end."""

    def value(self, client, code):
        outputs = []
        reply = client.execute_interactive(code, timeout=TIMEOUT, output_hook=outputs.append)
        self.assertEqual(reply["content"]["status"], "ok", reply)
        return [m["content"]["data"]["text/plain"] for m in outputs if m["msg_type"] == "execute_result"][0]

    def test_start_to_first_result(self):
        started = time.time()
        manager, client = start_new_kernel(kernel_name=".net-csharp")
        try:
            self.assertEqual(self.value(client, "1 + 1"), "2")
            print(f"\nstart to first result, s: {time.time() - started:.2f}", file=sys.stderr)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=False)

    def test_restart_forgets_and_history_remembers(self):
        manager, client = start_new_kernel(kernel_name=".net-csharp")
        try:
            self.assertEqual(self.value(client, "var before = 5; before"), "5")
            manager.restart_kernel(now=False)
            client.wait_for_ready(timeout=TIMEOUT)
            reply = client.execute("before", reply=True, timeout=TIMEOUT)
            self.assertEqual(reply["content"]["status"], "error")
            history = client.history(raw=True, output=False, hist_access_type="range", session=-1, start=1, reply=True, timeout=TIMEOUT)
            self.assertIn("var before = 5; before", [h[2] for h in history["content"]["history"]])
        finally:
            client.stop_channels()
            process = manager.provisioner.process
            manager.shutdown_kernel(now=False)
            self.assertEqual(process.poll(), 0)  # By itself; a killed one would have a signal's number.

    def test_shutdown_ends_a_busy_kernel(self):
        manager, client = start_new_kernel(kernel_name=".net-csharp")
        process = manager.provisioner.process
        wait_until_it_runs(client, client.execute("while (true) { }"))
        client.shutdown()
        self.assertEqual(process.wait(timeout=TIMEOUT), 0)
        client.stop_channels()
        manager.cleanup_resources()

    def test_signals_interrupt_and_end(self):
        manager, client = start_new_kernel(kernel_name=".net-csharp")
        process = manager.provisioner.process
        self.value(client, "0")
        wait_until_it_runs(client, client.execute("while (true) { }"))
        process.send_signal(signal.SIGINT)
        self.assertEqual(client.get_shell_msg(timeout=TIMEOUT)["content"]["status"], "error")
        self.assertEqual(self.value(client, "1 + 1"), "2")
        for _ in range(3):
            process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=TIMEOUT), 0)
        client.stop_channels()
        manager.cleanup_resources()

    def test_the_kernel_ends_with_its_parent(self):
        program = (
            "import sys, time\nfrom jupyter_client.manager import start_new_kernel\n"
            "km, kc = start_new_kernel(kernel_name='.net-csharp')\nprint(km.provisioner.process.pid, flush=True)\ntime.sleep(600)\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        kernel = int(parent.stdout.readline())
        os.kill(kernel, 0)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        deadline = time.time() + TIMEOUT
        while time.time() < deadline and alive(kernel):
            time.sleep(0.1)
        self.assertFalse(alive(kernel))


class Notebook(unittest.TestCase):
    """A notebook from top to bottom, as nbconvert --execute runs it."""

    def execute(self, *cells):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"display_name": ".NET (C#)", "language": "C#", "name": ".net-csharp"}},
        )
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "notebook.ipynb")
            nbformat.write(notebook, path)
            done = subprocess.run(["jupyter-nbconvert", "--to", "notebook", "--execute", "--inplace", path], capture_output=True, text=True, timeout=600)
            return done, nbformat.read(path, as_version=4)

    def test_outputs_are_kept(self):
        done, notebook = self.execute(
            "#!csharp\nvar rows = Enumerable.Range(1, 3).Select(i => new { i, Square = i * i }).ToList();\nrows",
            'Console.WriteLine("x");\nawait Task.Delay(1);\ndisplay(SVG("<svg/>"));',
            "rows.Sum(row => row.Square)",
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        outputs = [cell["outputs"] for cell in notebook["cells"]]
        self.assertIn("<table>", outputs[0][0]["data"]["text/html"])
        self.assertEqual(outputs[1][0]["text"], "x\n")
        self.assertEqual(outputs[1][1]["data"]["image/svg+xml"], "<svg/>")
        self.assertEqual(outputs[2][0]["data"]["text/plain"], "14")
        self.assertEqual(notebook["metadata"]["language_info"]["name"], "C#")

    def test_an_error_ends_it(self):
        done, _ = self.execute("var a = 1;\nint.Parse(\"no\");")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Cell 1, line 2", done.stderr)


def alive(process):
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


ASSEMBLY = os.environ.get("FEDLAB_TEST_ASSEMBLY", "")

if __name__ == "__main__":
    unittest.main(verbosity=2)
