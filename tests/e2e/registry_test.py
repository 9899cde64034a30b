"""What docs/registry.md tells a reader to type."""
import os
import pathlib
import re
import subprocess

import tenon
from tenon import Case

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "registry.md"


class Registry(Case):
    def test_the_page_runs_as_it_stands(self):
        self.tenon.start()
        script = re.search(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S).group(1)
        environment = {**os.environ, "TENON_ADDRESS": self.tenon.address,
                       "PATH": f"{tenon.BIN}:{os.environ['PATH']}"}
        done = subprocess.run(["sh", "-e", "-c", script], cwd=self.place, env=environment,
                              capture_output=True, text=True, timeout=tenon.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not like this", done.stdout)
        self.assertIn("retyped  id  long  string", done.stdout)
        self.assertIn("safe, 1 change", done.stdout)
        self.assertIn("version 2  AVAILABLE", done.stdout)
        problems = self.tenon.run("fsck", check=False)
        self.assertIn("no problem", str(problems.stdout))


if __name__ == "__main__":
    tenon.main()
