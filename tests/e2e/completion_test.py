"""The scripts of `tenon completion` in real shells, each on a terminal of its own."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

import tenon

PROMPT = "ready> "
# Sanitizers are slow, and a Tab gives up soon: the line itself may say otherwise.
PATIENT = "--timeout 60s "


class Shell:
    """A shell that shows its line in brackets on Ctrl-T, and is ended by its id."""

    def __init__(self, command, setup, environment, folder):
        self.seen = ""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.wait_for(re.escape(PROMPT))
        self.type(setup + "\r")
        time.sleep(0.2)
        self.type("echo set''up\r")
        self.wait_for(r"setup[\s\S]*" + re.escape(PROMPT))

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, pattern):
        end = time.time() + tenon.PATIENCE_S
        while time.time() < end:
            found = re.search(pattern, self.seen)
            if found:
                self.seen = self.seen[found.end():]
                return found
            if select.select([self.fd], [], [], 0.2)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        raise AssertionError(f"no {pattern} in {self.seen!r}")

    def after_tab(self, typed):
        """The line that `typed` becomes by one Tab."""
        self.type(typed + "\t")
        self.type("\x14")
        line = self.wait_for(r"<<(.*?)>>").group(1)
        self.type("\x05\x15")  # to the end, and away with it
        return line

    def close(self):
        os.close(self.fd)
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)


class Completion(tenon.Case):
    def setUp(self):
        super().setUp()
        self.tenon.start()
        for name in ("sales", "my.db"):
            self.tenon.run("database", "create", name)
        for database, name in (("sales", "orders"), ("sales", "customers"), ("my.db", "things")):
            self.write("t.json", '{"database": "%s", "name": "%s", "storage": {"columns": '
                       '[{"name": "amount", "type": "int"}, {"name": "place", "type": "string"}]}}' % (database, name))
            self.tenon.run("table", "put", "t.json")
        self.write("job.yaml", "name: x")
        self.environment = {**os.environ, "TENON_ADDRESS": self.tenon.address, "TERM": "xterm", "HOME": str(self.place),
                            "PATH": f"{tenon.BIN}:{os.environ['PATH']}"}

    # What is typed, and what one Tab makes of it; {p} is PATIENT.
    CASES = (
        ("compl", "completion "),
        ("datab", "database"),
        ("database u", "database update "),
        ("partition index a", "partition index add "),
        ("help table re", "help table rename "),
        ("show --as", "show --as-of "),
        ("--col", "--color "),
        ("--color alw", "--color always "),
        ("job put job.y", "job put job.yaml "),
        ("{p}show sa", "{p}show sales."),
        ("{p}show sales.or", "{p}show sales.orders "),
        ("{p}tables sa", "{p}tables sales "),
        ("{p}show sales.orders --why am", "{p}show sales.orders --why amount "),
        ("{p}crawl . --database sa", "{p}crawl . --database sales "),
        ("{p}rollback sales.orders ", "{p}rollback sales.orders 0 "),
        ("{p}show nosuch.", "{p}show nosuch."),
    )

    def check(self, shell, cases):
        for typed, becomes in cases:
            with self.subTest(typed=typed):
                typed, becomes = (f"tenon {text.format(p=PATIENT)}" for text in (typed, becomes))
                self.assertEqual(shell.after_tab(typed).rstrip(), becomes.rstrip())

    def shell(self, command, setup, **more):
        if not shutil.which(command[0]):
            self.skipTest(f"{command[0]} is not installed")
        shell = Shell(command, setup, {**self.environment, **more}, self.place)
        self.addCleanup(shell.close)
        return shell

    def bash(self):
        shell = self.shell(["bash", "--norc", "--noprofile", "-i"],
                           "bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; "
                           "bind -x '\"\\C-t\": printf \"<<%s>>\\n\" \"$READLINE_LINE\"'; "
                           "source <(tenon completion bash)", PS1=PROMPT)
        return shell

    def test_bash(self):
        shell = self.bash()
        self.check(shell, self.CASES)
        self.check(shell, (
            ("sql --format=csv --mem", "sql --format=csv --memory "),
            ("crawl . --choices=k", "crawl . --choices=keep "),
            ("{p}show '`my.db`.th", "{p}show '`my.db`.things' "),
            ("{p}show \"sales.or", "{p}show \"sales.orders\" "),
            ("tables > job.y", "tables > job.yaml "),
        ))

    def test_bash_shows_what_there_is(self):
        shell = self.bash()
        shell.type(f"tenon {PATIENT}show sales.\t\t")
        shell.wait_for(r"sales\.customers\s+sales\.orders")
        shell.type("\x03")

    def test_zsh(self):
        shell = self.shell(["zsh", "-f", "-i"],
                           "autoload -Uz compinit && compinit -u -D; unsetopt beep zle_bracketed_paste; PROMPT='" + PROMPT +
                           "'; show() { print -r -- \"<<$BUFFER>>\" }; zle -N show; bindkey '^T' show; "
                           "source <(tenon completion zsh)", PS1=PROMPT)
        self.check(shell, self.CASES)
        self.check(shell, (("sql --format=cs", "sql --format=csv "), ("--tls-ca=job.y", "--tls-ca=job.yaml ")))

    def test_fish(self):
        self.write("config/fish/config.fish",
                   f"function fish_prompt; echo -n '{PROMPT}'; end; function fish_greeting; end; "
                   "bind \\ct 'echo \"<<\"(commandline)\">>\"'")
        shell = self.shell(["fish", "-i"], "tenon completion fish | source",
                           XDG_CONFIG_HOME=str(self.place / "config"), XDG_DATA_HOME=str(self.place / "data2"))
        self.check(shell, self.CASES)

    def test_nobody_answers(self):
        """Nothing is said, and soon."""
        self.tenon.stop()
        began = time.time()
        for words in (["words", "show", ""], ["bash", "tenon show ", " \t"], [], ["words"], ["bash"], ["nonsense", "x"]):
            done = subprocess.run([tenon.BIN / "tenon", "__complete", *words], capture_output=True, text=True,
                                  env=self.environment, timeout=tenon.PATIENCE_S)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), words)
        self.assertLess(time.time() - began, 60)


if __name__ == "__main__":
    tenon.main()
