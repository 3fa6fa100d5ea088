"""Streams, progress and signals."""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import program
from program import PROGRAM, CloudTest, ProgramTest, environment, restore_signals

# Work that is still far from its end when a signal arrives.
LONG = ["--set", "seeds=1", "--set", "teacher.train.epochs=500000", "--set", "checkpoint.every_s=0"]


class Output(ProgramTest):
    def run_with(self, stdout, *arguments, close=()):
        def prepare():
            restore_signals()
            for descriptor in close:
                os.close(descriptor)
        return subprocess.run([PROGRAM, *arguments], stdout=stdout, stderr=subprocess.PIPE, cwd=self.folder,
                              env=environment(), preexec_fn=prepare, timeout=60)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            for arguments in (["help"], ["help", "recipe"], ["info", "--json"], ["--version"]):
                done = self.run_with(full, *arguments)
                self.assertEqual(done.returncode, 7)
                self.assertEqual(done.stderr.decode(),
                                 "qstill: standard output cannot be written: No space left on device\n")

    def test_closed_stdout(self):
        done = self.run_with(None, "info", close=[1])
        self.assertEqual(done.returncode, 7)
        self.assertIn(b"qstill: standard output cannot be written", done.stderr)

    def test_closed_stderr_and_stdin(self):
        self.assertEqual(self.run_with(subprocess.DEVNULL, "info", close=[0, 2]).returncode, 0)
        self.assertEqual(self.run_with(subprocess.DEVNULL, "nonsense", close=[0, 2]).returncode, 2)

    def test_files_do_not_land_on_a_closed_descriptor(self):
        self.write_npy("s.npy", [[0.5, 0.25]])
        self.write_npy("y.npy", [1], "<i8")
        for number, close in enumerate(([0], [1], [2], [0, 1, 2])):
            arguments = ["loss", "ce", "--student", "s.npy", "--labels", "y.npy", "--gradient-out", f"g{number}.npy"]
            done = self.run_with(None if 1 in close else subprocess.DEVNULL, *arguments, close=close)
            self.assertEqual(done.returncode, 7 if 1 in close else 0)
            self.assertEqual(len(self.read_npy(f"g{number}.npy")), 1)

    def test_closed_stdin_is_not_read(self):
        done = self.run_with(subprocess.DEVNULL, "run", "-", close=[0])
        self.assertEqual(done.returncode, 7)

    def test_a_reader_that_goes_away_is_no_error(self):
        for arguments in (["help", "recipe"], ["info", "--json"]):
            process = self.start(*arguments)
            process.stdout.close()
            self.assertEqual((process.wait(timeout=60), process.stderr.read()), (0, b""))
            process.stderr.close()

    def test_results_go_to_stdout_alone(self):
        self.assertEqual(self.qstill("info", "--json").err, "")
        self.assertEqual(self.qstill("help").err, "")


class Pipe(CloudTest):
    def test_a_reader_that_goes_away_early(self):
        self.qstill("data", "recipe.yaml", "-o", "d")
        self.qstill("teacher", "recipe.yaml", "--data", "d", "-o", "m", "--set", "teacher.train.epochs=1", "--quiet")
        many = self.folder / "many.csv"
        header, *rows = (self.folder / "raw.csv").read_text().splitlines(keepends=True)
        many.write_text(header + "".join(rows) * 200)
        process = self.start("predict", "m", "--data", "many.csv")
        first = process.stdout.readline()
        process.stdout.close()
        self.assertEqual(first, b"label,ant,bee,cat\n")
        self.assertEqual((process.wait(timeout=60), process.stderr.read()), (0, b""))
        process.stderr.close()

    def test_recipe_from_stdin(self):
        recipe = (self.folder / "recipe.yaml").read_bytes()
        self.qstill("data", "recipe.yaml", "-o", "one", "--quiet")
        self.qstill("data", "-", "-o", "two", stdin=recipe)
        for name in ("dataset.json", "dataset.safetensors"):
            self.assertEqual((self.folder / "one" / name).read_bytes(), (self.folder / "two" / name).read_bytes())


