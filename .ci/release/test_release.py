"""The tests of the release tool, on a copy of the files under git."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import changelog
import check
import checksums
import packing
import sbom
import stamp
from places import PLACES, SOURCE
from prepare import prepare
from repository import Repository, demanded
from version import Version

HERE = Path(__file__).resolve().parents[2]
DAY = "2031-05-17"
# Apart, because a line such as `name==1.2.3` in this file would be one that is not listed.
GROUP, NAME = "io.github.idcardverification", "idcard-verification"


def _commit(repository: Repository, message: str) -> None:
    repository.git("add", "--all")
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    repository.git(*who, "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", message)


_COPY: Repository


def setUpModule() -> None:
    """Make a repository with the files of this one."""
    global _COPY
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    _COPY = Repository(Path(folder.name).resolve())
    # What is new here and not yet added belongs to it.
    files = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, Repository(HERE).git(*files).split("\0")):
        if (HERE / name).is_file():
            (_COPY.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / name, _COPY.root / name)
    # Right after a release nothing is unreleased.
    log = _COPY.text(changelog.FILE) or ""
    _COPY.write(changelog.FILE, log.replace("## Unreleased\n", "## Unreleased\n\n- A test.\n", 1))
    _COPY.git("init", "--quiet")
    _commit(_COPY, "As it is")
    _COPY.git("branch", "as-it-is")


class OnACopy(unittest.TestCase):
    """Each test begins with the files of this repository and without a tag."""

    def setUp(self) -> None:
        self.here = _COPY
        self.here.git("reset", "--quiet", "--hard", "as-it-is")
        self.here.git("clean", "--quiet", "--force", "-d")
        for tag in self.here.git("tag").split():
            self.here.git("tag", "--delete", tag)
        self.version = check.current(self.here)
        self.next = str(Version.of(self.version).least("minor"))

    def text(self, file: str) -> str:
        text = self.here.text(file)
        assert text is not None
        return text

    def add(self, file: str, text: str) -> None:
        self.here.write(file, text)
        self.here.git("add", file)

    def release(self, version: str) -> None:
        prepare(self.here, version, DAY, first=False)
        _commit(self.here, version)
        self.here.git("tag", f"v{version}")

    def refused(self, why: str, version: str, *, first: bool = False) -> None:
        before = self.here.changed()
        with self.assertRaisesRegex(ValueError, why):
            prepare(self.here, version, DAY, first=first)
        # Whoever is refused finds nothing half written.
        self.assertEqual(before, self.here.changed())


class Check(OnACopy):
    """`check` names what differs."""

    def test_as_it_is_all_agree(self) -> None:
        self.assertEqual(check.faults(self.here), [])

    def test_a_place_with_another_version_is_named(self) -> None:
        for place in PLACES:
            if place == SOURCE:
                continue
            with self.subTest(place=place):
                before = self.text(place.file)
                first = place.found(before)[0]
                self.here.write(place.file, before[: first.start] + "9.8.7" + before[first.end :])
                line = first.line(before)
                self.assertEqual(
                    check.faults(self.here),
                    [f"{place.file}:{line} has 9.8.7, not {self.version}"],
                )
                self.here.write(place.file, before)

    def test_the_source_with_another_version_leaves_the_others_behind(self) -> None:
        text = SOURCE.written(self.text(SOURCE.file), "9.8.7")
        self.here.write(SOURCE.file, text)
        named = "\n".join(check.faults(self.here))
        for place in PLACES[1:]:
            self.assertIn(f"{place.file}:", named)

    def test_a_place_that_has_vanished_is_named(self) -> None:
        for place in PLACES[2:]:
            with self.subTest(place=place):
                before = self.text(place.file)
                first = place.found(before)[0]
                self.here.write(place.file, before[: first.start] + before[first.end :])
                self.assertIn(place.file, check.faults(self.here)[0])
                (self.here.root / place.file).unlink()
                gone = f"{place.file} is gone; it is listed as a place of the version"
                self.assertIn(gone, check.faults(self.here))
                self.here.write(place.file, before)

    def test_a_line_that_is_not_listed_is_named(self) -> None:
        version = self.version
        lines = {
            "Gradle": f'implementation("{GROUP}:{NAME}:{version}")',
            "Maven": f"<groupId>{GROUP}</groupId>\n<artifactId>{NAME}</artifactId>\n"
            f"<version>{version}</version>",
            "pip": f"pip install {NAME}-tools=={version}",
            "Cargo": f'{NAME} = {{ version = "{version}" }}',
            "SwiftPM": f'.package(url: "https://example.invalid/{NAME}", exact: "{version}")',
            "download": f"https://example.invalid/{NAME}/releases/download/v{version}/x.zip",
        }
        for kind, line in lines.items():
            with self.subTest(kind=kind):
                self.add("core/NEW.md", f"Take it:\n\n{line}\n")
                found = check.faults(self.here)
                self.assertEqual(len(found), 1, found)
                self.assertRegex(found[0], rf"^core/NEW.md:[35] has {version} in a {kind} line")
        catalogue = f'idcard = {{ module = "{GROUP}:{NAME}", version = "{version}" }}'
        self.add("core/NEW.md", catalogue)
        self.assertIn("in a Gradle line", check.faults(self.here)[0])

    def test_one_line_more_in_a_listed_file_is_named(self) -> None:
        file = "bindings/kotlin/README.md"
        line = f'implementation("{GROUP}:{NAME}-new:{self.version}")\n'
        self.here.write(file, self.text(file) + line)
        self.assertIn("has 4 versions, not 3", check.faults(self.here)[0])

    def test_the_log_and_the_day_belong_to_the_version(self) -> None:
        self.release(self.next)
        log = self.text(changelog.FILE)
        self.here.write(changelog.FILE, log.replace(f"## {self.next} -", "## 7.7.7 -"))
        self.assertIn("7.7.7 as its newest release", check.faults(self.here)[0])
        self.here.write(changelog.FILE, log.replace(DAY, "2031-05-18"))
        self.assertIn("before 2031-05-18", check.faults(self.here)[0])

    def test_the_tag_is_the_version(self) -> None:
        self.assertIn("the tag is v7.7.7", check.faults(self.here, "v7.7.7")[0])
        if changelog.newest(self.text(changelog.FILE)) is None:
            unreleased = check.faults(self.here, f"v{self.version}")
            self.assertEqual(unreleased, ["CHANGELOG.md has no release"])
        self.release(self.next)
        self.assertEqual(check.faults(self.here, f"v{self.next}"), [])


class Prepare(OnACopy):
    """`prepare` writes everything or nothing."""

    def test_after_it_the_check_passes(self) -> None:
        files = prepare(self.here, self.next, DAY, first=False)
        self.assertEqual(check.faults(self.here), [])
        self.assertEqual(check.current(self.here), self.next)
        expected = {place.file for place in PLACES} | {changelog.FILE, stamp.FILE}
        self.assertEqual(set(files), expected)
        changed = {line[3:] for line in self.here.changed()}
        self.assertEqual(changed, expected)
        log = self.text(changelog.FILE)
        self.assertIn(f"\n## Unreleased\n\n## {self.next} - {DAY}\n", log)
        self.assertEqual(changelog.newest(log), changelog.Release(self.next, DAY))
        self.assertEqual(stamp.day(self.text(stamp.FILE)), DAY)
        # Only numbers differ, apart from the log.
        self.here.git("checkout", "--quiet", changelog.FILE)
        for line in self.here.git("diff", "--unified=0").splitlines():
            if line.startswith("+") and not line.startswith("+++"):
                self.assertRegex(line, rf"{self.next.replace('.', '[.]')}|RELEASED")

    def test_the_command_does_it(self) -> None:
        command = [sys.executable, str(self.here.root / ".ci/release")]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*command, *arguments], capture_output=True, encoding="utf-8", env=environment
            )

        self.assertEqual(run("prepare", self.next).returncode, 0)
        self.assertIn(f"{self.next} in {len(PLACES)} places", run("check").stdout)
        again = run("prepare", "99.0.0")
        self.assertEqual(again.returncode, 1)
        self.assertIn("release: the tree is dirty:\n", again.stderr)

    def test_what_is_no_greater_version_is_refused(self) -> None:
        for text in ("1", "1.2", "01.2.3", "v1.2.3", "1.2.3+build", "1.2.3-", "latest", ""):
            self.refused("is not a version", text)
        self.refused("is not greater than", self.version)
        self.refused("is not greater than", f"{self.version}-rc.1")
        self.refused("is not greater than", "0.0.1")

    def test_the_first_release_may_be_what_stands_there(self) -> None:
        log = self.text(changelog.FILE)
        if changelog.newest(log) is None:
            self.refused("it was never released: add --first", self.version)
            prepare(self.here, self.version, DAY, first=True)
            self.assertEqual(check.faults(self.here), [])
            _commit(self.here, "First")
        self.refused("has been released", self.version, first=True)

    def test_a_dirty_tree_is_refused(self) -> None:
        self.here.write("new.txt", "new\n")
        self.refused(r"dirty:\n  \?\? new.txt", self.next)

    def test_versions_that_differ_are_refused(self) -> None:
        file = "bindings/kotlin/pom.xml"
        self.here.write(file, self.text(file).replace(self.version, "9.8.7"))
        _commit(self.here, "Another")
        self.refused(f"differ as they are:\n  {file}", self.next)

    def test_nothing_to_release_is_refused(self) -> None:
        self.release(self.next)
        following = str(Version.of(self.next).least("patch"))
        with mock.patch.object(Repository, "spec_changes", return_value=[]):
            self.refused("nothing under", following)
        log = self.text(changelog.FILE)
        self.here.write(changelog.FILE, log.replace("Unreleased\n", "Unreleased\n\n### Added\n", 1))
        _commit(self.here, "A heading")
        self.refused("nothing under", following)

    def test_a_smaller_bump_than_the_spec_demands_is_refused(self) -> None:
        self.release("1.2.3")
        log = self.text(changelog.FILE)
        self.here.write(changelog.FILE, log.replace("Unreleased\n", "Unreleased\n\n- New.\n", 1))
        _commit(self.here, "New")
        change = {"id": "result-added", "place": "IdCardVerification -9", "bump": "major-foreign"}
        with mock.patch.object(Repository, "spec_changes", return_value=[change]) as asked:
            self.refused(r"demands 2.0.0 or more.*\n  result-added IdCardVerification -9", "1.3.0")
            asked.assert_called_with("v1.2.3")
            prepare(self.here, "2.0.0", DAY, first=False)
        self.assertEqual(check.faults(self.here), [])

    def test_the_exit_code_of_a_comparison_is_no_failure(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            fake = Path(folder, "cargo")
            script = '#!/bin/sh\necho \'[{"id": "docs", "bump": "patch"}]\'\nexit "$CODE"\n'
            fake.write_text(script, "utf-8")
            fake.chmod(0o755)
            path = f"{folder}{os.pathsep}{os.environ['PATH']}"
            for code in ("0", "10", "20", "30"):
                with mock.patch.dict(os.environ, {"PATH": path, "CODE": code}):
                    self.assertEqual(self.here.spec_changes("v1.0.0")[0]["bump"], "patch")
            with mock.patch.dict(os.environ, {"PATH": path, "CODE": "1"}):
                self.assertRaisesRegex(ValueError, "v1.0.0", self.here.spec_changes, "v1.0.0")


class Parts(unittest.TestCase):
    """What needs no repository."""

    def test_versions_have_the_order_of_precedence(self) -> None:
        ordered = "0.9.9 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta.2 1.0.0-beta.11"
        ordered += " 1.0.0-rc.1 1.0.0 1.0.1 1.1.0 1.10.0 2.0.0-rc.1 2.0.0"
        versions = [Version.of(text) for text in ordered.split()]
        self.assertEqual(sorted(reversed(versions)), versions)
        self.assertEqual(" ".join(map(str, versions)), ordered)

    def test_bumps(self) -> None:
        for old, bump, least in (
            ("0.1.0", "patch", "0.1.1"),
            ("0.1.0", "minor", "0.2.0"),
            ("0.1.0", "major", "0.2.0"),
            ("1.2.3", "patch", "1.2.4"),
            ("1.2.3", "minor", "1.3.0"),
            ("1.2.3", "major", "2.0.0"),
        ):
            self.assertEqual(str(Version.of(old).least(bump)), least)
        self.assertTrue(Version.of("1.2.3").admits("major", Version.of("2.0.0-rc.1")))
        self.assertFalse(Version.of("1.2.3").admits("major", Version.of("1.9.0")))

    def test_the_largest_bump_is_demanded(self) -> None:
        def change(bump: str) -> dict[str, str]:
            return {"id": "x", "place": bump, "bump": bump}

        self.assertEqual(demanded([]), ("patch", []))
        changes = [change("patch"), change("minor"), change("patch")]
        self.assertEqual(demanded(changes), ("minor", ["x minor"]))
        self.assertEqual(demanded([change("minor"), change("major-foreign")])[0], "major")

    def test_the_day_does_not_go_back(self) -> None:
        text = "const RELEASED: u64 = 1_795_651_200;\n"
        self.assertEqual(stamp.day(text), "2026-11-26")
        self.assertEqual(stamp.written(text, "2026-11-25"), text)
        self.assertEqual(stamp.written(text, "2026-11-27"), text.replace("651_200", "737_600"))

    def test_checksums_are_in_order_and_stay(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.assertRaisesRegex(ValueError, "no files", checksums.write, folder)
            for file in ("b", "B", "a b", "sub/a"):
                (folder / file).parent.mkdir(exist_ok=True)
                (folder / file).write_text(file, "utf-8")
            self.assertEqual(checksums.write(folder), 4)
            text = (folder / checksums.NAME).read_text("utf-8")
            order = [line.split("  ", 1)[1] for line in text.splitlines()]
            self.assertEqual(order, ["B", "a b", "b", "sub/a"])
            self.assertTrue(text.startswith(hashlib.sha256(b"B").hexdigest()))
            checksums.write(folder)
            self.assertEqual((folder / checksums.NAME).read_text("utf-8"), text)

    def test_the_command_is_packed_alike_every_time(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for target, file in (("x-linux-musl", ""), ("x-pc-windows-msvc", ".exe")):
                program = folder / target / "release" / f"idcard-verify{file}"
                program.parent.mkdir(parents=True)
                program.write_bytes(b"program")
                with mock.patch.dict(os.environ, {"CARGO_TARGET_DIR": name}):
                    packed = packing.archive(HERE, "1.2.3", target, folder / "dist")
                    before = packed.read_bytes()
                    os.utime(program, (1, 1))
                    again = packing.archive(HERE, "1.2.3", target, folder / "dist").read_bytes()
                    self.assertEqual(again, before)
                shutil.unpack_archive(packed, folder / "out")
                out = folder / "out" / f"idcard-verify-1.2.3-{target}"
                self.assertEqual((out / program.name).read_bytes(), b"program")
                self.assertEqual(len(list(out.iterdir())), 3)
            with self.assertRaisesRegex(ValueError, "has not been built"):
                packing.archive(HERE, "1.2.3", "nowhere", folder)

    def test_what_is_published_is_collected(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            files = ("a/1.2.3/a-1.2.3.jar", "a/1.2.3/a-1.2.3.pom", "a/1.2.3/_remote.repositories")
            for file in (*files, "a/maven-metadata-local.xml", "b/1.2.3/b-1.2.3.aar"):
                (folder / "m2" / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / "m2" / file).write_text(file, "utf-8")
            packing.collect(folder / "m2", folder / "dist")
            there = sorted(path.name for path in (folder / "dist").iterdir())
            self.assertEqual(there, ["a-1.2.3.jar", "a-1.2.3.pom", "b-1.2.3.aar"])
            (folder / "m2/b/1.2.3/b-1.2.3-gate.aar").touch()
            with self.assertRaisesRegex(ValueError, "not to ship"):
                packing.collect(folder / "m2", folder / "dist")
            with self.assertRaisesRegex(ValueError, "no artefacts"):
                packing.collect(folder / "dist/none", folder / "dist")

    def test_a_bill_holds_what_is_inside(self) -> None:
        def described(*names: str) -> sbom.Bom:
            components = [{"bom-ref": n, "name": n, "version": "1.0.0"} for n in names]
            own = {"bom-ref": "own", "name": "own", "version": "0.1.0"}
            needs = [{"ref": n} for n in names]
            return {
                "metadata": {"component": own},
                "components": components,
                "dependencies": [{"ref": "own", "dependsOn": list(names)}, *needs],
            }

        def names(bom: sbom.Bom) -> list[str]:
            return [one["name"] for one in bom["components"]]

        inside = {("own", "0.1.0"), ("b", "1.0.0")}
        first = sbom._reduced(described("a", "b"), inside)
        self.assertEqual(names(first), ["b"])
        needs = [{"ref": "own", "dependsOn": ["b"]}, {"ref": "b", "dependsOn": []}]
        self.assertEqual(first["dependencies"], needs)
        second = sbom._reduced(described("a", "c"), {("own", "0.1.0"), ("a", "1.0.0")})
        merged = sbom._merged(iter([first, second]))
        self.assertEqual(names(merged), ["a", "b"])
        self.assertEqual(merged["dependencies"][-1], {"ref": "own", "dependsOn": ["a", "b"]})
        # A bill that lacks something is none.
        with self.assertRaisesRegex(ValueError, "does not know"):
            sbom._reduced(described("a"), inside)

    def test_what_is_in_a_file_follows_from_its_name(self) -> None:
        table = {
            "phone": {"kind": "android", "triple": "aarch64-linux-android"},
            "tablet": {"kind": "apple", "triple": "aarch64-apple-ios"},
            "glibc": {"kind": "linux", "wheel": "manylinux_2_17_x86_64.manylinux2014_x86_64"},
            "musl": {"kind": "linux", "wheel": "musllinux_1_2_x86_64", "folder": "linux"},
        }
        for name, expected in {
            "idcard_verification-1.2.3-py3-none-manylinux_2_17_x86_64.whl": ("ffi", ["glibc"]),
            "idcard_verification_tools-1.2.3-py3-none-musllinux_1_2_x86_64.whl": (
                "tools",
                ["musl"],
            ),
            "idcard_verification-1.2.3.tar.gz": ("ffi", ["glibc", "musl"]),
            "idcard-verification-1.2.3.jar": ("ffi", ["musl"]),
            "idcard-verification-tools-1.2.3-rc.1.jar": ("tools", ["musl"]),
            "idcard-verification-android-1.2.3.aar": ("ffi", ["phone"]),
            "IdCardVerificationFFI.xcframework.zip": ("ffi", ["tablet"]),
            "idcard-verify-1.2.3-x86_64-apple-darwin.tar.gz": ("cli", ["x86_64-apple-darwin"]),
            "idcard-verify-1.2.3-rc.1-x86_64-pc-windows-msvc.zip": (
                "cli",
                ["x86_64-pc-windows-msvc"],
            ),
        }.items():
            crate, inside = expected
            self.assertEqual(sbom.contents(name, table), (f"idcard-{crate}", inside), name)
        for name in (
            "idcard-verification-1.2.3-sources.jar",
            "idcard-verification-1.2.3-javadoc.jar",
            "idcard-verification-okhttp-1.2.3.jar",
            "idcard-verification-1.2.3.pom",
            "SHA256SUMS",
        ):
            self.assertIsNone(sbom.contents(name, table), name)
        gate = "idcard-verification-android-1.2.3-gate.aar"
        self.assertRaisesRegex(ValueError, "not to ship", sbom.contents, gate, table)
        other = "idcard_verification-1.2.3-py3-none-win_amd64.whl"
        self.assertRaisesRegex(ValueError, "no platform", sbom.contents, other, table)


if __name__ == "__main__":
    unittest.main()
