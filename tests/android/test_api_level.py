"""The API level in the manifest is the lowest whose classes are enough for ours."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from conftest import HERE, Built
from test_shrinking import run

# Beside the framework's: ours, and those of libraries that have levels of their own.
OTHERS: tuple[str, ...] = ("io.github.idcardverification.*", "kotlin.*", "kotlinx.*")
OTHERS += ("com.sun.jna.*", "okhttp3.*", "okio.*")
# Android 13 has it. Whether it is there is asked before it is used, and JNA's is the other choice.
CLEANER = ("java.lang.ref.Cleaner", "java.lang.ref.Cleaner$*")


def missing(built: Built, level: int, tmp_path: Path, others: tuple[str, ...]) -> set[str]:
    """Classes of ours that use what is not there, with what that is."""
    jar = tmp_path / "classes.jar"
    with zipfile.ZipFile(built.aar) as archive:
        jar.write_bytes(archive.read("classes.jar"))
    signatures = built.android / f"gummy-bears-api-{level}.signature"
    path = built.tools / "*"
    told = run("java", "-cp", path, HERE / "ApiLevel.java", signatures, jar, *others)
    found = set(re.findall(r"(\w+)\.class.*: Undefined reference: (.*)", told.stdout))
    assert told.returncode == bool(found), told.stdout
    return {f"{name}: {reference}" for name, reference in found}


def test_android_8_has_what_the_library_uses(built: Built, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.aar) as archive:
        assert b'minSdkVersion="26"' in archive.read("AndroidManifest.xml")
    assert missing(built, 26, tmp_path, OTHERS + CLEANER) == set()


def test_nothing_but_the_cleaner_is_left_out_of_it(built: Built, tmp_path: Path) -> None:
    found = missing(built, 26, tmp_path, OTHERS)
    assert {one.partition(":")[0] for one in found} == {
        "JavaLangRefCleaner",
        "JavaLangRefCleanable",
    }


@pytest.mark.parametrize("used", ["java.time.Duration", "java.time.DateTimeException"])
def test_an_older_android_has_not(used: str, built: Built, tmp_path: Path) -> None:
    assert any(used in one for one in missing(built, 24, tmp_path, OTHERS + CLEANER))
