"""A program with the AAR's classes is shrunk as an app is, and still makes its calls.

It is shrunk by ProGuard and by R8 in full mode into classes that run here, and by R8 into what a
device runs, which shows that R8 takes it. The rules are those of the AAR, of the libraries that it
needs, and the program's `main`.
"""

from __future__ import annotations

import os
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from conftest import Built

MAIN = """
-keep class MainKt { public static void main(java.lang.String[]); }
"""
# Libraries for desktops name what nobody has, and what those for Android do without.
DESKTOP = """
-dontwarn android.annotation.SuppressLint
-dontwarn com.oracle.svm.**
-dontwarn java.lang.instrument.**
-dontwarn org.graalvm.**
-dontwarn sun.misc.**
-dontwarn org.bouncycastle.**
-dontwarn org.conscrypt.**
-dontwarn org.openjsse.**
"""
# Of this machine's Java, what Android has too: nothing of a desktop.
MODULES = ("java.base", "java.logging")
Shrink = Callable[[Built, list[Path], Path], "subprocess.CompletedProcess[str]"]


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def java_home() -> Path:
    return Path(os.path.realpath(run("which", "java").stdout.strip())).parent.parent


def java(built: Built, main: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    # The short way through the compiler: these programs end soon.
    return run("java", "-XX:TieredStopAtLevel=1", "-cp", built.tools / "*", main, *arguments)


def called(built: Built, program: Iterable[Path], url: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, [*program, built.desktop]))
    return run("java", "-cp", path, "MainKt", url)


# Optimisation takes R8 half of its time. It is on where the outcome is run and has to be right.
QUICK = "-dontoptimize\n"


def of_coroutines(built: Built) -> str:
    """The rules that the library brings in its jar, where R8 finds them by itself."""
    jar = next(one for one in built.program if one.name == "kotlinx-coroutines-core-jvm.jar")
    with zipfile.ZipFile(jar) as archive:
        return archive.read("META-INF/proguard/coroutines.pro").decode()


def proguard(built: Built, rules: list[Path], out: Path) -> subprocess.CompletedProcess[str]:
    config = out.with_suffix(".pro")
    inputs = [f"-injars '{built.consumer}'"]
    inputs += [f"-injars '{one}'(!META-INF/**)" for one in built.program]
    inputs += [
        f"-libraryjars '{java_home()}/jmods/{one}.jmod'(!**.jar;!module-info.class)"
        for one in MODULES
    ]
    # ProGuard 7.10's optimisation makes classes of the coroutines that Java does not load.
    lines = [*inputs, "-dontoptimize", f"-outjars '{out}'", MAIN, DESKTOP]
    lines.append(of_coroutines(built))
    config.write_text("\n".join(lines), "utf-8")
    includes = [part for one in rules for part in ("-include", one)]
    return java(built, "proguard.ProGuard", "-include", config, *includes)


def r8_classes(built: Built, rules: list[Path], out: Path) -> subprocess.CompletedProcess[str]:
    config = out.with_suffix(".pro")
    config.write_text(MAIN + DESKTOP, "utf-8")
    given = [part for one in [config, *rules] for part in ("--pg-conf", one)]
    classes = sorted(built.consumer.rglob("*.class"))
    options = ["--classfile", "--release", "--lib", java_home(), *given, "--output", out]
    return java(built, "com.android.tools.r8.R8", *options, *classes, *built.program)


