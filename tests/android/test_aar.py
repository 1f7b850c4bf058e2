"""The AAR is as it has to be, and each way in which it could be broken is found."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import aar as reader
import assemble
import lief
import pytest
from aar import LIBRARY, Aar, faults
from conftest import HERE, ROOT, Built

ARM64 = f"jni/arm64-v8a/{LIBRARY}"
ARM = f"jni/armeabi-v7a/{LIBRARY}"
OURS = "io/github/idcardverification/"

Break = Callable[[Aar], None]
BROKEN: list[tuple[str, Break, str]] = []


def broken(said: str) -> Callable[[Break], Break]:
    """Registers a way to break an AAR, and what is said of it."""

    def register(one: Break) -> Break:
        BROKEN.append((one.__name__, one, said))
        return one

    return register


def changed(content: bytes, change: Callable[[lief.ELF.Binary], None]) -> bytes:
    binary = lief.ELF.parse(io.BytesIO(content))
    assert binary is not None
    change(binary)
    return bytes(binary.write_to_bytes())


def loaded(binary: lief.ELF.Binary) -> Iterator[lief.ELF.Segment]:
    return (one for one in binary.segments if one.type == lief.ELF.Segment.TYPE.LOAD)


def with_small_pages(binary: lief.ELF.Binary) -> None:
    for one in loaded(binary):
        one.alignment = 0x1000


@broken("jni/x86_64/libidcard_verification_ffi.so is missing")
def an_abi_is_missing(aar: Aar) -> None:
    del aar.entries[f"jni/x86_64/{LIBRARY}"]


@broken("jni/x86/libidcard_verification_ffi.so does not belong into it")
def an_abi_too_many(aar: Aar) -> None:
    aar.entries[f"jni/x86/{LIBRARY}"] = aar.entries[ARM]


@broken("LICENSE is missing")
def no_licence(aar: Aar) -> None:
    del aar.entries["LICENSE"]


@broken("assets/x does not belong into it")
def something_else_in_it(aar: Aar) -> None:
    aar.entries["assets/x"] = b""


@broken("the manifest's minSdkVersion is 24, not 26")
def another_api_level(aar: Aar) -> None:
    manifest = aar.entries["AndroidManifest.xml"].replace(b'"26"', b'"24"')
    aar.entries["AndroidManifest.xml"] = manifest


@broken("the manifest's package is com.example")
def another_package(aar: Aar) -> None:
    manifest = aar.entries["AndroidManifest.xml"]
    aar.entries["AndroidManifest.xml"] = manifest.replace(reader.PACKAGE.encode(), b"com.example")


@broken("the manifest adds uses-permission android.permission.INTERNET to an app")
def a_permission(aar: Aar) -> None:
    permission = b'<uses-permission android:name="android.permission.INTERNET" /></manifest>'
    manifest = aar.entries["AndroidManifest.xml"].replace(b"</manifest>", permission)
    aar.entries["AndroidManifest.xml"] = manifest


@broken("the name and the manifest do not agree on whether it may be shipped")
def a_gate_by_another_name(aar: Aar) -> None:
    is_gate = aar.name.endswith("-gate.aar")
    aar.name = aar.name.replace("-gate", "") if is_gate else aar.name.replace(".aar", "-gate.aar")


@broken("classes.jar has no Client.class")
def a_class_is_missing(aar: Aar) -> None:
    del aar.classes[f"{OURS}Client.class"]


@broken("com/sun/jna/Native.class does not belong into classes.jar")
def the_classes_of_jna(aar: Aar) -> None:
    aar.classes["com/sun/jna/Native.class"] = aar.classes[f"{OURS}Client.class"]


@broken("okhttp3/Call.class does not belong into classes.jar")
def the_classes_of_okhttp(aar: Aar) -> None:
    aar.classes["okhttp3/Call.class"] = aar.classes[f"{OURS}Client.class"]


@broken(f"linux-x86-64/{LIBRARY} does not belong into classes.jar")
def a_desktops_library(aar: Aar) -> None:
    aar.classes[f"linux-x86-64/{LIBRARY}"] = b"\x7fELF"


@broken("Client.class has class version 65, more than 61")
def newer_classes(aar: Aar) -> None:
    name = f"{OURS}Client.class"
    aar.classes[name] = aar.classes[name][:6] + (65).to_bytes(2, "big") + aar.classes[name][8:]


@broken("the POM names net.java.dev.jna:jna as jar")
def the_jar_of_jna(aar: Aar) -> None:
    aar.pom = aar.pom.replace("      <type>aar</type>\n", "")


@broken("the POM names com.squareup.okhttp3:okhttp-jvm as jar")
def the_okhttp_of_desktops(aar: Aar) -> None:
    aar.pom = aar.pom.replace("<artifactId>okhttp<", "<artifactId>okhttp-jvm<")


@broken("the POM's packaging is jar")
def packaged_as_a_jar(aar: Aar) -> None:
    aar.pom = aar.pom.replace("<packaging>aar<", "<packaging>jar<")


@broken("the POM has no version of net.java.dev.jna:jna")
def a_version_that_nobody_filled_in(aar: Aar) -> None:
    aar.pom = re.sub(r"(>jna</artifactId>\s*<version>)[^<]+", r"\1@jna.version@", aar.pom)


@broken("the POM has com.squareup.okhttp3:okhttp in the scope provided")
def a_dependency_that_nobody_gets(aar: Aar) -> None:
    aar.pom = re.sub(
        r"(>okhttp</artifactId>\s*<version>[^<]+</version>)", r"\1<scope>provided</scope>", aar.pom
    )


@broken(f"{ARM64} is aligned to 0x1000, not to 0x4000")
def small_pages(aar: Aar) -> None:
    aar.entries[ARM64] = changed(aar.entries[ARM64], with_small_pages)


@broken("JNA's jni/arm64-v8a/libjnidispatch.so is aligned to 0x1000, not to 0x4000")
def small_pages_of_jna(aar: Aar) -> None:
    name = "jni/arm64-v8a/libjnidispatch.so"
    aar.jna[name] = changed(aar.jna[name], with_small_pages)


@broken("JNA has no jni/armeabi-v7a/libjnidispatch.so")
def jna_without_an_abi(aar: Aar) -> None:
    del aar.jna["jni/armeabi-v7a/libjnidispatch.so"]


@broken(f"{ARM64} is for ARCH.ARM and CLASS.ELF32")
def an_abis_library_for_another(aar: Aar) -> None:
    aar.entries[ARM64] = aar.entries[ARM]


@broken(f"{ARM64} is no ELF file")
def what_is_no_library(aar: Aar) -> None:
    aar.entries[ARM64] = b"MZ"


@broken(f"{ARM64} has the SONAME libother.so")
def another_soname(aar: Aar) -> None:
    def rename(binary: lief.ELF.Binary) -> None:
        for one in binary.dynamic_entries:
            if isinstance(one, lief.ELF.DynamicSharedObject):
                one.name = "libother.so"

    aar.entries[ARM64] = changed(aar.entries[ARM64], rename)


def exporting(name: str) -> Break:
    def add(binary: lief.ELF.Binary) -> None:
        binary.add_exported_function(next(loaded(binary)).virtual_address, name)

    def break_it(aar: Aar) -> None:
        aar.entries[ARM64] = changed(aar.entries[ARM64], add)

    return break_it


@broken(f"{ARM64} exports rust_eh_personality")
def an_exported_function_too_many(aar: Aar) -> None:
    exporting("rust_eh_personality")(aar)


@broken(f"{ARM64} exports UNIFFI_META_IDCARD_VERIFICATION_FUNC_CHECK_NAME")
def exported_metadata(aar: Aar) -> None:
    exporting("UNIFFI_META_IDCARD_VERIFICATION_FUNC_CHECK_NAME")(aar)


@broken(f"{ARM64} has the metadata of the generator")
def hidden_metadata(aar: Aar) -> None:
    aar.entries[ARM64] += b"UNIFFI_META"


@broken(f"{ARM64} is not stripped")
def symbols_for_a_debugger(aar: Aar) -> None:
    def add(binary: lief.ELF.Binary) -> None:
        section = lief.ELF.Section(".debug_info")
        section.content = [0] * 16
        binary.add(section, False)

    aar.entries[ARM64] = changed(aar.entries[ARM64], add)


@pytest.fixture(scope="session")
def good(built: Built) -> Aar:
    return reader.read(built.aar, built.pom, built.android / "jna.aar")


@pytest.mark.parametrize(
    ("break_it", "said"), [one[1:] for one in BROKEN], ids=[o[0] for o in BROKEN]
)
def test_what_is_broken_is_found(break_it: Break, said: str, good: Aar) -> None:
    one = copy.deepcopy(good)
    break_it(one)
    found = faults(one)
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize("rule", range(len(reader.RULES)))
def test_each_rule_is_missed(rule: int, good: Aar) -> None:
    one = copy.deepcopy(good)
    text = re.sub(r"#.*\n", "", one.entries["proguard.txt"].decode())
    rules = [part for part in re.split(r"(?m)^(?=-)", text) if part.strip()]
    assert len(rules) == len(reader.RULES)
    one.entries["proguard.txt"] = "".join(rules[:rule] + rules[rule + 1 :]).encode()
    assert len(faults(one)) == 1
    assert "proguard.txt has no rule like" in faults(one)[0]


def test_a_rule_in_a_comment_is_none(good: Aar) -> None:
    one = copy.deepcopy(good)
    text = one.entries["proguard.txt"].replace(b"-dontwarn", b"# -dontwarn")
    one.entries["proguard.txt"] = text
    assert len(faults(one)) == 1


def test_it_is_as_it_has_to_be(good: Aar) -> None:
    assert faults(good) == []


def test_the_sources_are_beside_it(built: Built) -> None:
    sources = built.pom.with_name(built.pom.stem + "-sources.jar")
    with zipfile.ZipFile(sources) as archive:
        names = archive.namelist()
    for name in ("Loading.kt", "idcard_verification.kt", "okhttp/OkHttpTransport.kt"):
        assert OURS + name in names


def test_the_same_input_makes_the_same_bytes(built: Built, tmp_path: Path) -> None:
    path = assemble.assemble(built.native, tmp_path)
    assert path.name == built.aar.name
    for one in (built.aar, built.pom, built.pom.with_name(built.pom.stem + "-sources.jar")):
        assert (path.parent / one.name).read_bytes() == one.read_bytes()


def test_without_a_mark_it_has_the_released_name(built: Built, tmp_path: Path, good: Aar) -> None:
    for abi in assemble.ABIS:
        folder = tmp_path / "native" / f"android-{abi}"
        folder.mkdir(parents=True)
        (folder / LIBRARY).write_bytes(good.entries[f"jni/{abi}/{LIBRARY}"])
    version = built.pom.parent.name
    released = assemble.assemble(tmp_path / "native", tmp_path)
    assert released.name == f"idcard-verification-android-{version}.aar"
    assert faults(reader.read(released, built.pom, built.android / "jna.aar")) == []
    (folder / "NOT-SHIPPABLE").touch()
    gate = assemble.assemble(tmp_path / "native", tmp_path)
    assert gate.name == f"idcard-verification-android-{version}-gate.aar"
    # Neither stays beside the other.
    assert not released.exists()
    assert faults(reader.read(gate, built.pom, built.android / "jna.aar")) == []


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"there is no libidcard\w+\.so for arm64-v8a"):
        assemble.assemble(tmp_path, tmp_path)


def test_the_guide_shows_what_is_tested() -> None:
    """The signer in the guide is the example's, word for word; the API level is the manifest's."""
    guide = (ROOT / "bindings/kotlin/android/README.md").read_text("utf-8")
    shown = guide[guide.index("class Backend(") :].partition("```")[0]
    package = "src/main/kotlin/io/github/idcardverification/example"
    assert shown in (HERE / "example" / package / "Backend.kt").read_text("utf-8")
    assert f"minSdk = {reader.MIN_SDK}" in guide