class Progress(CloudTest):
    def test_plain_lines_when_not_a_terminal(self):
        err = self.qstill("run", "recipe.yaml", "--out", "r").err
        lines = [line for line in err.splitlines() if not line.startswith("qstill: warning: ")]
        self.assertGreaterEqual(len(lines), 2)
        for line in lines:
            self.assertRegex(line, r"^ *\d+ %  (loss \S+  )?(\d+:\d\d left  )?\S.*$")
        shares = [int(line.split("%")[0]) for line in lines]
        self.assertEqual(shares, sorted(shares))
        stages = [re.sub(r"^ *\d+ %  (loss \S+  )?(\d+:\d\d left  )?", "", line) for line in lines]
        self.assertTrue(all(a != b for a, b in zip(stages, stages[1:])), "a line without news in a run of a second")

    def test_quiet(self):
        err = self.qstill("run", "recipe.yaml", "--out", "r", "--quiet").err
        self.assertTrue(all(line.startswith("qstill: warning: ") for line in err.splitlines()), err)

    def on_terminal(self, *arguments, columns=0, **changes):
        """Runs with stderr on a terminal; gives the exit code, what stdout got, and what the terminal got."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal to be had: {error}")
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=theirs,
                                   env=environment(**{"TERM": "xterm", **changes}), preexec_fn=restore_signals)
        os.close(theirs)
        seen, shown = b"", b""
        descriptors = {ours, process.stdout.fileno()}
        while descriptors:
            for descriptor in select.select(list(descriptors), [], [], 120)[0]:
                try:
                    piece = os.read(descriptor, 65536)
                except OSError as error:
                    if error.errno != errno.EIO:
                        raise
                    piece = b""
                if not piece:
                    descriptors.remove(descriptor)
                elif descriptor == ours:
                    seen += piece
                else:
                    shown += piece
        os.close(ours)
        process.stdout.close()
        return process.wait(), shown.decode(), seen.decode()

    def test_a_bar_on_a_terminal(self):
        code, _, seen = self.on_terminal("run", "recipe.yaml", "--out", "r", "--set", "seeds=1",
                                         "--set", "teacher.train.epochs=2000")
        self.assertEqual(code, 0)
        self.assertIn("░", seen)
        self.assertRegex(seen, r"\d+ %")
        self.assertTrue(seen.endswith("\r\x1b[K"), "the bar is not erased at the end")
        self.assertNotRegex(seen, r"\x1b\[\d*m", "colours")

    def test_the_bar_fits_the_terminal(self):
        for columns in (5, 20, 41, 60, 0, 300):
            code, _, seen = self.on_terminal("run", "recipe.yaml", "--out", f"r{columns}", "--set", "seeds=1",
                                             "--set", "teacher.train.epochs=2000", columns=columns)
            self.assertEqual(code, 0)
            widest = max(map(len, re.split(r"\r(?:\x1b\[K|\n)?|\n", seen)))
            self.assertLess(widest, columns or 80)
            self.assertGreater(widest, {5: -1, 20: -1}.get(columns, 30))

    def test_the_bar_moves_but_does_not_flicker(self):
        for epochs in (5000, 20000, 80000, 320000):
            begin = time.monotonic()
            _, _, seen = self.on_terminal("run", "recipe.yaml", "--out", f"r{epochs}",
                                          "--set", f"teacher.train.epochs={epochs}")
            duration = time.monotonic() - begin
            if duration > 2:
                break
        frames = seen.count("%")
        self.assertGreaterEqual(frames, 4)
        self.assertLessEqual(frames, 10 * duration + 1)

    def test_no_bar_where_it_would_do_harm(self):
        for changes in ({"TERM": "dumb"}, {"TERM": None}):
            code, _, seen = self.on_terminal("data", "recipe.yaml", "--out", f"d{changes['TERM']}", **changes)
            self.assertEqual(code, 0)
            self.assertNotIn("\x1b", seen)
        code, _, seen = self.on_terminal("run", "recipe.yaml", "--out", "q", "--quiet", "--set", "seeds=1")
        self.assertNotIn("\x1b", seen)

    def test_ascii_where_the_locale_is_not_utf8(self):
        code, _, seen = self.on_terminal("run", "recipe.yaml", "--out", "r", "--set", "seeds=1",
                                         "--set", "teacher.train.epochs=2000", LANG="C")
        self.assertEqual(code, 0)
        self.assertNotIn("░", seen)
        self.assertIn("....", seen)


class Signals(CloudTest):
    def test_closed_descriptors_are_held(self):
        def prepare():
            restore_signals()
            for descriptor in range(3):
                os.close(descriptor)
        process = subprocess.Popen([PROGRAM, "run", "recipe.yaml", "--out", "r", *LONG], cwd=self.folder,
                                   env=environment(), preexec_fn=prepare)
        try:
            while not (self.folder / "r").exists():
                self.assertIsNone(process.poll())
                time.sleep(0.01)
            time.sleep(0.2)
            for descriptor in range(3):
                self.assertEqual(os.readlink(f"/proc/{process.pid}/fd/{descriptor}"), "/dev/null")
        finally:
            process.kill()
            process.wait()

    def start_long(self):
        process = self.start("run", "recipe.yaml", "--out", "r", *LONG)
        self.assertRegex(process.stderr.readline(), rb"%")
        time.sleep(0.5)
        return process

    def finish(self, process):
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err.decode()

    def test_first_signal_stops_cleanly(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(signal=number.name):
                process = self.start_long()
                begin = time.monotonic()
                process.send_signal(number)
                returned, out, err = self.finish(process)
                self.assertLess(time.monotonic() - begin, 2)
                self.assertEqual((returned, out), (code, b""))
                self.assert_one_message(err)
                subprocess.run(["rm", "-r", self.folder / "r"], check=True)

    def test_second_signal_stops_at_once(self):
        process = self.start_long()
        os.kill(process.pid, signal.SIGSTOP)
        process.send_signal(signal.SIGINT)
        os.kill(process.pid, signal.SIGCONT)
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.0005)
        returned, _, err = self.finish(process)
        self.assertIn(returned, (-signal.SIGINT, -signal.SIGTERM, 130, 143))
        self.assertNotIn("Sanitizer", err)

    def test_a_background_job_keeps_sigint_ignored(self):
        def ignore():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        process = subprocess.Popen([PROGRAM, "run", "recipe.yaml", "--out", "r", *LONG], cwd=self.folder,
                                   env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   preexec_fn=ignore)
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        time.sleep(1)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process)[0], 143)


if __name__ == "__main__":
    program.main()
