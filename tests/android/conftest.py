"""Where tests/run/android.sh has put things, and the sandbox that the programs call."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path += [str(ROOT / "bindings" / "platforms"), str(ROOT / "bindings" / "kotlin" / "android")]


@dataclass(frozen=True)
class Built:
    """What has been built before the tests."""

    aar: Path
    pom: Path
    #: What it was put together from, beside classes.
    native: Path
    #: Tools that work on classes.
    tools: Path
    #: What an app for Android has beside the AAR.
    android: Path
    #: The consumer's classes, and the jars that it needs on this machine.
    consumer: Path
    program: list[Path]
    #: The example's class path for its tests, without its own classes.
    example: list[Path]
    #: Folder of this machine's native library, by JNA's names.
    desktop: Path


@pytest.fixture(scope="session")
def built() -> Built:
    aar = Path(os.environ["AAR"])
    consumer = HERE / "consumer" / "target"
    example = HERE / "example" / "target"
    class_path = (example / "class-path").read_text("utf-8").strip().split(os.pathsep)
    return Built(
        aar=aar,
        pom=Path(os.environ["AAR_POM"]),
        native=Path(os.environ["ANDROID_NATIVE"]),
        tools=HERE / "shrinkers" / "target" / "tools",
        android=HERE / "shrinkers" / "target" / "android",
        consumer=consumer / "classes",
        program=sorted((consumer / "program").glob("*.jar")),
        example=[example / "test-classes", *map(Path, class_path)],
        desktop=ROOT / "bindings" / "kotlin" / "target" / "generated" / "ffi" / "native",
    )


@pytest.fixture(scope="session")
def sandbox(built: Built) -> Iterator[str]:
    """The address of a sandbox in a process of its own: what is shrunk does not have it."""
    path = os.pathsep.join(map(str, built.example))
    command = ["java", "-cp", path, "io.github.idcardverification.example.ServedSandboxKt"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


@pytest.fixture(scope="session")
def rules(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules as an app gets them: out of the AAR."""
    target = tmp_path_factory.mktemp("rules") / "proguard.txt"
    with zipfile.ZipFile(built.aar) as archive:
        target.write_bytes(archive.read("proguard.txt"))
    return target