def r8_dex(built: Built, rules: list[Path], out: Path) -> subprocess.CompletedProcess[str]:
    """With what Gradle would take for Android, and with the rules that each AAR brings."""
    folder = out.with_suffix("")
    folder.mkdir()
    config = folder / "app.pro"
    config.write_text(MAIN + QUICK, "utf-8")
    program = [one for one in built.program if not one.name.startswith(("okhttp", "jna"))] + sorted(
        built.android.glob("*.jar")
    )
    configs = [config, *rules]
    for aar in sorted(built.android.glob("*.aar")):
        with zipfile.ZipFile(aar) as archive:
            program.append(folder / f"{aar.stem}.jar")
            program[-1].write_bytes(archive.read("classes.jar"))
            if "proguard.txt" in archive.namelist():
                configs.append(folder / f"{aar.stem}.pro")
                configs[-1].write_bytes(archive.read("proguard.txt"))
    # The framework's classes do not have those of Java among them.
    framework = next(one for one in built.example if one.name.startswith("android-all-"))
    libraries: list[object] = ["--lib", framework]
    for module in MODULES:
        jar = folder / f"{module}.jar"
        with (
            zipfile.ZipFile(java_home() / "jmods" / f"{module}.jmod") as archive,
            zipfile.ZipFile(jar, "w") as copy,
        ):
            for name in archive.namelist():
                if name.startswith("classes/") and name != "classes/module-info.class":
                    copy.writestr(name.removeprefix("classes/"), archive.read(name))
        libraries += ["--lib", jar]
    given = [part for one in configs for part in ("--pg-conf", one)]
    classes = sorted(built.consumer.rglob("*.class"))
    options = ["--release", "--min-api", 26, *libraries, *given, "--output", out]
    return java(built, "com.android.tools.r8.R8", *options, *classes, *program)


@pytest.fixture(scope="session")
def unshrunk(built: Built, sandbox: str) -> list[str]:
    """What the program prints when nothing has been shrunk."""
    told = called(built, [built.consumer, *built.program], sandbox)
    assert told.returncode == 0, told.stdout
    lines = told.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "blocking",
        "suspending",
        "future",
        "refused",
        "signed elsewhere",
        "broken",
    ]
    assert sum("MATCH, CHARGED" in line for line in lines) == 4
    assert "IdCardException$InvalidInput: id_number: length is 1" in lines[3]
    assert "cause java.lang.IllegalStateException; UNKNOWN" in lines[5]
    return lines


@pytest.mark.parametrize("shrink", [proguard, r8_classes])
def test_with_the_rules_it_says_the_same(
    shrink: Shrink, built: Built, rules: Path, sandbox: str, unshrunk: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "shrunk.jar"
    shrunk = shrink(built, [rules], out)
    assert shrunk.returncode == 0, shrunk.stdout
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
    # It did shrink: what nobody uses is gone, and names have gone too.
    assert not any("ManyRun" in name for name in names)
    assert "io/github/idcardverification/Client.class" not in names
    assert called(built, [out], sandbox).stdout.splitlines() == unshrunk


@pytest.mark.parametrize("shrink", [proguard, r8_classes])
def test_without_the_rules_it_fails(
    shrink: Shrink, built: Built, sandbox: str, tmp_path: Path
) -> None:
    out = tmp_path / "shrunk.jar"
    awt = tmp_path / "awt.pro"
    # ProGuard would not even begin.
    awt.write_text("-dontwarn java.awt.**\n" + QUICK, "utf-8")
    shrunk = shrink(built, [awt], out)
    assert shrunk.returncode == 0, shrunk.stdout
    told = called(built, [out], sandbox)
    assert told.returncode != 0
    assert "UnsatisfiedLinkError" in told.stdout


def test_without_any_rule_a_desktops_classes_are_missed(built: Built, tmp_path: Path) -> None:
    shrunk = proguard(built, [], tmp_path / "shrunk.jar")
    assert shrunk.returncode != 0
    assert "can't find referenced class java.awt.Component" in shrunk.stdout


def test_a_device_gets_it_without_a_class_missing(
    built: Built, rules: Path, tmp_path: Path
) -> None:
    out = tmp_path / "app.zip"
    shrunk = r8_dex(built, [rules], out)
    assert shrunk.returncode == 0, shrunk.stdout
    # Of what two jars have: neither is a class.
    harmless = r"Warning: Resource 'META-INF/[\w./-]+' already exists\."
    said = [one for one in shrunk.stdout.splitlines() if not re.fullmatch(harmless, one)]
    assert not any(one.startswith(("Warning", "Error", "Missing")) for one in said), said
    with zipfile.ZipFile(out) as archive:
        dex = archive.read("classes.dex")
    # What is looked up by name when it runs.
    for name in (
        b"Lcom/sun/jna/Pointer;",
        b"Lio/github/idcardverification/RustBuffer$ByValue;",
        b"Lio/github/idcardverification/IdCardException$Network;",
        b"uniffi_idcard_verification_fn_constructor_client_new",
    ):
        assert name in dex, name
    assert b"Lio/github/idcardverification/Client;" not in dex
